/** The values that the time charts draw: one a step. */
import type { ReportData } from '../../data.js';
import { rangeSeconds } from '../edge-stats.js';
import { mergeHistogram, quantiles } from '../histogram.js';

export interface StepValues {
  /** Exchanges per second. */
  rate: number[];
  /** µs; null in steps without a measured exchange. */
  p50: (number | null)[];
  p95: (number | null)[];
  p99: (number | null)[];
  /** Failed connections per second. */
  failures: number[];
  /** Connections open at the end of the step. */
  open: number[];
}

function empty(steps: number): StepValues {
  const zeros = (): number[] => new Array<number>(steps).fill(0);
  const nulls = (): (number | null)[] => new Array<number | null>(steps).fill(null);
  return {
    rate: zeros(),
    p50: nulls(),
    p95: nulls(),
    p99: nulls(),
    failures: zeros(),
    open: zeros(),
  };
}

/** Adds the counts of edge `index` to `values`. */
function addCounts(data: ReportData, index: number, values: StepValues): void {
  const series = data.series.edges[index];
  if (series === undefined) return;
  const { steps, stepS } = data.series;
  const last = rangeSeconds(data, steps - 1, steps);
  let [open, next] = [0, 0];
  for (let k = 0; k < series.at.length; k++) {
    const step = series.at[k]!;
    const seconds = step === steps - 1 ? last : stepS;
    values.rate[step]! += (series.exchanges[k] ?? 0) / seconds;
    values.failures[step]! += (series.failures[k] ?? 0) / seconds;
    if (open > 0) for (let i = next; i < step; i++) values.open[i]! += open;
    open = series.open[k] ?? 0;
    next = step;
  }
  if (open > 0) for (let i = next; i < steps; i++) values.open[i]! += open;
}

/** What was computed already: a service shares its edges with its callers, and readers come back. */
const known = new WeakMap<ReportData, Map<number, StepValues>>();

/** Values of one edge at each step. */
export function stepValues(data: ReportData, index: number): StepValues {
  const ofEdges = known.get(data) ?? new Map<number, StepValues>();
  const values = ofEdges.get(index) ?? valuesOf(data, index);
  known.set(data, ofEdges.set(index, values));
  return values;
}

function valuesOf(data: ReportData, index: number): StepValues {
  const { steps, bucketBase } = data.series;
  const values = empty(steps);
  addCounts(data, index, values);
  const times = data.series.edges[index]?.times;
  if (times === undefined) return values;
  for (let k = 0; k < times.at.length; k++) {
    const cell = times.at[k]!;
    const histogram = mergeHistogram(times, k, k + 1);
    const [p50, p95, p99] = quantiles(histogram, bucketBase, [0.5, 0.95, 0.99]);
    const end = Math.min(steps, (cell + 1) * times.every);
    for (let step = cell * times.every; step < end; step++) {
      values.p50[step] = p50 ?? null;
      values.p95[step] = p95 ?? null;
      values.p99[step] = p99 ?? null;
    }
  }
  return values;
}

/** Counts of all edges; quantiles of different edges are not one thing and stay null. */
export function totalValues(data: ReportData): StepValues {
  const values = empty(data.series.steps);
  for (let index = 0; index < data.edges.length; index++) addCounts(data, index, values);
  return values;
}
