/** The panel of response times: p50, p95 and p99 of the chosen edge before the p95 of the others. */
import { area, scaleLog } from 'd3';
import { settle } from '../settle.js';
import { type Part, decades, durationDomain, durationLabel, panel, valueAxis } from './axes.js';
import type { Band } from './band.js';
import { type EdgeLine, type Frame, PANELS, type PanelValues } from './frame.js';
import { type Corner, stairLine, stairs } from './stairs.js';
import { nameLines } from './line-names.js';

const QUANTILES = ['p99', 'p95', 'p50'] as const;
/** Height of a quantile's name, pixels. */
const WORD_HEIGHT = 12;

/** Short enough for a narrow window; the legend says which edges the band stands for. */
function titleOf({ each, band, chosen }: PanelValues): string {
  if (chosen === null) {
    return band === null
      ? 'Response time: p95, one line an edge (log scale)'
      : 'Response time: p95 of the busiest edges (log scale)';
  }
  return each.length > 1
    ? 'Response time: p50, p95, p99; others p95 (log scale)'
    : 'Response time: p50, p95, p99 (log scale)';
}

/** The chosen edge's three lines, each with its name where it ends. */
function drawChosen(part: Part, frame: Frame, chosen: EdgeLine, y: (us: number) => number): void {
  const draw = stairLine(frame, y);
  const ends: { name: string; step: number; at: number }[] = [];
  for (const name of QUANTILES) {
    const values = chosen.values[name];
    part.append('path').attr('class', `chosen-line ${name}`).attr('d', draw(values));
    const step = values.findLastIndex((value) => value !== null);
    if (step >= 0) ends.push({ name, step, at: y(values[step] ?? 1) - 3 });
  }
  const places = settle(
    ends.map(({ at }) => at),
    ends.slice(1).map(() => WORD_HEIGHT),
  );
  for (const [i, { name, step }] of ends.entries()) {
    part
      .append('text')
      .attr('class', 'quantile-word')
      .attr('x', frame.x((step + 1) * frame.stepS) - 3)
      .attr('y', Math.max(WORD_HEIGHT - 2, places[i] ?? 0))
      .text(name);
  }
}

/** The room between the least and the greatest p95 of the busiest edges, and their median. */
function drawBand(part: Part, frame: Frame, band: Band, y: (us: number) => number): void {
  const shape = area<Corner>()
    .defined(([, low]) => low !== null)
    .x(([step]) => frame.x(step * frame.stepS))
    .y0(([, low]) => y(low ?? 1))
    .y1(([step], i) => y(band.high[i % 2 === 0 ? step : step - 1] ?? 1));
  part
    .append('path')
    .attr('class', 'p95-band')
    .attr('d', shape(stairs(band.low)));
  part.append('path').attr('class', 'p95-middle').attr('d', stairLine(frame, y)(band.middle));
}

export function speedPanel(part: Part, frame: Frame, values: PanelValues): void {
  const { each, band, chosen } = values;
  const group = panel(part, PANELS.times.top, titleOf(values));
  const { height } = PANELS.times;
  const own = chosen === null ? [] : [...chosen.values.p50, ...chosen.values.p99];
  const others = [...(band?.low ?? []), ...(band?.high ?? [])];
  const domain = durationDomain([...own, ...others, ...each.flatMap((edge) => edge.values.p95)]);
  const y = scaleLog(domain, [height, 0]);
  valueAxis(group, y, 'response time', decades(domain), durationLabel, frame.right);
  if (band !== null) drawBand(group, frame, band, y);
  const draw = stairLine(frame, y);
  for (const { index, values: lines } of each) {
    if (index === chosen?.index) continue;
    group
      .append('path')
      .attr('class', 'edge-line')
      .attr('data-edge', index)
      .attr('d', draw(lines.p95));
  }
  if (chosen !== null) drawChosen(group, frame, chosen, y);
  if (frame.nameRoom > 0) nameLines(group, frame, each, chosen?.index ?? null, y);
}
