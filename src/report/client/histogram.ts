/**
 * Adds up the cells of a range of steps and reads quantiles out of the merged histogram. This is how a
 * brushed range gets its own p50, p95 and p99: cells add up, quantiles do not.
 */
import type { Numbers, ReportData, Times } from '../data.js';

/** Exchanges by bucket: `counts[i]` in bucket `low + i`. */
export interface Histogram {
  low: number;
  counts: ArrayLike<number>;
}

/** First entry of `at` that is not before `step`. */
export function lowerBound(at: Numbers, step: number): number {
  // Of a busy edge every step has an entry, and the first guess is right.
  const guess = step - (at[0] ?? 0);
  if (guess > 0 && at[guess] === step && at[guess - 1]! < step) return guess;
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

const MOST_BUCKETS = 1300;
/** Room for one sum of histograms at a time: thousands are made for each movement of the brush. */
const room = new Float64Array(MOST_BUCKETS);

/** Where each cell's histogram begins in `times.hist`. */
const starts = new WeakMap<Times, Int32Array>();

function startsOf(times: Times): Int32Array {
  let found = starts.get(times);
  if (found === undefined) {
    found = new Int32Array(times.at.length);
    for (let k = 0, at = 0; k < found.length; k++) {
      found[k] = at;
      at += 2 + (times.hist[at + 1] ?? 0);
    }
    starts.set(times, found);
  }
  return found;
}

/** The cells of `times` that touch the steps `from` to `to`: first, and one past the last. */
export function cellsOf(times: Times, from: number, to: number): [first: number, end: number] {
  return [
    lowerBound(times.at, Math.floor(from / times.every)),
    lowerBound(times.at, Math.ceil(to / times.every)),
  ];
}

/** The merged histogram of some cells; only valid until the next call. */
export function mergeHistogram(times: Times, first: number, end: number): Histogram {
  const begin = startsOf(times);
  const { hist } = times;
  let [low, high] = [MOST_BUCKETS, -1];
  for (let k = first; k < end; k++) {
    const at = begin[k]!;
    const length = hist[at + 1]!;
    if (length === 0) continue;
    low = Math.min(low, hist[at]!);
    high = Math.max(high, hist[at]! + length - 1);
  }
  if (high < 0) return { low: 0, counts: [] };
  room.fill(0, 0, high - low + 1);
  for (let k = first; k < end; k++) {
    const at = begin[k]!;
    const offset = hist[at]! - low;
    const length = hist[at + 1]!;
    for (let i = 0; i < length; i++) room[offset + i]! += hist[at + 2 + i]!;
  }
  return { low, counts: room.subarray(0, high - low + 1) };
}

/**
 * Quantiles in µs, one for each of `shares` (ascending, 0..1); `null` where the histogram is empty.
 * Inside a bucket values are taken to lie evenly on the logarithmic scale.
 */
export function quantiles(
  { low, counts }: Histogram,
  bucketBase: number,
  shares: readonly number[],
): (number | null)[] {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i]!;
  if (total === 0) return shares.map(() => null);
  let next = 0;
  let seen = 0;
  return shares.map((share) => {
    const rank = share * total;
    while (next < counts.length - 1 && seen + counts[next]! < rank) seen += counts[next++]!;
    const n = counts[next]!;
    const inside = n === 0 ? 0 : Math.min(1, Math.max(0, (rank - seen) / n));
    return bucketBase ** (low + next + inside);
  });
}

/** Sum of the values `first` to `end`, which is exclusive. */
export function sum(values: Numbers, first: number, end: number): number {
  // A column of zeros is empty.
  const last = Math.min(end, values.length);
  let total = 0;
  for (let k = first; k < last; k++) total += values[k]!;
  return total;
}

/** Where the client's time went on one edge in a range: averages in µs over exchanges that both ends timed. */
export interface Split {
  client: number;
  /** Before the server read the request. */
  pickup: number;
  server: number;
  /** What is left: the way of the response. */
  back: number;
}

/** The split of edge `index`; null where no exchange was timed at both ends. */
export function splitOf(data: ReportData, index: number, from: number, to: number): Split | null {
  const times = data.series.edges[index]?.times;
  if (times === undefined) return null;
  const [first, end] = cellsOf(times, from, to);
  const paired = sum(times.paired, first, end);
  if (paired === 0) return null;
  const client = sum(times.pairedUs, first, end) / paired;
  const server = Math.min(client, sum(times.servedUs, first, end) / paired);
  const pickup = Math.min(client - server, sum(times.pickupUs, first, end) / paired);
  return { client, server, pickup, back: client - server - pickup };
}
