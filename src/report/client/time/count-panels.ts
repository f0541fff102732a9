/** The panels of counts over time: rate, failures, open connections. All drawing, no state. */
import { area, scaleLinear } from 'd3';
import { count, plural, rate } from '../format.js';
import { MARGIN, type Part, valueAxis } from './axes.js';
import { type Frame, PANELS, type PanelValues, type Place, panel } from './frame.js';
import { type Corner, stairLine, stairs } from './stairs.js';
import type { StepValues } from './steps.js';

/** An area for all edges and a line for the chosen one. */
function areaPanel(
  part: Part,
  frame: Frame,
  values: PanelValues,
  what: {
    place: Place;
    title: string;
    /** Of the value axis, with the unit. */
    axis: string;
    of: (values: StepValues) => readonly number[];
    label: (value: number) => string;
  },
): void {
  const { place, of } = what;
  const group = panel(part, place, what.title);
  const chosen = values.chosen === null ? null : of(values.chosen.values);
  const total = values.total === null ? null : of(values.total);
  const most = Math.max(1, ...(total ?? chosen ?? []));
  const y = scaleLinear([0, most], [place.height, 0]).nice(4);
  const ticks = y.ticks(place.height < 70 ? 2 : 4).filter(Number.isInteger);
  valueAxis(
    group,
    y,
    what.axis,
    ticks,
    (value) => (value === 0 ? '0' : what.label(value)),
    frame.right,
  );
  if (total !== null) {
    const shape = area<Corner>()
      .x(([step]) => frame.x(step * frame.stepS))
      .y0(place.height)
      .y1(([, value]) => y(value ?? 0));
    group
      .append('path')
      .attr('class', 'all-area')
      .attr('d', shape(stairs(total)));
  }
  if (chosen === null) return;
  const path = stairLine(frame, y)(chosen);
  group.append('path').attr('class', 'chosen-line').attr('d', path);
}

export function ratePanel(part: Part, frame: Frame, values: PanelValues): void {
  areaPanel(part, frame, values, {
    place: PANELS.rate,
    title: 'Exchanges per second',
    axis: 'exchanges/s',
    of: (each) => each.rate,
    label: rate,
  });
}

export function openPanel(part: Part, frame: Frame, values: PanelValues): void {
  areaPanel(part, frame, values, {
    place: PANELS.open,
    title: 'Open connections, number at the end of each step',
    axis: 'connections',
    of: (each) => each.open,
    label: count,
  });
}

export function failurePanel(part: Part, frame: Frame, values: PanelValues): void {
  const group = panel(part, PANELS.failures, 'Failed connections per second');
  const { height } = PANELS.failures;
  const chosen = values.chosen?.values ?? null;
  const most = Math.max(0, ...((values.total ?? chosen)?.failures ?? []));
  const y = scaleLinear([0, most || 1], [height, 0]).nice(3);
  valueAxis(
    group,
    y,
    'failed/s',
    most === 0 ? [0] : y.ticks(3),
    (value) => (value === 0 ? '0' : rate(value)),
    frame.right,
  );
  const bars = (of: StepValues | null, className: string): void => {
    for (const [step, value] of (of?.failures ?? []).entries()) {
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
  bars(chosen, 'fail-bar chosen');
  if (most > 0) return;
  group
    .append('text')
    .attr('class', 'nothing')
    .attr('x', (MARGIN.left + frame.right) / 2)
    .attr('y', height / 2 + 4)
    .attr('text-anchor', 'middle')
    .text(`none in ${plural(frame.steps, 'step')}`);
}
