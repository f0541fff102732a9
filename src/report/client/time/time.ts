/** Rate, response times, failures and open connections on one time axis, with the brush that chooses the page's range. */
import { pointer, scaleLinear } from 'd3';
import { h, onWidth, section } from '../dom.js';
import { whenInSight } from '../in-sight.js';
import type { Page } from '../page.js';
import { rangeChanged } from '../state.js';
import { svgButton } from '../svg-button.js';
import { MARGIN, type Part } from './axes.js';
import { bandOf } from './band.js';
import { addBrush, onKeys } from './brush.js';
import { CHART_BOTTOM, CHART_TOP, type EdgeLine, type Frame, type PanelValues } from './frame.js';
import { timeLegend } from './legend.js';
import { panelsIn } from './panels.js';
import { stepTip } from './step-tip.js';
import { type StepValues, stepValues, totalValues } from './steps.js';
import { sizedSvg } from '../sized-svg.js';

/** More lines than this are a carpet: then a band stands for the busiest edges … */
const MOST_LINES = 16;
const IN_BAND = 24;
/** … and this many have a line: what was found first, then the busiest. The chosen edge always has its line. */
const BESIDE_BAND = 3;
const HEIGHT = CHART_BOTTOM + 42;
/** From this width on lines carry their edge's name, in this much room on the right. */
const NAMED_WIDTH = 800;
const NAMES = 210;
/** Between a line's end and its name. */
const LEAD = 16;

/** The values of the charts, each edge's computed once, when it is first shown. */
function valuesOf(page: Page): {
  total: StepValues;
  line(index: number): EdgeLine;
  now(): PanelValues;
} {
  const total = totalValues(page.data);
  const known = new Map<number, EdgeLine>();
  const line = (index: number): EdgeLine => {
    let found = known.get(index);
    if (found === undefined) {
      found = { index, name: page.edgeName(index), values: stepValues(page.data, index) };
      known.set(index, found);
    }
    return found;
  };
  const { edges, findings, series } = page.data;
  const busiest = edges
    .map((edge, index) => ({ index, exchanges: edge.exchanges }))
    .sort((a, b) => b.exchanges - a.exchanges || a.index - b.index)
    .map(({ index }) => index);
  const many = edges.length > MOST_LINES;
  const found = findings.flatMap(({ edge }) => edge ?? []);
  const own = many ? [...new Set([...found, ...busiest])].slice(0, BESIDE_BAND) : busiest;
  const inBand = busiest.slice(0, IN_BAND);
  const band = many
    ? bandOf(
        inBand.map((index) => line(index).values),
        series.steps,
      )
    : null;
  return {
    total,
    line,
    now() {
      const { edge, alone } = page.store.view;
      const chosen = edge === null ? null : line(edge);
      if (chosen !== null && alone) return { total: null, each: [chosen], band: null, chosen };
      const others = own.filter((index) => index !== edge).map(line);
      return { total, each: chosen === null ? others : [...others, chosen], band, chosen };
    },
  };
}

export function timeCharts(page: Page): HTMLElement {
  const { data, store } = page;
  const { stepS, steps } = data.series;
  const values = valuesOf(page);
  const holder = h('div', {
    class: 'time-holder',
    tabindex: 0,
    role: 'group',
    'aria-label':
      'Rate, response times, failures and open connections over time. Arrow keys move the chosen range, Shift and arrow keys change its end, Escape chooses the whole capture.',
  });
  onKeys(page, holder);
  let paint: () => void = () => undefined;
  let follow: () => void = () => undefined;

  const draw = (width: number): void => {
    const names = width >= NAMED_WIDTH;
    const right = width - (names ? NAMES : MARGIN.right);
    const x = scaleLinear([0, steps * stepS], [MARGIN.left, right]);
    const frame: Frame = { right, nameRoom: names ? NAMES - LEAD : 0, stepS, steps, x };
    const svg = sizedSvg(width, HEIGHT).attr('aria-hidden', 'true');
    holder.replaceChildren(svg.node() ?? '');
    const panels = panelsIn(svg.append('g'), page, frame);
    paint = () => panels(values.now());
    paint();

    const cross = svg
      .append('line')
      .attr('class', 'cross')
      .attr('y1', CHART_TOP)
      .attr('y2', CHART_BOTTOM)
      .attr('visibility', 'hidden');
    const brushed: Part = svg.append('g').attr('class', 'brush');
    const brush = addBrush(page, brushed, x, [CHART_TOP, CHART_BOTTOM]);
    follow = () => brush.follow();
    brushed
      .on('pointermove', (event: PointerEvent) => {
        const [at] = pointer(event);
        const step = Math.max(0, Math.min(steps - 1, Math.floor(x.invert(at) / stepS)));
        cross.attr('visibility', null).attr('x1', at).attr('x2', at);
        const { edge } = store.view;
        const chosen = edge === null ? null : values.line(edge).values;
        page.tooltip.show(stepTip(page, step, values.total, chosen), event.clientX, event.clientY);
      })
      .on('pointerleave', () => {
        cross.attr('visibility', 'hidden');
        page.tooltip.hide();
      });
  };
  onWidth(holder, draw);

  const only = h('input', { type: 'checkbox' });
  only.addEventListener('change', () => store.set({ alone: only.checked }));
  const offer = (): void => {
    only.checked = store.view.alone;
    only.disabled = store.view.edge === null;
  };
  offer();
  const repaint = whenInSight(page, holder, () => paint());
  store.subscribe((view, before) => {
    offer();
    const other = view.edge !== before.edge || view.zone !== before.zone;
    if (other || view.alone !== before.alone) repaint();
    if (view.hover !== before.hover) {
      for (const line of holder.querySelectorAll<SVGElement>('[data-edge]')) {
        line.classList.toggle('hovered', Number(line.dataset['edge']) === view.hover);
      }
    }
    if (rangeChanged(view, before)) follow();
  });
  return section(
    'time',
    'Over time',
    'Drag to choose a range; everything on this page follows.',
    h('label', { class: 'check' }, only, ' only the chosen edge'),
    holder,
    timeLegend(page, values.now().band),
    h('div', { class: 'buttons' }, svgButton('Save charts as SVG', 'over-time.svg', holder)),
  );
}
