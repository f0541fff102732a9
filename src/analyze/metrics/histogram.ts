/**
 * Latency histograms with logarithmic buckets: bucket i holds [1.02^i, 1.02^(i+1)) µs, so that the
 * middle of a bucket is within 1 % of every value in it, whatever the scale. Bucket 0 also holds
 * everything below 1 µs. Histograms add up and subtract, which is what sliding windows need.
 */

import type { Packed } from './packed.js';
import { bucketIn, countIn } from './packed.js';

/** Ratio between the bounds of neighbouring buckets; √1.02 − 1 = 0.995 % is the largest error. */
export const BUCKET_BASE = 1.02;

/** Enough buckets for 28 hours. */
export const BUCKETS = 1280;

/**
 * Lower bound of each bucket, and behind them the upper one of the last. Products alone: what `**` and `Math.log` give
 * differs in the last digit between machines and versions of Node, and equal captures must give equal analyses.
 */
const BOUNDS = new Float64Array(BUCKETS + 1);
BOUNDS[0] = 1;
for (let i = 0; i < BUCKETS; i++) BOUNDS[i + 1] = BOUNDS[i]! * BUCKET_BASE;

/** A double's exponent and the first bits of its fraction tell its bucket but for one bound, which then decides. */
const FRACTION_BITS = 8;
const SHIFT = 20 - FRACTION_BITS;
const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
/** Doubles lie in the machine's own order of bytes. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
/** What stands in the upper half of 1.0, and how many such slices there are up to the last bound. */
const SLICE_OF_1 = sliceOf(1);
const SLICES = sliceOf(BOUNDS[BUCKETS]!) - SLICE_OF_1 + 1;
/** The bucket that holds the lower end of each slice; a slice is narrower than a bucket. */
const BUCKET_AT = bucketsBySlice();

function sliceOf(us: number): number {
  double[0] = us;
  return halves[HIGH]! >>> SHIFT;
}

function bucketsBySlice(): Uint16Array {
  const table = new Uint16Array(SLICES);
  let bucket = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    halves[HIGH] = (slice + SLICE_OF_1) << SHIFT;
    halves[1 - HIGH] = 0;
    while (bucket < BUCKETS - 1 && double[0]! >= BOUNDS[bucket + 1]!) bucket++;
    table[slice] = bucket;
  }
  return table;
}

/** The bucket that holds a time in microseconds. */
export function bucketOf(us: number): number {
  if (!(us >= 1)) return 0;
  if (us >= BOUNDS[BUCKETS - 1]!) return BUCKETS - 1;
  const bucket = BUCKET_AT[sliceOf(us) - SLICE_OF_1]!;
  return us >= BOUNDS[bucket + 1]! ? bucket + 1 : bucket;
}

/** Lower and upper bound of bucket `i` in microseconds. */
export function bucketBounds(i: number): [low: number, high: number] {
  return [BOUNDS[i]!, BOUNDS[i + 1]!];
}

/** The value that stands for all of bucket `i`, in microseconds. */
export function bucketMiddle(i: number): number {
  return Math.sqrt(BOUNDS[i]! * BOUNDS[i + 1]!);
}

/** Counts of all buckets, for merging; 10 KB. */
export class Histogram {
  readonly counts = new Float64Array(BUCKETS);
  total = 0;

  add(us: number, count = 1): void {
    const bucket = bucketOf(us);
    this.counts[bucket]! += count;
    this.total += count;
  }

  /** Adds (`sign` 1) or takes away (`sign` -1) what a step holds. */
  merge(step: StepHistogram, sign: 1 | -1): void {
    const { first, counts } = step;
    for (let i = 0; i < counts.length; i++) this.counts[first + i]! += sign * counts[i]!;
    this.total += sign * step.total;
  }

  /** Adds counts of the buckets from `first` on. */
  addCounts({ first, counts }: { first: number; counts: ArrayLike<number> }): void {
    for (let i = 0; i < counts.length; i++) {
      this.counts[first + i]! += counts[i]!;
      this.total += counts[i]!;
    }
  }

  /** The same as `merge` with a histogram at rest. */
  mergePacked({ words, total }: Packed, sign: 1 | -1): void {
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      this.counts[bucketIn(word)]! += sign * countIn(word);
    }
    this.total += sign * total;
  }

  /**
   * The value at rank ⌈q × n⌉ of the sorted values, in microseconds, within 1 %; null when empty.
   * @param q between 0 and 1.
   */
  quantile(q: number): number | null {
    return this.quantiles([q])[0] ?? null;
  }

  /** Several quantiles in one walk; `qs` ascending. */
  quantiles(qs: readonly number[]): (number | null)[] {
    if (this.total === 0) return qs.map(() => null);
    const found: number[] = [];
    let seen = 0;
    let bucket = -1;
    for (const q of qs) {
      const rank = Math.max(1, Math.ceil(q * this.total));
      while (seen < rank && bucket < BUCKETS - 1) seen += this.counts[++bucket]!;
      found.push(bucketMiddle(bucket));
    }
    return found;
  }
}

const FIRST_SPAN = 16;

/** A histogram that only takes room for the range of buckets in use: one for each edge and step. */
export class StepHistogram {
  /** Bucket of counts[0]. */
  first = 0;
  counts = new Uint32Array(0);
  total = 0;

  add(us: number): void {
    const bucket = bucketOf(us);
    const at = bucket - this.first;
    if (at < 0 || at >= this.counts.length) this.#reach(bucket);
    this.counts[bucket - this.first]!++;
    this.total++;
  }

  /** Makes room for `bucket`, with slack on both sides so that growth is rare. */
  #reach(bucket: number): void {
    const empty = this.counts.length === 0;
    const low = empty ? bucket : Math.min(this.first, bucket);
    const high = empty ? bucket : Math.max(this.first + this.counts.length - 1, bucket);
    const slack = Math.max(FIRST_SPAN / 2, (high - low) >> 2);
    const first = Math.max(0, low - slack);
    const counts = new Uint32Array(Math.min(BUCKETS - 1, high + slack) - first + 1);
    if (!empty) counts.set(this.counts, this.first - first);
    this.first = first;
    this.counts = counts;
  }

  /** The buckets in use and their counts, ascending. */
  sparse(): { buckets: number[]; counts: number[] } {
    const buckets: number[] = [];
    const counts: number[] = [];
    for (let i = 0; i < this.counts.length; i++) {
      const count = this.counts[i]!;
      if (count === 0) continue;
      buckets.push(this.first + i);
      counts.push(count);
    }
    return { buckets, counts };
  }
}
