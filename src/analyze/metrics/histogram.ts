/**
 * Latency histograms with logarithmic buckets: bucket i holds [1.02^i, 1.02^(i+1)) µs, so that the
 * middle of a bucket is within 1 % of every value in it, whatever the scale. Bucket 0 also holds
 * everything below 1 µs. Histograms add up and subtract, which is what sliding windows need.
 */

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

const PER_LOG = 1 / Math.log(BUCKET_BASE);

/** The bucket that holds a time in microseconds. */
export function bucketOf(us: number): number {
  if (!(us >= 1)) return 0;
  const guess = Math.floor(Math.log(us) * PER_LOG);
  if (guess >= BUCKETS) return BUCKETS - 1;
  // The logarithm may be off by a digit at a bound; the bounds decide.
  if (us < BOUNDS[guess]!) return guess - 1;
  return us >= BOUNDS[guess + 1]! && guess < BUCKETS - 1 ? guess + 1 : guess;
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
