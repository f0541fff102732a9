/** The three panels over one time axis: rate, p95, failures. All drawing, no state. */
import { area, curveStepAfter, line, scaleLinear, scaleLog, type ScaleLinear } from 'd3';
import { count, rate } from '../format.js';
import { MARGIN, type Part, decades, durationDomain, durationLabel, valueAxis } from './axes.js';
import type { StepValues } from './steps.js';

export interface Frame {
  width: number;
  stepS: number;
  steps: number;
  x: ScaleLinear<number, number>;
}

export interface PanelValues {
  total: StepValues;
  /** Every edge that gets a line of its own. */
  each: readonly StepValues[];
  chosen: StepValues | null;
}

/** Places and heights of the panels, pixels. */
export const PANELS = {
  rate: { top: 22, height: 92 },
  p95: { top: 148, height: 118 },
  failures: { top: 300, height: 62 },
} as const;
export const CHART_BOTTOM = PANELS.failures.top + PANELS.failures.height;

function panel(part: Part, { top }: { top: number }, title: string): Part {
  const group = part.append('g').attr('class', 'panel').attr('transform', `translate(0,${top})`);
  group.append('text').attr('class', 'panel-title').attr('x', 0).attr('y', -9).text(title);
  return group;
}

/** A value for each step and once more at the end, so that the last step has its width too. */
function stairs(values: readonly (number | null)[]): [number, number | null][] {
  const points = values.map((value, step): [number, number | null] => [step, value]);
  return [...points, [values.length, values.at(-1) ?? null]];
}

function stairLine(frame: Frame, y: (value: number) => number) {
  return line<[number, number | null]>()
    .defined(([, value]) => value !== null)
    .x(([step]) => frame.x(step * frame.stepS))
    .y(([, value]) => y(value ?? 0))
    .curve(curveStepAfter);
}

export function ratePanel(part: Part, frame: Frame, values: PanelValues): void {
  const group = panel(part, PANELS.rate, 'Exchanges per second');
  const { height } = PANELS.rate;
  const most = Math.max(1, ...values.total.rate);
  const y = scaleLinear([0, most], [height, 0]).nice(4);
  valueAxis(group, y, y.ticks(4), (value) => (value === 0 ? '0' : rate(value)), frame.width);
  const shape = area<[number, number | null]>()
    .x(([step]) => frame.x(step * frame.stepS))
    .y0(height)
    .y1(([, value]) => y(value ?? 0))
    .curve(curveStepAfter);
  group
    .append('path')
    .attr('class', 'all-area')
    .attr('d', shape(stairs(values.total.rate)));
  if (values.chosen !== null) {
    group
      .append('path')
      .attr('class', 'chosen-line')
      .attr('d', stairLine(frame, y)(stairs(values.chosen.rate)));
  }
}

export function speedPanel(part: Part, frame: Frame, values: PanelValues): void {
  const group = panel(part, PANELS.p95, 'p95 response time, one line an edge (log scale)');
  const { height } = PANELS.p95;
  const domain = durationDomain(
    [...values.each, ...(values.chosen === null ? [] : [values.chosen])].flatMap(({ p95 }) => p95),
  );
  const y = scaleLog(domain, [height, 0]);
  valueAxis(group, y, decades(domain), durationLabel, frame.width);
  const draw = stairLine(frame, y);
  for (const each of values.each) {
    group
      .append('path')
      .attr('class', 'edge-line')
      .attr('d', draw(stairs(each.p95)));
  }
  if (values.chosen !== null) {
    group
      .append('path')
      .attr('class', 'chosen-line')
      .attr('d', draw(stairs(values.chosen.p95)));
  }
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
    frame.width,
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
  if (values.chosen !== null) bars(values.chosen, 'fail-bar chosen');
  if (most === 0) {
    group
      .append('text')
      .attr('class', 'nothing')
      .attr('x', (MARGIN.left + frame.width - MARGIN.right) / 2)
      .attr('y', height / 2 + 4)
      .attr('text-anchor', 'middle')
      .text(`none in ${count(frame.steps)} steps`);
  }
}
