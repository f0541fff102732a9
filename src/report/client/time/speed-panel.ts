/** The panel of response times: p50, p95 and p99 of the chosen edge before the p95 of the others. */
import { scaleLog } from 'd3';
import { settle } from '../settle.js';
import { type Part, decades, durationDomain, durationLabel, valueAxis } from './axes.js';
import {
  type EdgeLine,
  type Frame,
  PANELS,
  type PanelValues,
  panel,
  stairLine,
  stairs,
} from './frame.js';
import { nameLines } from './line-names.js';

const QUANTILES = ['p99', 'p95', 'p50'] as const;
/** Height of a quantile's name, pixels. */
const WORD_HEIGHT = 12;

function titleOf({ each, chosen }: PanelValues): string {
  if (chosen === null) return 'Response time: p95, one line an edge (log scale)';
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
    part
      .append('path')
      .attr('class', `chosen-line ${name}`)
      .attr('d', draw(stairs(values)));
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

export function speedPanel(part: Part, frame: Frame, values: PanelValues): void {
  const { each, chosen } = values;
  const group = panel(part, PANELS.times, titleOf(values));
  const { height } = PANELS.times;
  const own = chosen === null ? [] : [...chosen.values.p50, ...chosen.values.p99];
  const domain = durationDomain([...own, ...each.flatMap((edge) => edge.values.p95)]);
  const y = scaleLog(domain, [height, 0]);
  valueAxis(group, y, decades(domain), durationLabel, frame.right);
  const draw = stairLine(frame, y);
  for (const { index, values: lines } of each) {
    if (index === chosen?.index) continue;
    group
      .append('path')
      .attr('class', 'edge-line')
      .attr('data-edge', index)
      .attr('d', draw(stairs(lines.p95)));
  }
  if (chosen !== null) drawChosen(group, frame, chosen, y);
  if (frame.nameRoom > 0) nameLines(group, frame, each, chosen?.index ?? null, y);
}
