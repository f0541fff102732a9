/** k6 over time: VUs, and k6's p95 over the p95 of its own edge, with thresholds as lines and stages as bands. */
import { area, scaleLinear, scaleLog, type ScaleLinear, type ScaleLogarithmic } from 'd3';
import type { K6Section, Maybe } from '../../data.js';
import { FAMILY, cutToFit } from '../fit.js';
import { count } from '../format.js';
import type { Page } from '../page.js';
import {
  MARGIN,
  type Part,
  decades,
  durationDomain,
  durationLabel,
  panel,
  timeAxis,
  valueAxis,
} from '../time/axes.js';
import { type Corner, stairLine, stairs } from '../time/stairs.js';
import { stepValues } from '../time/steps.js';
import { sizedSvg } from '../sized-svg.js';

/** The font of a stage's name. */
const NAME_FONT = `11px ${FAMILY}`;
const STAGES = { top: 4, height: 18 };
const VUS = { top: 44, height: 60 };
const P95 = { top: 132, height: 130 };
const BOTTOM = P95.top + P95.height;
const HEIGHT = BOTTOM + 42;

/** k6 tells of the steps in which it did something: the values step by step, with gaps where it did not. */
function byStep({ at, stepS }: K6Section, values: readonly Maybe[]): Maybe[] {
  const last = Math.round((at.at(-1) ?? -stepS) / stepS);
  const all = new Array<Maybe>(last + 1).fill(null);
  at.forEach((from, i) => (all[Math.round(from / stepS)] = values[i] ?? null));
  return all;
}

export function drawChart(page: Page, k6: K6Section, width: number): SVGSVGElement {
  const { stepS, steps } = page.data.series;
  const right = width - MARGIN.right;
  const x = scaleLinear([0, steps * stepS], [MARGIN.left, right]);
  const svg = sizedSvg(width, HEIGHT).attr('aria-hidden', 'true');
  const part: Part = svg.append('g');
  stageBands(part, k6, x);
  vusPanel(part, k6, x, right);
  p95Panel(part, page, k6, x, right);
  timeAxis(page, part, x, right, BOTTOM);
  return svg.node()!;
}

function stageBands(part: Part, { stages }: K6Section, x: ScaleLinear<number, number>): void {
  for (const [i, { name, fromS, toS }] of stages.entries()) {
    const left = x(fromS);
    const room = Math.max(1, x(toS) - left);
    const band = part.append('g').attr('class', i % 2 === 0 ? 'k6-stage' : 'k6-stage odd');
    band
      .append('rect')
      .attr('x', left)
      .attr('y', STAGES.top)
      .attr('width', room)
      .attr('height', BOTTOM - STAGES.top);
    if (room < 24) continue;
    band
      .append('text')
      .attr('x', left + 4)
      .attr('y', STAGES.top + 13)
      .text(name)
      .each(function () {
        cutToFit([this], room - 8, NAME_FONT);
      });
  }
}

function vusPanel(part: Part, k6: K6Section, x: ScaleLinear<number, number>, right: number): void {
  const group = panel(part, VUS.top, 'Virtual users');
  const most = k6.vus.reduce<number>((high, vus) => Math.max(high, vus ?? 0), 1);
  const y = scaleLinear([0, most], [VUS.height, 0]).nice(3);
  valueAxis(group, y, 'VUs', y.ticks(3).filter(Number.isInteger), count, right);
  // k6 tells its VUs once a second: they hold until it tells again.
  let held: Maybe = null;
  const vus = byStep(k6, k6.vus).map((value) => (held = value ?? held));
  const shape = area<Corner>()
    .defined(([, value]) => value !== null)
    .x(([step]) => x(step * k6.stepS))
    .y0(VUS.height)
    .y1(([, value]) => y(value ?? 0));
  group
    .append('path')
    .attr('class', 'k6-vus')
    .attr('d', shape(stairs(vus)));
}

function p95Panel(
  part: Part,
  page: Page,
  k6: K6Section,
  x: ScaleLinear<number, number>,
  right: number,
): void {
  const group = panel(part, P95.top, "p95: k6's requests over its own edge (log scale)");
  const { stepS } = page.data.series;
  const edges = k6.entry.map((index) => stepValues(page.data, index).p95);
  const limits = k6.thresholds.filter(({ limitUs }) => limitUs !== null);
  const domain = durationDomain([
    ...k6.p95,
    ...edges.flat(),
    ...limits.map(({ limitUs }) => limitUs),
  ]);
  const y = scaleLog(domain, [P95.height, 0]);
  valueAxis(group, y, 'response time', decades(domain), durationLabel, right);
  const draw = (values: readonly Maybe[], width: number): string =>
    stairLine({ x, stepS: width }, y)(values);
  for (const values of edges) {
    group.append('path').attr('class', 'k6-edge').attr('d', draw(values, stepS));
  }
  group
    .append('path')
    .attr('class', 'k6-line')
    .attr('d', draw(byStep(k6, k6.p95), k6.stepS));
  limitLines(group, limits, y, right);
}

function limitLines(
  group: Part,
  limits: K6Section['thresholds'],
  y: ScaleLogarithmic<number, number>,
  right: number,
): void {
  for (const { expression, verdict, limitUs } of limits) {
    const at = y(limitUs ?? 1);
    const mark = group.append('g').attr('class', `k6-limit ${verdict ?? 'open'}`);
    mark.append('line').attr('x1', MARGIN.left).attr('x2', right).attr('y1', at).attr('y2', at);
    mark
      .append('text')
      .attr('x', right - 4)
      .attr('y', at - 4)
      .attr('text-anchor', 'end')
      .text(`${expression} ${verdict ?? 'not judged'}`);
  }
}
