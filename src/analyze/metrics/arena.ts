/**
 * Room for many short runs of 32-bit words without an object for each: a run is known by a number, its place. Runs
 * stay where they are; chunks are never copied.
 */
const CHUNK = 1 << 18;

const NOTHING = new Uint32Array(0);

export class Arena {
  readonly #chunks: Uint32Array[] = [];
  /** Words of the last chunk that are taken. */
  #used = CHUNK;

  /** The place of `length` words that are free; `length` is at most CHUNK. */
  take(length: number): number {
    if (this.#used + length > CHUNK) {
      this.#chunks.push(new Uint32Array(CHUNK));
      this.#used = 0;
    }
    const place = (this.#chunks.length - 1) * CHUNK + this.#used;
    this.#used += length;
    return place;
  }

  /** The words at a place, to read and to write. */
  at(place: number, length: number): Uint32Array {
    if (length === 0) return NOTHING;
    const from = place % CHUNK;
    return this.#chunks[Math.floor(place / CHUNK)]!.subarray(from, from + length);
  }
}
