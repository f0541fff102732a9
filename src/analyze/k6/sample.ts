/** All samples of one metric of k6's, added up as its type asks for. */
import { Histogram } from '../metrics/histogram.js';
import type { Limit } from './threshold.js';

export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend';

const MICRO = 1000;

export class Sample {
  readonly type: MetricType;
  count = 0;
  sum = 0;
  nonZero = 0;
  min = Infinity;
  max = -Infinity;
  last = 0;
  readonly #histogram: Histogram | null;

  constructor(type: MetricType) {
    this.type = type;
    this.#histogram = type === 'trend' ? new Histogram() : null;
  }

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value !== 0) this.nonZero++;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    this.last = value;
    // Buckets are fine from 1 on: a thousandth of k6's milliseconds.
    this.#histogram?.add(value * MICRO);
  }

  /** Quantile in a thousandth of the metric's unit: microseconds for times. Null where there is nothing. */
  quantileUs(q: number): number | null {
    return this.#histogram?.quantile(q) ?? null;
  }

  /** What a threshold compares; null where this type has no such number, or nothing was measured. */
  statistic({ statistic, rank }: Limit, seconds: number): number | null {
    if (this.count === 0) return null;
    if (this.type === 'rate') return statistic === 'rate' ? this.nonZero / this.count : null;
    if (this.type === 'gauge') return statistic === 'value' ? this.last : null;
    if (this.type === 'counter') {
      if (statistic === 'count') return this.sum;
      return statistic === 'rate' && seconds > 0 ? this.sum / seconds : null;
    }
    if (statistic === 'avg') return this.sum / this.count;
    if (statistic === 'min') return this.min;
    if (statistic === 'max') return this.max;
    if (statistic === 'count') return this.count;
    const us = statistic === 'p' ? this.quantileUs(rank) : null;
    return us === null ? null : Math.round(us) / MICRO;
  }
}
