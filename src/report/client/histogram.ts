/**
 * Merges the cells of a range of steps and reads quantiles out of the merged histogram. This is how a
 * brushed range gets its own p50, p95 and p99: cells add up, quantiles do not.
 */
import type { EdgeSeries, ReportData, Series } from '../data.js';

/** What an edge did in a range of steps. Durations in µs. */
export interface EdgeStats {
  /** Length of the range in seconds. */
  seconds: number;
  exchanges: number;
  /** Exchanges whose time was measured: the others are flagged and stay out of the percentiles. */
  measured: number;
  connections: number;
  failures: number;
  retransmits: number;
  /** Connections open at the end of the range. */
  open: number;
  /** Exchanges per second. */
  rate: number;
  avg: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** Exchanges by bucket. */
export type Histogram = Map<number, number>;

/** First entry of `at` that is not before `step`. */
function lowerBound(at: readonly number[], step: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds one cell's flat bucket, count pairs to `into`. */
export function addPairs(into: Histogram, pairs: readonly number[]): void {
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const bucket = pairs[i] ?? 0;
    into.set(bucket, (into.get(bucket) ?? 0) + (pairs[i + 1] ?? 0));
  }
}

/** The merged histogram of the steps `from` (inclusive) to `to` (exclusive). */
export function mergeHistogram(series: EdgeSeries, from: number, to: number): Histogram {
  const merged: Histogram = new Map();
  for (let k = lowerBound(series.at, from); k < series.at.length; k++) {
    if ((series.at[k] ?? to) >= to) break;
    addPairs(merged, series.hist[k] ?? []);
  }
  return merged;
}

/**
 * Quantiles in µs, one for each of `shares` (ascending, 0..1); `null` where the histogram is empty.
 * Inside a bucket values are taken to lie evenly on the logarithmic scale.
 */
export function quantiles(
  histogram: Histogram,
  bucketBase: number,
  shares: readonly number[],
): (number | null)[] {
  const buckets = [...histogram].sort((a, b) => a[0] - b[0]);
  const total = buckets.reduce((sum, [, n]) => sum + n, 0);
  if (total === 0) return shares.map(() => null);
  let next = 0;
  let seen = 0;
  return shares.map((share) => {
    const rank = share * total;
    for (;;) {
      const [bucket, n] = buckets[next] ?? [0, 0];
      if (seen + n >= rank || next >= buckets.length - 1) {
        const inside = n === 0 ? 0 : Math.min(1, Math.max(0, (rank - seen) / n));
        return bucketBase ** (bucket + inside);
      }
      seen += n;
      next++;
    }
  });
}

/** Length in seconds of the steps `from` to `to`; the last step may be cut by the capture's end. */
export function rangeSeconds(data: ReportData, from: number, to: number): number {
  const { stepS } = data.series;
  return Math.max(1e-9, Math.min(to * stepS, data.about.durationS) - from * stepS);
}

function sumOver(at: readonly number[], values: readonly number[], from: number, to: number) {
  let sum = 0;
  for (let k = lowerBound(at, from); k < at.length && (at[k] ?? to) < to; k++)
    sum += values[k] ?? 0;
  return sum;
}

/** Connections open at the end of step `to - 1`: the last cell before it holds until a newer one. */
function openAt(series: EdgeSeries, to: number): number {
  const k = lowerBound(series.at, to) - 1;
  return k < 0 ? 0 : (series.open[k] ?? 0);
}

/**
 * What edge `index` did in the steps `from` to `to`. Over the whole capture the quantiles are the
 * analyzer's own, which are finer than the page's histograms.
 */
export function edgeStats(data: ReportData, index: number, from: number, to: number): EdgeStats {
  const all: Series = data.series;
  const series = all.edges[index];
  const edge = data.edges[index];
  if (series === undefined || edge === undefined) throw new RangeError(`no edge ${String(index)}`);
  const sum = (values: readonly number[]): number => sumOver(series.at, values, from, to);
  const histogram = mergeHistogram(series, from, to);
  const measured = [...histogram.values()].reduce((total, n) => total + n, 0);
  const exchanges = sum(series.exchanges);
  const seconds = rangeSeconds(data, from, to);
  const whole = from === 0 && to === all.steps;
  const [p50, p95, p99] = whole
    ? [edge.p50, edge.p95, edge.p99]
    : quantiles(histogram, all.bucketBase, [0.5, 0.95, 0.99]);
  return {
    seconds,
    exchanges,
    measured,
    connections: sum(series.connections),
    failures: sum(series.failures),
    retransmits: sum(series.retransmits),
    open: openAt(series, to),
    rate: exchanges / seconds,
    avg: measured === 0 ? null : sum(series.sumUs) / measured,
    p50: p50 ?? null,
    p95: p95 ?? null,
    p99: p99 ?? null,
  };
}
