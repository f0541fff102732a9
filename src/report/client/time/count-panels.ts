/**
 * The panels of counts over time: rate, failures, open connections. All drawing, no state. Each draws what stays when
 * another edge is chosen, and gives what draws the chosen edge.
 */
import { area, scaleLinear } from 'd3';
import { count, plural, rate } from '../format.js';
import { MARGIN, type Part, panel, panelPlace, valueAxis } from './axes.js';
import { type Frame, PANELS, type PanelValues, type Place } from './frame.js';
import { bars, type Corner, stairLine, stairs } from './stairs.js';
import type { StepValues } from './steps.js';

/** Appends the chosen edge to `part`; null: none is chosen. */
type DrawChosen = (part: Part, chosen: StepValues | null) => void;

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
): DrawChosen {
  const { place, of } = what;
  const group = panel(part, place.top, what.title);
  const total = values.total === null ? null : of(values.total);
  const most = Math.max(1, ...(total ?? (values.chosen && of(values.chosen.values)) ?? []));
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
  return (over, chosen) => {
    if (chosen === null) return;
    const path = stairLine(frame, y)(of(chosen));
    panelPlace(over, place.top).append('path').attr('class', 'chosen-line').attr('d', path);
  };
}

export function ratePanel(part: Part, frame: Frame, values: PanelValues): DrawChosen {
  return areaPanel(part, frame, values, {
    place: PANELS.rate,
    title: 'Exchanges per second',
    axis: 'exchanges/s',
    of: (each) => each.rate,
    label: rate,
  });
}

export function openPanel(part: Part, frame: Frame, values: PanelValues): DrawChosen {
  return areaPanel(part, frame, values, {
    place: PANELS.open,
    title: 'Open connections, number at the end of each step',
    axis: 'connections',
    of: (each) => each.open,
    label: count,
  });
}

export function failurePanel(part: Part, frame: Frame, values: PanelValues): DrawChosen {
  const place = PANELS.failures;
  const group = panel(part, place.top, 'Failed connections per second');
  const most = Math.max(0, ...((values.total ?? values.chosen?.values)?.failures ?? []));
  const y = scaleLinear([0, most || 1], [place.height, 0]).nice(3);
  valueAxis(
    group,
    y,
    'failed/s',
    most === 0 ? [0] : y.ticks(3),
    (value) => (value === 0 ? '0' : rate(value)),
    frame.right,
  );
  const draw = (into: Part, of: StepValues, className: string): void => {
    const path = bars(frame, y, place.height)(of.failures);
    if (path !== '') into.append('path').attr('class', className).attr('d', path);
  };
  if (values.total !== null) draw(group, values.total, 'fail-bar');
  if (most === 0) {
    group
      .append('text')
      .attr('class', 'nothing')
      .attr('x', (MARGIN.left + frame.right) / 2)
      .attr('y', place.height / 2 + 4)
      .attr('text-anchor', 'middle')
      .text(`none in ${plural(frame.steps, 'step')}`);
  }
  return (over, chosen) => {
    if (chosen !== null) draw(panelPlace(over, place.top), chosen, 'fail-bar chosen');
  };
}
