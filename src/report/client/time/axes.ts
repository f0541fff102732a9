/** What charts over time share: titled panels, an axis of seconds since the start, and axes of values with units. */
import { type NumberValue, type ScaleLinear, type Selection, axisBottom, axisLeft } from 'd3';
import { duration } from '../format.js';
import type { Page } from '../page.js';

/** A part of an SVG that d3 appends to. */
export type Part = Selection<SVGGElement, undefined, null, undefined>;

/** Room around the drawing area; the left is as wide as an axis title and the widest tick, e.g. `100 ms`. */
export const MARGIN = { left: 74, right: 14 };
/** Where the base line of a value axis's title stands, pixels from the left. */
const VALUE_TITLE = 13;

/** The title of a panel, which names the unit; `y` is its height above the drawing area, pixels. */
export function panelTitle(panel: Part, title: string, y = -8): void {
  panel.append('text').attr('class', 'panel-title').attr('y', y).text(title);
}

/** A part of a chart whose drawing area begins `top` pixels below the chart's. */
export function panelPlace(part: Part, top: number): Part {
  return part.append('g').attr('class', 'panel').attr('transform', `translate(0,${top})`);
}

/** The same with its title. */
export function panel(part: Part, top: number, title: string): Part {
  const group = panelPlace(part, top);
  panelTitle(group, title);
  return group;
}

/** The time axis with its title, at height `y`, in the zone that the reader chose; `right` is where the drawing area ends. */
export function timeAxis(
  page: Page,
  part: Part,
  x: ScaleLinear<number, number>,
  right: number,
  y: number,
): void {
  const [from = 0, to = 0] = x.domain();
  const room = Math.max(3, Math.min(12, Math.floor((right - MARGIN.left) / 90)));
  const { ticks, title } = page.timeTicks([from, to], room);
  const texts = new Map(ticks.map(({ at, text }) => [at, text]));
  const axis = part.append('g').attr('class', 'axis').attr('transform', `translate(0,${y})`);
  axis.call(
    axisBottom<number>(x)
      .tickValues([...texts.keys()])
      .tickFormat((at) => texts.get(at) ?? '')
      .tickSizeOuter(0),
  );
  axis
    .append('text')
    .attr('class', 'axis-title')
    .attr('x', (MARGIN.left + right) / 2)
    .attr('y', 34)
    .attr('text-anchor', 'middle')
    .text(title);
}

/**
 * A value axis with light lines across the drawing area, and its `title`, which names the unit, upright beside it. Called
 * again for a `part`, it shows the new scale in the axis that is there.
 */
export function valueAxis(
  part: Part,
  scale: Parameters<typeof axisLeft<NumberValue>>[0],
  title: string,
  ticks: number[],
  label: (value: number) => string,
  right: number,
): void {
  const one = (name: 'g' | 'text', className: string) =>
    part
      .selectChildren<SVGGElement, null>(`.${className}`)
      .data([null])
      .join(name)
      .classed(className, true);
  const axis = one('g', 'value-axis')
    .classed('axis', true)
    .attr('transform', `translate(${MARGIN.left},0)`);
  axis.call(
    axisLeft(scale)
      .tickValues(ticks)
      .tickFormat((value) => label(Number(value)))
      .tickSize(-(right - MARGIN.left))
      .tickPadding(6),
  );
  const [bottom = 0, top = 0] = scale.range();
  one('text', 'value-title')
    .attr('text-anchor', 'middle')
    .attr('transform', `translate(${VALUE_TITLE},${(bottom + top) / 2}) rotate(-90)`)
    .text(title);
}

/** Ticks of a logarithmic axis of durations in µs: 1, 10, 100 … and halves where few would be left. */
export function decades([low, high]: readonly [number, number]): number[] {
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  const every = to - from > 5 ? 2 : 1;
  const ticks: number[] = [];
  for (let exponent = from; exponent <= to; exponent += every) ticks.push(10 ** exponent);
  const inside = (tick: number): boolean => tick >= low * 0.999 && tick <= high * 1.001;
  const few = ticks.filter(inside).length < 4;
  const all = few ? [...ticks, ...ticks.map((tick) => tick * 3)] : ticks;
  return all.filter(inside).sort((a, b) => a - b);
}

/** A domain for durations that starts and ends on a readable value. */
export function durationDomain(values: readonly (number | null)[]): [number, number] {
  let [low, high] = [Infinity, 0];
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high === 0) return [1, 1000];
  const down = (value: number): number => {
    const decade = 10 ** Math.floor(Math.log10(value));
    return value >= 3 * decade ? 3 * decade : decade;
  };
  const from = Math.max(1, down(Math.max(1, low)));
  const to =
    down(high) === 10 ** Math.floor(Math.log10(high)) ? 3 * down(high) : (down(high) * 10) / 3;
  return [from, Math.max(to, from * 10)];
}

export const durationLabel = (us: number): string => duration(us);
