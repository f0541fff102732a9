/**
 * Histograms at rest. Of the 1,280 buckets a step of an edge uses few, so each of those takes one 32-bit word:
 * bucket × 2^21 + count.
 */
export const COUNT_BITS = 21;
/** The most that one word counts. */
export const MOST = 2 ** COUNT_BITS - 1;

/** The bucket that a word is about. */
export function bucketIn(word: number): number {
  return word >>> COUNT_BITS;
}

/** What a word counts; several words may be about one bucket. */
export function countIn(word: number): number {
  return word & MOST;
}

/** A histogram at rest: its words ascending by bucket, and the sum of their counts. */
export interface Packed {
  readonly words: Uint32Array;
  readonly total: number;
}

/** As an array of counts of consecutive buckets. */
export function spread({ words }: Packed): { first: number; counts: Uint32Array } {
  const first = words.length === 0 ? 0 : bucketIn(words[0]!);
  const last = words.length === 0 ? -1 : bucketIn(words[words.length - 1]!);
  const counts = new Uint32Array(last - first + 1);
  for (const word of words) counts[bucketIn(word) - first]! += countIn(word);
  return { first, counts };
}
