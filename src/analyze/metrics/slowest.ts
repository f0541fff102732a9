/** The slowest exchanges of one edge: a fixed number of them, in one flat array, so that none costs an object. */
import type { SlowExchange } from '../model.js';

/** Slowest exchanges kept for each edge. */
export const SLOWEST = 10;

/** Numbers kept of each: what the client waited, when it began, the server's part, the connection. */
const FIELDS = 4;

export class Slowest {
  /** What an exchange must have taken to be taken in, µs. */
  floorUs = -1;
  #rows = new Float64Array(0);
  #count = 0;

  /** Takes in an exchange that took longer than `floorUs`; `serverUs` NaN where the server's end was not seen. */
  add(ttfbUs: number, startNs: number, serverUs: number, connection: number): void {
    if (this.#count === 0) this.#rows = new Float64Array(FIELDS * SLOWEST);
    const at = this.#count < SLOWEST ? this.#count++ : this.#fastest();
    const row = at * FIELDS;
    this.#rows[row] = ttfbUs;
    this.#rows[row + 1] = startNs;
    this.#rows[row + 2] = serverUs;
    this.#rows[row + 3] = connection;
    if (this.#count === SLOWEST) this.floorUs = this.#rows[this.#fastest() * FIELDS]!;
  }

  /** The slowest first; those that took equally long in order of time. */
  list(edge: number): SlowExchange[] {
    return Array.from({ length: this.#count }, (_, i) => {
      const [ttfbUs = 0, startNs = 0, serverUs = NaN, connection = 0] = this.#rows.subarray(
        i * FIELDS,
        (i + 1) * FIELDS,
      );
      return { edge, connection, startNs, ttfbUs, serverUs: isNaN(serverUs) ? null : serverUs };
    }).sort((a, b) => b.ttfbUs - a.ttfbUs || a.startNs - b.startNs);
  }

  #fastest(): number {
    let at = 0;
    for (let i = 1; i < this.#count; i++) {
      if (this.#rows[i * FIELDS]! < this.#rows[at * FIELDS]!) at = i;
    }
    return at;
  }
}
