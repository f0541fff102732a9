/** How the response times of one edge are spread in the chosen range: time across (log), exchanges upwards. */
import { axisBottom, scaleLinear, scaleLog } from 'd3';
import { h, onWidth } from '../dom.js';
import { count, duration, plural } from '../format.js';
import { cellsOf, mergeHistogram } from '../histogram.js';
import type { Page } from '../page.js';
import { settle } from '../settle.js';
import {
  MARGIN,
  type Part,
  decades,
  durationDomain,
  durationLabel,
  panelTitle,
  valueAxis,
} from '../time/axes.js';
import { facts } from '../tooltip.js';
import type { EdgeChart } from './chart.js';
import { sizedSvg } from '../sized-svg.js';

const TOP = 34;
const HEIGHT = 110;
/** With the axis and its title. */
const FULL_HEIGHT = TOP + HEIGHT + 42;
const LEAST_BAR_WIDTH = 5;
/** Half of the widest tick. */
const RIGHT = 22;
/** Room of a quantile's name and value, pixels. */
const LABEL_WIDTH = 84;
const QUANTILES = ['p50', 'p95', 'p99'] as const;

interface Bar {
  /** Response times in µs. */
  from: number;
  to: number;
  exchanges: number;
}

/** The exchanges of the chosen range in bars of `perBar` buckets each. */
export function distributionBars(page: Page, index: number, perBar: number): Bar[] {
  const { bucketBase, edges } = page.data.series;
  const times = edges[index]?.times;
  if (times === undefined) return [];
  const { from, to } = page.store.view;
  const { low, counts } = mergeHistogram(times, ...cellsOf(times, from, to));
  const bars: Bar[] = [];
  for (let i = 0; i < counts.length; i++) {
    // Bars begin at multiples of their width, so that they stand still while the range moves.
    const at = Math.floor((low + i) / perBar);
    const begin = bucketBase ** (at * perBar);
    if (bars.at(-1)?.from !== begin) {
      bars.push({ from: begin, to: bucketBase ** ((at + 1) * perBar), exchanges: 0 });
    }
    bars.at(-1)!.exchanges += counts[i] ?? 0;
  }
  return bars.filter(({ exchanges }) => exchanges > 0);
}

/** Lines at the quantiles of the range, with their names above the chart and apart from each other. */
function drawQuantiles(part: Part, page: Page, index: number, x: (us: number) => number): void {
  const stats = page.stats(index);
  const known = QUANTILES.flatMap((name) => {
    const us = stats[name];
    return us === null ? [] : [{ name, us, at: x(us) }];
  });
  const [left, right] = [MARGIN.left + LABEL_WIDTH / 2 - 20, x(Infinity)];
  const places = settle(
    known.map(({ at }) => Math.max(left, Math.min(right - LABEL_WIDTH / 2, at))),
    known.slice(1).map(() => LABEL_WIDTH),
  );
  const over = Math.max(0, (places.at(-1) ?? 0) + LABEL_WIDTH / 2 - right);
  for (const [i, { name, us, at }] of known.entries()) {
    const place = (places[i] ?? at) - over;
    part.append('path').attr('class', 'p95-mark').attr('d', `M${place} -3L${at} 4V${HEIGHT}`);
    part
      .append('text')
      .attr('class', 'quantile-name')
      .attr('x', place)
      .attr('y', -8)
      .text(`${name} ${duration(us)}`);
  }
}

export function distribution(page: Page, index: number): EdgeChart {
  const holder = h('div', { class: 'chart-holder' });
  const { bucketBase, edges } = page.data.series;
  const times = edges[index]?.times;
  const all = times === undefined ? null : mergeHistogram(times, 0, times.at.length);
  const buckets = all?.counts.length ?? 0;
  // Of the whole capture: an axis that changes with the range would hide what changes.
  const domain = durationDomain(
    all === null || buckets === 0 ? [] : [bucketBase ** all.low, bucketBase ** (all.low + buckets)],
  );
  let width = 0;
  const draw = (): void => {
    if (width === 0) return;
    const right = width - RIGHT;
    const x = scaleLog(domain, [MARGIN.left, right]).clamp(true);
    const bucketWidth =
      (Math.log(bucketBase) / Math.log(domain[1] / domain[0])) * (right - MARGIN.left);
    const bars = distributionBars(
      page,
      index,
      Math.max(1, Math.ceil(LEAST_BAR_WIDTH / bucketWidth)),
    );
    const svg = sizedSvg(width, FULL_HEIGHT)
      .attr('role', 'img')
      .attr('aria-label', `Distribution of the response times of ${page.edgeName(index)}`);
    holder.replaceChildren(svg.node() ?? '');
    const part: Part = svg.append('g').attr('transform', `translate(0,${TOP})`);
    panelTitle(part, 'Exchanges by response time', -22);
    const most = Math.max(1, ...bars.map(({ exchanges }) => exchanges));
    const y = scaleLinear([0, most], [HEIGHT, 0]).nice(3);
    valueAxis(part, y, 'exchanges', y.ticks(3).filter(Number.isInteger), count, right);
    for (const bar of bars) {
      part
        .append('rect')
        .attr('class', 'bar')
        .attr('x', x(bar.from))
        .attr('width', Math.max(1, x(bar.to) - x(bar.from) - 0.5))
        .attr('y', Math.min(HEIGHT - 1.5, y(bar.exchanges)))
        .attr('height', Math.max(1.5, HEIGHT - y(bar.exchanges)))
        .on('pointermove', (event: PointerEvent) => {
          const range = `${duration(bar.from)} – ${duration(bar.to)}`;
          const content = [facts([[range, plural(bar.exchanges, 'exchange')]])];
          page.tooltip.show(content, event.clientX, event.clientY);
        })
        .on('pointerleave', () => page.tooltip.hide());
    }
    const axis = part.append('g').attr('class', 'axis').attr('transform', `translate(0,${HEIGHT})`);
    axis.call(
      axisBottom<number>(x).tickValues(decades(domain)).tickFormat(durationLabel).tickSizeOuter(0),
    );
    axis
      .append('text')
      .attr('class', 'axis-title')
      .attr('x', (MARGIN.left + right) / 2)
      .attr('y', 34)
      .attr('text-anchor', 'middle')
      .text('response time (log scale)');
    drawQuantiles(part, page, index, (us) => (us === Infinity ? right : x(us)));
  };
  onWidth(holder, (now) => {
    width = now;
    draw();
  });
  return { element: holder, follow: draw };
}
