/** The values that the time charts draw: one a step. */
import type { EdgeSeries, ReportData } from '../../data.js';
import { addPairs, quantiles, rangeSeconds } from '../histogram.js';

export interface StepValues {
  /** Exchanges per second. */
  rate: number[];
  /** µs; null in steps without a measured exchange. */
  p95: (number | null)[];
  /** Failed connections per second. */
  failures: number[];
}

/** Values of one edge at each step. */
export function stepValues(data: ReportData, series: EdgeSeries | undefined): StepValues {
  const { steps, bucketBase } = data.series;
  const values: StepValues = {
    rate: new Array<number>(steps).fill(0),
    p95: new Array<number | null>(steps).fill(null),
    failures: new Array<number>(steps).fill(0),
  };
  if (series === undefined) return values;
  for (const [k, step] of series.at.entries()) {
    const seconds = rangeSeconds(data, step, step + 1);
    const histogram = new Map<number, number>();
    addPairs(histogram, series.hist[k] ?? []);
    values.rate[step] = (series.exchanges[k] ?? 0) / seconds;
    values.failures[step] = (series.failures[k] ?? 0) / seconds;
    values.p95[step] = quantiles(histogram, bucketBase, [0.95])[0] ?? null;
  }
  return values;
}

/** Sum of rate and failures over edges; quantiles of different edges are not one thing and stay null. */
export function totalValues(all: readonly StepValues[], steps: number): StepValues {
  const sum = (pick: (values: StepValues) => number[]): number[] =>
    Array.from({ length: steps }, (_, step) =>
      all.reduce((total, values) => total + (pick(values)[step] ?? 0), 0),
    );
  return {
    rate: sum(({ rate }) => rate),
    failures: sum(({ failures }) => failures),
    p95: new Array<null>(steps).fill(null),
  };
}
