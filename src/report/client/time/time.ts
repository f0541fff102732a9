/** Rate, p95 and failures on one time axis, with the brush that chooses the range of the whole page. */
import { create, pointer, scaleLinear } from 'd3';
import { h, onWidth, section } from '../dom.js';
import type { Page } from '../page.js';
import { rangeChanged } from '../state.js';
import { MARGIN, type Part, timeAxis } from './axes.js';
import { addBrush, onKeys } from './brush.js';
import {
  CHART_BOTTOM,
  type EdgeLine,
  type Frame,
  PANELS,
  failurePanel,
  ratePanel,
  speedPanel,
} from './panels.js';
import { stepTip } from './step-tip.js';
import { stepValues, totalValues } from './steps.js';

/** More lines than this are a carpet. The chosen edge always has its line. */
const MOST_LINES = 24;
const HEIGHT = CHART_BOTTOM + 42;
/** From this width on lines carry their edge's name, in this much room on the right. */
const NAMED_WIDTH = 800;
const NAMES = 210;
/** Between a line's end and its name. */
const LEAD = 16;

/** Greys the steps in which events were lost. */
function markLosses(part: Part, page: Page, frame: Frame): void {
  const defs = part.append('defs').append('pattern');
  defs
    .attr('id', 'hatch')
    .attr('width', 6)
    .attr('height', 6)
    .attr('patternUnits', 'userSpaceOnUse')
    .attr('patternTransform', 'rotate(45)');
  defs.append('rect').attr('class', 'hatch-ground').attr('width', 6).attr('height', 6);
  defs.append('rect').attr('class', 'hatch-line').attr('width', 2).attr('height', 6);
  for (const [step, coverage] of page.data.series.coverage.entries()) {
    if (coverage >= 1) continue;
    const left = frame.x(step * frame.stepS);
    part
      .append('rect')
      .attr('class', 'lossy')
      .attr('fill', 'url(#hatch)')
      .attr('x', left)
      .attr('y', PANELS.rate.top)
      .attr('width', frame.x((step + 1) * frame.stepS) - left)
      .attr('height', CHART_BOTTOM - PANELS.rate.top);
  }
}

/** A strip above the charts for each of the first findings, in its colour and with its number. */
function markFindings(part: Part, page: Page, frame: Frame): void {
  for (const [i, finding] of page.data.findings.slice(0, 9).entries()) {
    if (finding.toS - finding.fromS >= 0.9 * page.data.about.durationS) continue;
    const left = frame.x(finding.fromS);
    const width = Math.max(3, frame.x(finding.toS) - left);
    const mark = part.append('g').attr('class', `finding-mark ${finding.severity}`);
    mark
      .append('rect')
      .attr('x', left)
      .attr('width', width)
      .attr('y', PANELS.rate.top)
      .attr('height', CHART_BOTTOM - PANELS.rate.top);
    mark
      .append('text')
      .attr('x', left + 3 + 11 * (i % 3))
      .attr('y', PANELS.rate.top + 10)
      .text(String(i + 1));
  }
}

export function timeCharts(page: Page): HTMLElement {
  const { data, store } = page;
  const { stepS, steps, coverage } = data.series;
  const total = totalValues(data);
  const known = new Map<number, EdgeLine>();
  const lineOf = (index: number): EdgeLine => {
    let line = known.get(index);
    if (line === undefined) {
      line = { index, name: page.edgeName(index), values: stepValues(data, index) };
      known.set(index, line);
    }
    return line;
  };
  const busiest = data.edges
    .map((edge, index) => ({ index, exchanges: edge.exchanges }))
    .sort((a, b) => b.exchanges - a.exchanges || a.index - b.index)
    .slice(0, MOST_LINES)
    .map(({ index }) => lineOf(index));
  const holder = h('div', {
    class: 'time-holder',
    tabindex: 0,
    role: 'group',
    'aria-label':
      'Rate, p95 and failures over time. Arrow keys move the chosen range, Shift and arrow keys change its end, Escape chooses the whole capture.',
  });
  onKeys(page, holder);
  let paint: () => void = () => undefined;
  let follow: () => void = () => undefined;

  const draw = (width: number): void => {
    const names = width >= NAMED_WIDTH;
    const right = width - (names ? NAMES : MARGIN.right);
    const x = scaleLinear([0, steps * stepS], [MARGIN.left, right]);
    const nameRoom = names ? NAMES - LEAD : 0;
    const frame: Frame = { right, nameRoom, stepS, steps, x };
    const svg = create('svg')
      .attr('width', width)
      .attr('height', HEIGHT)
      .attr('viewBox', `0 0 ${width} ${HEIGHT}`)
      .attr('aria-hidden', 'true');
    holder.replaceChildren(svg.node() ?? '');
    const charts: Part = svg.append('g');
    paint = () => {
      charts.selectChildren().remove();
      const { edge } = store.view;
      const chosen = edge === null ? null : lineOf(edge);
      const others = busiest.filter(({ index }) => index !== edge);
      const values = { total, each: chosen === null ? others : [...others, chosen], chosen };
      markLosses(charts, page, frame);
      markFindings(charts, page, frame);
      ratePanel(charts, frame, values);
      speedPanel(charts, frame, values);
      failurePanel(charts, frame, values);
      timeAxis(charts, x, right, CHART_BOTTOM);
    };
    paint();

    const cross = svg
      .append('line')
      .attr('class', 'cross')
      .attr('y1', PANELS.rate.top)
      .attr('y2', CHART_BOTTOM)
      .attr('visibility', 'hidden');
    const brushed: Part = svg.append('g').attr('class', 'brush');
    const brush = addBrush(page, brushed, x, [PANELS.rate.top, CHART_BOTTOM]);
    follow = () => brush.follow();
    brushed
      .on('pointermove', (event: PointerEvent) => {
        const [at] = pointer(event);
        const step = Math.max(0, Math.min(steps - 1, Math.floor(x.invert(at) / stepS)));
        cross.attr('visibility', null).attr('x1', at).attr('x2', at);
        const { edge } = store.view;
        const chosen = edge === null ? null : lineOf(edge).values;
        page.tooltip.show(stepTip(page, step, total, chosen), event.clientX, event.clientY);
      })
      .on('pointerleave', () => {
        cross.attr('visibility', 'hidden');
        page.tooltip.hide();
      });
  };
  onWidth(holder, draw);
  store.subscribe((view, before) => {
    if (view.edge !== before.edge) paint();
    if (view.hover !== before.hover) {
      for (const line of holder.querySelectorAll<SVGElement>('[data-edge]')) {
        line.classList.toggle('hovered', Number(line.dataset['edge']) === view.hover);
      }
    }
    if (rangeChanged(view, before)) follow();
  });

  const legend = h(
    'div',
    { class: 'legend' },
    h('span', { class: 'key all' }, 'all edges'),
    h('span', { class: 'key each' }, 'each edge'),
    h('span', { class: 'key chosen' }, 'chosen edge'),
    h('span', { class: 'key failed' }, 'failed'),
    data.findings.length === 0
      ? null
      : h('span', { class: 'key found' }, 'numbered: time of a finding'),
    coverage.some((share) => share < 1)
      ? h('span', { class: 'key lost' }, 'events were lost: counts are too low')
      : null,
  );
  return section(
    'time',
    'Over time',
    'Drag to choose a range; everything on this page follows.',
    holder,
    legend,
  );
}
