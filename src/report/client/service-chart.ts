/** Rate and response time of one service over time, with the chosen range marked. */
import { scaleLinear, scaleLog } from 'd3';
import { h, onWidth } from './dom.js';
import { rate } from './format.js';
import type { Page } from './page.js';
import type { ServiceNumbers } from './service-numbers.js';
import { rangeChanged } from './state.js';
import {
  MARGIN,
  type Part,
  decades,
  durationDomain,
  durationLabel,
  panel,
  timeAxis,
  valueAxis,
} from './time/axes.js';
import { stairLine } from './time/stairs.js';
import { type StepValues, stepValues } from './time/steps.js';
import { sizedSvg } from './sized-svg.js';

const RATE = { top: 22, height: 64 };
const SPEED = { top: 120, height: 84 };
const BOTTOM = SPEED.top + SPEED.height;
const HEIGHT = BOTTOM + 42;
/** Lines of inbound edges, the busiest: more are a carpet. */
const MOST_LINES = 5;

function total(values: readonly StepValues[], steps: number): number[] {
  const sums = new Array<number>(steps).fill(0);
  for (const { rate: each } of values) {
    for (let step = 0; step < steps; step++) sums[step]! += each[step]!;
  }
  return sums;
}

/** The chart of whatever service is chosen. */
export interface ServiceChart {
  element: HTMLElement;
  /** Shows a service with these edges. */
  show(numbers: ServiceNumbers): void;
  /** Draws for the width that it has now, before the browser tells of it. */
  fit(): void;
}

/** What the chart of one service draws, whatever its width. */
interface Drawn {
  /** Of all that call it, and of all that it calls. */
  rateIn: number[];
  rateOut: number[];
  /** The busiest inbound edges. */
  lines: readonly { p95: StepValues['p95'] }[];
  inbound: number;
  outbound: number;
}

/** A service that calls nobody has no line of calls. */
function rateTitle({ inbound, outbound }: Drawn): string {
  const called = inbound > 0 ? ['called (solid)'] : [];
  const calls = outbound > 0 ? ['calls (dashed)'] : [];
  const lines = [...called, ...calls];
  return `Exchanges per second${lines.length > 0 ? ': ' : ''}${lines.join(', ')}`;
}

function speedTitle({ lines, inbound }: Drawn): string {
  if (inbound === 0) return 'Response time: nobody called it';
  const shown = lines.length < inbound ? `the ${MOST_LINES} busiest callers` : 'each caller';
  return `Response time, p95 of ${shown} (log scale)`;
}

function drawnOf(page: Page, { inbound, outbound }: ServiceNumbers): Drawn {
  const { steps } = page.data.series;
  const of = (edges: readonly number[]): StepValues[] =>
    edges.map((index) => stepValues(page.data, index));
  const called = of(inbound);
  const lines = inbound
    .map((index, i) => ({ exchanges: page.edge(index).exchanges, p95: called[i]!.p95 }))
    .sort((a, b) => b.exchanges - a.exchanges)
    .slice(0, MOST_LINES);
  return {
    rateIn: total(called, steps),
    rateOut: total(of(outbound), steps),
    lines,
    inbound: inbound.length,
    outbound: outbound.length,
  };
}

/** The chart for one width and zone, which shows one service after the other. */
interface Canvas {
  node: SVGSVGElement | null;
  fill(drawn: Drawn): void;
  /** Marks what lies outside of the chosen range. */
  mark(): void;
}

function canvas(page: Page, width: number): Canvas {
  const { stepS, steps } = page.data.series;
  const right = width - MARGIN.right;
  const x = scaleLinear([0, steps * stepS], [MARGIN.left, right]);
  const svg = sizedSvg(width, HEIGHT)
    .attr('role', 'img')
    .attr('aria-label', 'Rate and p95 of the chosen service over time');
  const part: Part = svg.append('g');
  const path = (y: (value: number) => number) => stairLine({ x, stepS }, y);

  const rates = panel(part, RATE.top, '');
  const rateAxis = rates.append('g');
  const called = rates.append('path').attr('class', 'service-line');
  const calls = rates.append('path').attr('class', 'service-line calls');
  const speeds = panel(part, SPEED.top, '');
  const speedAxis = speeds.append('g');
  const callers = speeds.append('g');
  timeAxis(page, part, x, right, BOTTOM);
  const outside = part.append('g').attr('class', 'outside');

  return {
    node: svg.node(),
    fill(drawn) {
      const { rateIn, rateOut, lines, inbound, outbound } = drawn;
      rates.select('.panel-title').text(rateTitle(drawn));
      const most = Math.max(1, ...rateIn, ...rateOut);
      const y = scaleLinear([0, most], [RATE.height, 0]).nice(3);
      const words = (value: number): string => (value === 0 ? '0' : rate(value));
      valueAxis(rateAxis, y, 'exchanges/s', y.ticks(3), words, right);
      called.attr('d', inbound === 0 ? null : path(y)(rateIn));
      calls.attr('d', outbound === 0 ? null : path(y)(rateOut));

      speeds.select('.panel-title').text(speedTitle(drawn));
      const domain = durationDomain(lines.flatMap(({ p95 }) => p95));
      const speed = scaleLog(domain, [SPEED.height, 0]);
      valueAxis(speedAxis, speed, 'response time', decades(domain), durationLabel, right);
      callers
        .selectAll('path')
        .data(lines)
        .join('path')
        .attr('class', 'service-line')
        .attr('d', ({ p95 }) => path(speed)(p95));
    },
    mark() {
      const { from, to } = page.store.view;
      const spans: [number, number][] = [
        [0, from],
        [to, steps],
      ];
      outside
        .selectAll('rect')
        .data(spans.filter(([a, b]) => b > a))
        .join('rect')
        .attr('x', ([a]) => x(a * stepS))
        .attr('width', ([a, b]) => x(b * stepS) - x(a * stepS))
        .attr('y', RATE.top)
        .attr('height', BOTTOM - RATE.top);
    },
  };
}

export function serviceChart(page: Page): ServiceChart {
  const holder = h('div', { class: 'service-chart' });
  let drawn: Drawn | null = null;
  let width = 0;
  let now: Canvas | null = null;

  const draw = (): void => {
    if (width === 0 || drawn === null) return;
    now = canvas(page, width);
    now.fill(drawn);
    now.mark();
    holder.replaceChildren(now.node ?? '');
  };
  const fit = (wide: number): void => {
    if (wide === width) return;
    width = wide;
    draw();
  };
  onWidth(holder, fit);
  page.store.subscribe((view, before) => {
    if (view.zone !== before.zone) draw();
    else if (rangeChanged(view, before)) now?.mark();
  });
  return {
    element: holder,
    show(numbers) {
      drawn = drawnOf(page, numbers);
      if (now === null) draw();
      else now.fill(drawn);
    },
    fit: () => fit(holder.clientWidth),
  };
}
