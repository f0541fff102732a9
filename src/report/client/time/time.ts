/** Rate, p95 and failures on one time axis, with the brush that chooses the range of the whole page. */
import { type D3BrushEvent, brushX, create, pointer, scaleLinear } from 'd3';
import { h, nameOf, onWidth, section } from '../dom.js';
import { clock, duration, percent, rate } from '../format.js';
import type { Page } from '../page.js';
import { facts } from '../tooltip.js';
import { MARGIN, type Part, timeAxis } from './axes.js';
import { CHART_BOTTOM, type Frame, PANELS, failurePanel, ratePanel, speedPanel } from './panels.js';
import { stepValues, totalValues } from './steps.js';

/** More lines than this are a carpet. The chosen edge always has its line. */
const MOST_LINES = 24;
const HEIGHT = CHART_BOTTOM + 42;

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

/** Arrow keys move the range; with Shift they move its end; Home and End go to the capture's ends. */
function onKeys(page: Page, element: HTMLElement): void {
  const { store } = page;
  element.addEventListener('keydown', (event) => {
    const { from, to } = store.view;
    const wide = event.ctrlKey || event.altKey || event.metaKey;
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    const width = to - from;
    if (wide) return;
    if (by !== 0 && event.shiftKey) store.set({ to: to + by, playing: false });
    else if (by !== 0 && width < store.steps) {
      const start = Math.min(store.steps - width, Math.max(0, from + by));
      store.set({ from: start, to: start + width, playing: false });
    } else if (event.key === 'Home') store.set({ from: 0, to: width, playing: false });
    else if (event.key === 'End')
      store.set({ from: store.steps - width, to: store.steps, playing: false });
    else if (event.key === 'Escape') store.set({ from: 0, to: store.steps, playing: false });
    else return;
    event.preventDefault();
  });
}

export function timeCharts(page: Page): HTMLElement {
  const { data, store } = page;
  const { stepS, steps, coverage } = data.series;
  const each = data.series.edges.map((series) => stepValues(data, series));
  const total = totalValues(each, steps);
  const busiest = data.edges
    .map((edge, index) => ({ index, exchanges: edge.exchanges }))
    .sort((a, b) => b.exchanges - a.exchanges || a.index - b.index)
    .slice(0, MOST_LINES)
    .map(({ index }) => each[index]!);
  const holder = h('div', {
    class: 'time-holder',
    tabindex: 0,
    role: 'group',
    'aria-label':
      'Rate, p95 and failures over time. Arrow keys move the chosen range, Shift and arrow keys change its end, Escape chooses the whole capture.',
  });
  onKeys(page, holder);
  let paint: () => void = () => undefined;
  let moveBrush: () => void = () => undefined;

  const showStep = (step: number, event: PointerEvent): void => {
    const { edge } = store.view;
    const chosen = edge === null ? null : each[edge];
    const end = Math.min((step + 1) * stepS, data.about.durationS);
    page.tooltip.show(
      [
        h('p', { class: 'tip-title' }, `${clock(step * stepS, stepS)} – ${clock(end, stepS)}`),
        facts([
          [
            'All edges',
            `${rate(total.rate[step] ?? 0)}, ${rate(total.failures[step] ?? 0)} failed`,
          ],
          ['Recorded', (coverage[step] ?? 1) < 1 ? percent(coverage[step] ?? 1) : null],
        ]),
        ...(chosen === null || chosen === undefined || edge === null
          ? []
          : [
              h('p', { class: 'tip-title' }, nameOf(page.edgeName(edge))),
              facts([
                ['Rate', rate(chosen.rate[step] ?? 0)],
                ['p95', duration(chosen.p95[step] ?? null)],
                ['Failed', rate(chosen.failures[step] ?? 0)],
              ]),
            ]),
      ],
      event.clientX,
      event.clientY,
    );
  };

  const draw = (width: number): void => {
    const x = scaleLinear([0, steps * stepS], [MARGIN.left, width - MARGIN.right]);
    const frame: Frame = { width, stepS, steps, x };
    const svg = create('svg')
      .attr('width', width)
      .attr('height', HEIGHT)
      .attr('aria-hidden', 'true');
    holder.replaceChildren(svg.node() ?? '');
    const charts: Part = svg.append('g');
    paint = () => {
      charts.selectChildren().remove();
      const { edge } = store.view;
      const values = { total, each: busiest, chosen: edge === null ? null : (each[edge] ?? null) };
      markLosses(charts, page, frame);
      ratePanel(charts, frame, values);
      speedPanel(charts, frame, values);
      failurePanel(charts, frame, values);
      timeAxis(charts, x, width, CHART_BOTTOM);
    };
    paint();

    const cross = svg
      .append('line')
      .attr('class', 'cross')
      .attr('y1', PANELS.rate.top)
      .attr('y2', CHART_BOTTOM)
      .attr('visibility', 'hidden');
    const brush = brushX<undefined>()
      .extent([
        [MARGIN.left, PANELS.rate.top],
        [width - MARGIN.right, CHART_BOTTOM],
      ])
      .on('brush end', (event: D3BrushEvent<undefined>) => {
        // Only what the reader does; moves that follow the store have no source.
        if (event.sourceEvent === null || event.sourceEvent === undefined) return;
        const range = event.selection as [number, number] | null;
        if (range === null) {
          if (event.type === 'end') store.set({ from: 0, to: steps, playing: false });
          return;
        }
        const [from, to] = range.map((at) => Math.round(x.invert(at) / stepS));
        store.set({ from: from ?? 0, to: to ?? steps, playing: false });
        if (event.type === 'end') moveBrush();
      });
    const brushed: Part = svg.append('g').attr('class', 'brush');
    brushed.call(brush);
    moveBrush = () => {
      const { from, to } = store.view;
      brush.move(brushed, page.whole() ? null : [x(from * stepS), x(to * stepS)]);
    };
    moveBrush();
    brushed
      .on('pointermove', (event: PointerEvent) => {
        const [at] = pointer(event);
        const step = Math.max(0, Math.min(steps - 1, Math.floor(x.invert(at) / stepS)));
        cross.attr('visibility', null).attr('x1', at).attr('x2', at);
        showStep(step, event);
      })
      .on('pointerleave', () => {
        cross.attr('visibility', 'hidden');
        page.tooltip.hide();
      });
  };
  onWidth(holder, draw);
  store.subscribe((view, before) => {
    if (view.edge !== before.edge) paint();
    if (view.from === before.from && view.to === before.to) return;
    // While the reader drags, the brush is already where it belongs.
    if (holder.querySelector('.brush:active') === null) moveBrush();
  });

  const legend = h(
    'div',
    { class: 'legend' },
    h('span', { class: 'key all' }, 'all edges'),
    h('span', { class: 'key each' }, 'each edge'),
    h('span', { class: 'key chosen' }, 'chosen edge'),
    h('span', { class: 'key failed' }, 'failed'),
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
