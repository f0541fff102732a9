/** The latency heatmap of one edge: time across, response time upwards (log), colour by how many. */
import { scaleLinear, scaleLog } from 'd3';
import { h, onWidth } from '../dom.js';
import { count, duration, plural } from '../format.js';
import { mergeHistogram } from '../histogram.js';
import type { Page } from '../page.js';
import { svgButton } from '../svg-button.js';
import { facts } from '../tooltip.js';
import {
  MARGIN,
  type Part,
  decades,
  durationDomain,
  durationLabel,
  panelTitle,
  timeAxis,
  valueAxis,
} from '../time/axes.js';
import type { EdgeChart } from './chart.js';
import { sizedSvg } from '../sized-svg.js';

const TOP = 20;
const HEIGHT = 190;
/** With the time axis and its title. */
const FULL_HEIGHT = TOP + HEIGHT + 42;
const ROWS = 30;
const LEAST_CELL_WIDTH = 5;
const CLASSES = 5;

interface Grid {
  columns: number;
  stepsInColumn: number;
  domain: [number, number];
  /** Exchanges by column, then by row from the fastest up. */
  counts: number[][];
  most: number;
}

/** Sums the edge's cells into columns wide enough to be seen and rows of equal height. */
export function heatGrid(page: Page, index: number, width: number): Grid {
  const { series } = page.data;
  const times = series.edges[index]?.times;
  const room = Math.max(1, Math.floor((width - MARGIN.left - MARGIN.right) / LEAST_CELL_WIDTH));
  const every = times?.every ?? 1;
  const stepsInColumn = every * Math.max(1, Math.ceil(series.steps / every / room));
  const columns = Math.ceil(series.steps / stepsInColumn);
  const all = times === undefined ? null : mergeHistogram(times, 0, times.at.length);
  const domain = durationDomain(
    all === null || all.counts.length === 0
      ? []
      : [series.bucketBase ** all.low, series.bucketBase ** (all.low + all.counts.length)],
  );
  const height = Math.log(domain[1] / domain[0]) / ROWS;
  const counts = Array.from({ length: columns }, () => new Array<number>(ROWS).fill(0));
  let most = 0;
  for (let k = 0; times !== undefined && k < times.at.length; k++) {
    const column = counts[Math.floor((times.at[k]! * every) / stepsInColumn)];
    if (column === undefined) continue;
    const { low, counts: own } = mergeHistogram(times, k, k + 1);
    for (let i = 0; i < own.length; i++) {
      const middle = series.bucketBase ** (low + i + 0.5);
      const row = Math.floor(Math.log(middle / domain[0]) / height);
      const at = Math.max(0, Math.min(ROWS - 1, row));
      column[at] = (column[at] ?? 0) + (own[i] ?? 0);
      most = Math.max(most, column[at] ?? 0);
    }
  }
  return { columns, stepsInColumn, domain, counts, most };
}

/** Upper limits of the colour classes: each a few times the one before, the last is the most there is. */
function classLimits(most: number): number[] {
  const limits = Array.from({ length: CLASSES }, (_, i) => Math.ceil(most ** ((i + 1) / CLASSES)));
  return [...new Set(limits)];
}

function legend(limits: readonly number[]): HTMLElement {
  return h(
    'div',
    { class: 'legend' },
    h('b', {}, 'Colour: exchanges in a cell'),
    h(
      'span',
      { class: 'classes' },
      ...limits.map((limit, i) => {
        const from = (limits[i - 1] ?? 0) + 1;
        const text = from === limit ? count(limit) : `${count(from)}–${count(limit)}`;
        return h(
          'span',
          { class: 'swatch' },
          h('i', { class: `heat-${CLASSES - limits.length + i}` }),
          text,
        );
      }),
    ),
  );
}

export function heatmap(page: Page, index: number): EdgeChart {
  const holder = h('div', { class: 'heat-holder' });
  const keys = h('div');
  const { stepS, steps } = page.data.series;
  let mark: () => void = () => undefined;

  const draw = (width: number): void => {
    const grid = heatGrid(page, index, width);
    const limits = classLimits(grid.most);
    keys.replaceChildren(legend(limits));
    const x = scaleLinear([0, steps * stepS], [MARGIN.left, width - MARGIN.right]);
    const y = scaleLog(grid.domain, [HEIGHT, 0]);
    const svg = sizedSvg(width, FULL_HEIGHT)
      .attr('role', 'img')
      .attr('aria-label', `Response times of ${page.edgeName(index)} over time`);
    holder.replaceChildren(svg.node() ?? '');
    const part: Part = svg.append('g').attr('transform', `translate(0,${TOP})`);
    panelTitle(part, 'Response time (log scale)');
    valueAxis(part, y, 'response time', decades(grid.domain), durationLabel, width - MARGIN.right);
    timeAxis(page, part, x, width - MARGIN.right, HEIGHT);
    const rowHeight = HEIGHT / ROWS;
    const rowBound = (row: number): number =>
      grid.domain[0] * (grid.domain[1] / grid.domain[0]) ** (row / ROWS);
    for (const [column, rows] of grid.counts.entries()) {
      const from = column * grid.stepsInColumn;
      const to = Math.min(steps, from + grid.stepsInColumn);
      const left = x(from * stepS);
      for (const [row, n] of rows.entries()) {
        if (n === 0) continue;
        const level = limits.findIndex((limit) => n <= limit) + CLASSES - limits.length;
        part
          .append('rect')
          .attr('class', `heat-${level}`)
          .attr('x', left)
          .attr('width', Math.max(1, x(to * stepS) - left - 0.5))
          .attr('y', HEIGHT - (row + 1) * rowHeight)
          .attr('height', rowHeight - 0.5)
          .on('pointermove', (event: PointerEvent) => {
            page.tooltip.show(
              [
                h(
                  'p',
                  { class: 'tip-title' },
                  `${page.clock(from * stepS, stepS)} – ${page.clock(to * stepS, stepS)}`,
                ),
                facts([
                  [
                    `${duration(rowBound(row))} – ${duration(rowBound(row + 1))}`,
                    plural(n, 'exchange'),
                  ],
                ]),
              ],
              event.clientX,
              event.clientY,
            );
          })
          .on('pointerleave', () => page.tooltip.hide());
      }
    }
    const outside = part.append('g').attr('class', 'outside');
    const line = part.append('path').attr('class', 'p95-mark');
    const word = part.append('text').attr('class', 'p95-word').text('p95');
    mark = () => {
      const { from, to } = page.store.view;
      const spans = [
        [0, from],
        [to, steps],
      ] as const;
      outside
        .selectAll('rect')
        .data(spans.filter(([a, b]) => b > a))
        .join('rect')
        .attr('x', ([a]) => x(a * stepS))
        .attr('width', ([a, b]) => x(b * stepS) - x(a * stepS))
        .attr('height', HEIGHT);
      const { p95 } = page.stats(index);
      line.attr('d', p95 === null ? null : `M${x(from * stepS)} ${y(p95)}H${x(to * stepS)}`);
      word
        .attr('visibility', p95 === null ? 'hidden' : null)
        .attr('x', x(to * stepS) - 4)
        .attr('y', y(p95 ?? 1) - 4);
    };
    mark();
  };
  onWidth(holder, draw);
  const picture = svgButton('Save heatmap as SVG', 'heatmap.svg', holder);
  return {
    element: h('div', {}, holder, keys, h('div', { class: 'buttons' }, picture)),
    follow: () => mark(),
  };
}
