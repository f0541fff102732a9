/** The three panels over one time axis: rate, p95, failures. All drawing, no state. */
import { area, line, scaleLinear, scaleLog, type ScaleLinear } from 'd3';
import { count, rate } from '../format.js';
import { MARGIN, type Part, decades, durationDomain, durationLabel, valueAxis } from './axes.js';
import { cutToFit } from '../fit.js';
import { settle } from '../settle.js';
import type { StepValues } from './steps.js';

export interface Frame {
  /** Where the drawing area ends, pixels. */
  right: number;
  /** Room for the names of the lines on the right, pixels; 0 where there is none. */
  nameRoom: number;
  stepS: number;
  steps: number;
  x: ScaleLinear<number, number>;
}

/** One edge's line in the p95 panel. */
export interface EdgeLine {
  index: number;
  name: string;
  values: StepValues;
}

export interface PanelValues {
  total: StepValues;
  /** Every edge that gets a line of its own. */
  each: readonly EdgeLine[];
  chosen: EdgeLine | null;
}

/** Places and heights of the panels, pixels. */
export const PANELS = {
  rate: { top: 20, height: 78 },
  p95: { top: 128, height: 116 },
  failures: { top: 274, height: 50 },
} as const;
/** Height of a line's name, pixels. */
const NAME_HEIGHT = 13;
export const CHART_BOTTOM = PANELS.failures.top + PANELS.failures.height;

function panel(part: Part, { top }: { top: number }, title: string): Part {
  const group = part.append('g').attr('class', 'panel').attr('transform', `translate(0,${top})`);
  group.append('text').attr('class', 'panel-title').attr('x', 0).attr('y', -9).text(title);
  return group;
}

type Corner = [step: number, value: number | null];

/** The corners of a staircase: each step as wide as it lasted, also one that stands alone. */
function stairs(values: readonly (number | null)[]): Corner[] {
  return values.flatMap((value, step): Corner[] => [
    [step, value],
    [step + 1, value],
  ]);
}

function stairLine(frame: Frame, y: (value: number) => number) {
  return line<Corner>()
    .defined(([, value]) => value !== null)
    .x(([step]) => frame.x(step * frame.stepS))
    .y(([, value]) => y(value ?? 0));
}

export function ratePanel(part: Part, frame: Frame, values: PanelValues): void {
  const group = panel(part, PANELS.rate, 'Exchanges per second');
  const { height } = PANELS.rate;
  const most = Math.max(1, ...values.total.rate);
  const y = scaleLinear([0, most], [height, 0]).nice(4);
  valueAxis(group, y, y.ticks(4), (value) => (value === 0 ? '0' : rate(value)), frame.right);
  const shape = area<Corner>()
    .x(([step]) => frame.x(step * frame.stepS))
    .y0(height)
    .y1(([, value]) => y(value ?? 0));
  group
    .append('path')
    .attr('class', 'all-area')
    .attr('d', shape(stairs(values.total.rate)));
  if (values.chosen !== null) {
    group
      .append('path')
      .attr('class', 'chosen-line')
      .attr('d', stairLine(frame, y)(stairs(values.chosen.values.rate)));
  }
}

/** Names at the lines' ends, apart from each other; the chosen edge first, then as many as fit. */
function nameLines(
  group: Part,
  frame: Frame,
  lines: readonly EdgeLine[],
  chosen: number | null,
  y: (value: number) => number,
): void {
  const { height } = PANELS.p95;
  const wishes = [...lines]
    .sort((a, b) => Number(b.index === chosen) - Number(a.index === chosen))
    .map((each) => ({ each, last: each.values.p95.findLast((value) => value !== null) ?? null }))
    .filter(({ last }) => last !== null)
    .slice(0, Math.floor((height + NAME_HEIGHT) / NAME_HEIGHT))
    .map(({ each, last }) => ({ each, at: y(last ?? 1) }))
    .sort((a, b) => a.at - b.at);
  const places = settle(
    wishes.map(({ at }) => at),
    wishes.slice(1).map(() => NAME_HEIGHT),
  );
  // The lowest name must not reach into the panel below.
  const over = Math.max(0, (places.at(-1) ?? 0) - height);
  for (const [i, { each, at }] of wishes.entries()) {
    const place = (places[i] ?? at) - over;
    const mark = each.index === chosen ? 'line-name chosen' : 'line-name';
    group
      .append('path')
      .attr('class', 'line-lead')
      .attr('d', `M${frame.right + 2} ${at}L${frame.right + 10} ${place}`);
    group
      .append('text')
      .attr('class', mark)
      .attr('data-edge', each.index)
      .attr('x', frame.right + 13)
      .attr('y', place + 4)
      .text(each.name)
      .each(function () {
        cutToFit(this, frame.nameRoom);
      });
  }
}

export function speedPanel(part: Part, frame: Frame, values: PanelValues): void {
  const group = panel(part, PANELS.p95, 'p95 response time, one line an edge (log scale)');
  const { height } = PANELS.p95;
  const domain = durationDomain(values.each.flatMap((each) => each.values.p95));
  const y = scaleLog(domain, [height, 0]);
  valueAxis(group, y, decades(domain), durationLabel, frame.right);
  const draw = stairLine(frame, y);
  for (const { index, values: own } of values.each) {
    group
      .append('path')
      .attr('class', 'edge-line')
      .attr('data-edge', index)
      .attr('d', draw(stairs(own.p95)));
  }
  if (values.chosen !== null) {
    group
      .append('path')
      .attr('class', 'chosen-line')
      .attr('d', draw(stairs(values.chosen.values.p95)));
  }
  if (frame.nameRoom > 0) nameLines(group, frame, values.each, values.chosen?.index ?? null, y);
}

export function failurePanel(part: Part, frame: Frame, values: PanelValues): void {
  const group = panel(part, PANELS.failures, 'Failed connections per second');
  const { height } = PANELS.failures;
  const most = Math.max(0, ...values.total.failures);
  const y = scaleLinear([0, most || 1], [height, 0]).nice(3);
  valueAxis(
    group,
    y,
    most === 0 ? [0] : y.ticks(3),
    (value) => (value === 0 ? '0' : rate(value)),
    frame.right,
  );
  const bars = (of: StepValues, className: string): void => {
    for (const [step, value] of of.failures.entries()) {
      if (value === 0) continue;
      const left = frame.x(step * frame.stepS);
      group
        .append('rect')
        .attr('class', className)
        .attr('x', left)
        .attr('width', Math.max(1, frame.x((step + 1) * frame.stepS) - left - 0.5))
        .attr('y', Math.min(y(value), height - 2))
        .attr('height', Math.max(2, height - y(value)));
    }
  };
  bars(values.total, 'fail-bar');
  if (values.chosen !== null) bars(values.chosen.values, 'fail-bar chosen');
  if (most === 0) {
    group
      .append('text')
      .attr('class', 'nothing')
      .attr('x', (MARGIN.left + frame.right) / 2)
      .attr('y', height / 2 + 4)
      .attr('text-anchor', 'middle')
      .text(`none in ${count(frame.steps)} steps`);
  }
}
