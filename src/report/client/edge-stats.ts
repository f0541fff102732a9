/** What an edge did in a range of steps. */
import type { ReportData } from '../data.js';
import { cellsOf, lowerBound, mergeHistogram, quantiles, sum } from './histogram.js';

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
  /** Sum of the measured times. */
  sumUs: number;
  avg: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** Length in seconds of the steps `from` to `to`; the last step may be cut by the capture's end. */
export function rangeSeconds(data: ReportData, from: number, to: number): number {
  const { stepS } = data.series;
  return Math.max(1e-9, Math.min(to * stepS, data.about.durationS) - from * stepS);
}

/** Quantiles in µs. */
type Quantiles = Pick<EdgeStats, 'p50' | 'p95' | 'p99'>;
/** The times of an edge in a range, out of its histograms. */
type TimeStats = Pick<EdgeStats, 'measured' | 'sumUs' | 'avg'> & Quantiles;

function timeStats(data: ReportData, index: number, from: number, to: number): TimeStats {
  const { bucketBase, edges } = data.series;
  const { times } = edges[index]!;
  const [first, end] = cellsOf(times, from, to);
  const histogram = mergeHistogram(times, first, end);
  let measured = 0;
  for (let i = 0; i < histogram.counts.length; i++) measured += histogram.counts[i]!;
  const [p50, p95, p99] = quantiles(histogram, bucketBase, [0.5, 0.95, 0.99]);
  const sumUs = sum(times.sumUs, first, end);
  return {
    measured,
    sumUs,
    avg: measured === 0 ? null : sumUs / measured,
    p50: p50 ?? null,
    p95: p95 ?? null,
    p99: p99 ?? null,
  };
}

/** Counts at once, times when they are first asked for: of thousands of edges few are in sight. */
class RangeStats implements EdgeStats {
  readonly seconds: number;
  readonly exchanges: number;
  readonly connections: number;
  readonly failures: number;
  readonly retransmits: number;
  readonly open: number;
  readonly rate: number;
  /** Over the whole capture they are the analyzer's own, which are finer than the page's histograms. */
  readonly #known: Quantiles | null;
  readonly #timesOf: () => TimeStats;
  #times: TimeStats | null = null;

  constructor(data: ReportData, index: number, from: number, to: number) {
    const series = data.series.edges[index];
    if (series === undefined) throw new RangeError(`no edge ${String(index)}`);
    const [first, end] = [lowerBound(series.at, from), lowerBound(series.at, to)];
    this.seconds = rangeSeconds(data, from, to);
    this.exchanges = sum(series.exchanges, first, end);
    this.connections = sum(series.connections, first, end);
    this.failures = sum(series.failures, first, end);
    this.retransmits = sum(series.retransmits, first, end);
    this.open = end === 0 ? 0 : (series.open[end - 1] ?? 0);
    this.rate = this.exchanges / this.seconds;
    this.#known = from === 0 && to === data.series.steps ? data.edges[index]! : null;
    this.#timesOf = () => timeStats(data, index, from, to);
  }

  get measured(): number {
    return this.#now.measured;
  }

  get sumUs(): number {
    return this.#now.sumUs;
  }

  get avg(): number | null {
    return this.#now.avg;
  }

  get p50(): number | null {
    return (this.#known ?? this.#now).p50;
  }

  get p95(): number | null {
    return (this.#known ?? this.#now).p95;
  }

  get p99(): number | null {
    return (this.#known ?? this.#now).p99;
  }

  get #now(): TimeStats {
    return (this.#times ??= this.#timesOf());
  }
}

/** What edge `index` did in the steps `from` to `to`. */
export function edgeStats(data: ReportData, index: number, from: number, to: number): EdgeStats {
  return new RangeStats(data, index, from, to);
}
