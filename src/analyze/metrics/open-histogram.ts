/** Histograms in the making, one number a bucket: only those of the steps that an edge is at now. */
import { BUCKETS } from './histogram.js';
import { COUNT_BITS, MOST, bucketIn, countIn } from './packed.js';

/** Room for the words of one histogram while it is packed; one for all, as it is empty between two calls. */
const packing: number[] = [];

/** A histogram that is added to. */
export class OpenHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #low = BUCKETS;
  #high = -1;

  add(bucket: number): void {
    this.#counts[bucket]!++;
    if (bucket < this.#low) this.#low = bucket;
    if (bucket > this.#high) this.#high = bucket;
  }

  /** Takes up one that was packed; this one must be empty. */
  unpack(words: Uint32Array): void {
    for (const word of words) {
      const bucket = bucketIn(word);
      this.#counts[bucket]! += countIn(word);
      if (bucket < this.#low) this.#low = bucket;
      if (bucket > this.#high) this.#high = bucket;
    }
  }

  /** Its words; it is empty afterwards. They hold until the next call on any. */
  pack(): readonly number[] {
    packing.length = 0;
    for (let bucket = this.#low; bucket <= this.#high; bucket++) {
      let count = this.#counts[bucket]!;
      if (count === 0) continue;
      this.#counts[bucket] = 0;
      for (; count > MOST; count -= MOST) packing.push(bucket * 2 ** COUNT_BITS + MOST);
      packing.push(bucket * 2 ** COUNT_BITS + count);
    }
    this.#low = BUCKETS;
    this.#high = -1;
    return packing;
  }
}
