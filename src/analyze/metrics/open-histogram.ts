/** Histograms in the making, one number a bucket: only those of the steps that are being counted in. */
import { BUCKETS } from './histogram.js';
import { COUNT_BITS, MOST, bucketIn, countIn } from './packed.js';

/** Room for the words of one histogram while it is packed; one for all, as it is empty between two calls. */
const packing: number[] = [];

/** A histogram that is added to. */
export class OpenHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  /** A bit for each bucket in use, the lowest bucket in the highest bit: few are, and those are found fast. */
  readonly #used = new Int32Array(BUCKETS / 32);

  add(bucket: number): void {
    this.#counts[bucket]!++;
    this.#used[bucket >>> 5]! |= 0x8000_0000 >>> (bucket & 31);
  }

  /** Takes up one that was packed; this one must be empty. */
  unpack(words: Uint32Array): void {
    for (let i = 0; i < words.length; i++) {
      const bucket = bucketIn(words[i]!);
      this.#counts[bucket]! += countIn(words[i]!);
      this.#used[bucket >>> 5]! |= 0x8000_0000 >>> (bucket & 31);
    }
  }

  /** Its words; it is empty afterwards. They hold until the next call on any. */
  pack(): readonly number[] {
    packing.length = 0;
    for (let i = 0; i < this.#used.length; i++) {
      let used = this.#used[i]!;
      if (used === 0) continue;
      this.#used[i] = 0;
      while (used !== 0) {
        const bit = Math.clz32(used);
        used ^= 0x8000_0000 >>> bit;
        this.#take(32 * i + bit);
      }
    }
    return packing;
  }

  #take(bucket: number): void {
    let count = this.#counts[bucket]!;
    this.#counts[bucket] = 0;
    for (; count > MOST; count -= MOST) packing.push(bucket * 2 ** COUNT_BITS + MOST);
    packing.push(bucket * 2 ** COUNT_BITS + count);
  }
}
