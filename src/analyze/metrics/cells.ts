/**
 * The cells of all edges: what one edge did in one step, as a row of numbers. Rows lie in large arrays, as a capture has
 * millions of them; a Cell is a view of one, made when somebody reads.
 */
import type { Verdict } from '../model.js';
import { Arena } from './arena.js';
import type { OpenHistogram } from './open-histogram.js';
import type { Packed } from './packed.js';

/** The numbers of a row by their place in it. */
export const Field = {
  connections: 0,
  failures: 1,
  exchanges: 2,
  flagged: 3,
  retransmits: 4,
  synRetransmits: 5,
  openDelta: 6,
  lateConnects: 7,
  unansweredSyns: 8,
  /** Exchanges that the client timed. */
  timed: 9,
  sumUs: 10,
  paired: 11,
  pairedUs: 12,
  servedUs: 13,
  pickupUs: 14,
  acceptUs: 15,
  served: 16,
  allServedUs: 17,
  inFlightDelta: 18,
  inFlightNs: 19,
  /** Place, words in use and words of room of the two histograms. */
  latencyAt: 20,
  latencyUsed: 21,
  latencyRoom: 22,
  serverAt: 23,
  serverUsed: 24,
  serverRoom: 25,
} as const;

const FIELDS = 26;
const ROWS_IN_CHUNK = 2048;

/** Which of a row's two histograms. */
export type Which = typeof Field.latencyAt | typeof Field.serverAt;

export class Cells {
  readonly #chunks: Float64Array[] = [];
  readonly #histograms = new Arena();
  readonly #verdicts = new Map<number, Partial<Record<Verdict, number>>>();
  #count = 0;

  /** A new row, all zero. */
  add(): number {
    if (this.#count % ROWS_IN_CHUNK === 0)
      this.#chunks.push(new Float64Array(ROWS_IN_CHUNK * FIELDS));
    return this.#count++;
  }

  /** The array that holds a row … */
  numbers(row: number): Float64Array {
    return this.#chunks[Math.floor(row / ROWS_IN_CHUNK)]!;
  }

  /** … and where in it the row begins. */
  offset(row: number): number {
    return (row % ROWS_IN_CHUNK) * FIELDS;
  }

  /** Failures of a row by verdict; null where there are none. */
  verdicts(row: number): Partial<Record<Verdict, number>> | null {
    return this.#verdicts.get(row) ?? null;
  }

  fail(row: number, verdict: Verdict): void {
    const verdicts = this.#verdicts.get(row) ?? {};
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    this.#verdicts.set(row, verdicts);
  }

  /** The words of a histogram of a row. */
  words(row: number, which: Which): Uint32Array {
    const numbers = this.numbers(row);
    const at = this.offset(row) + which;
    return this.#histograms.at(numbers[at]!, numbers[at + 1]!);
  }

  /** Puts a histogram to rest in a row, where the one before it lay if there is room. */
  rest(row: number, which: Which, open: OpenHistogram): void {
    const words = open.pack();
    if (words.length === 0) return;
    const numbers = this.numbers(row);
    const at = this.offset(row) + which;
    const room = numbers[at + 2]!;
    if (words.length > room) {
      // One that grows again gets twice the room, so that what it leaves behind is never more than it has.
      numbers[at + 2] = Math.max(words.length, 2 * room);
      numbers[at] = this.#histograms.take(numbers[at + 2]!);
    }
    numbers[at + 1] = words.length;
    this.#histograms.at(numbers[at]!, words.length).set(words);
  }
}

/** One edge in one step. Times are the client's to the first response byte, or the server's own. */
export class Cell {
  readonly #cells: Cells;
  readonly #row: number;

  constructor(cells: Cells, row: number) {
    this.#cells = cells;
    this.#row = row;
  }

  get connections(): number {
    return this.#of(Field.connections);
  }
  get failures(): number {
    return this.#of(Field.failures);
  }
  get exchanges(): number {
    return this.#of(Field.exchanges);
  }
  get flagged(): number {
    return this.#of(Field.flagged);
  }
  /** Segments sent again; SYNs among them. */
  get retransmits(): number {
    return this.#of(Field.retransmits);
  }
  get synRetransmits(): number {
    return this.#of(Field.synRetransmits);
  }
  /** Connections established less those closed. */
  get openDelta(): number {
    return this.#of(Field.openDelta);
  }
  /** Handshakes that took a second or more because a SYN or its answer had to be sent again. */
  get lateConnects(): number {
    return this.#of(Field.lateConnects);
  }
  /** Attempts that got no answer and were given up. */
  get unansweredSyns(): number {
    return this.#of(Field.unansweredSyns);
  }
  get sumUs(): number {
    return this.#of(Field.sumUs);
  }
  /** Exchanges that both ends timed, by their start: sums of what the client waited, what the server took … */
  get paired(): number {
    return this.#of(Field.paired);
  }
  get pairedUs(): number {
    return this.#of(Field.pairedUs);
  }
  get servedUs(): number {
    return this.#of(Field.servedUs);
  }
  /** … and what passed before the server read the request; of that, on connections that were new. */
  get pickupUs(): number {
    return this.#of(Field.pickupUs);
  }
  get acceptUs(): number {
    return this.#of(Field.acceptUs);
  }
  /** Exchanges that the server timed, whether the client did or not, and the sum of its times. */
  get served(): number {
    return this.#of(Field.served);
  }
  get allServedUs(): number {
    return this.#of(Field.allServedUs);
  }
  /** Exchanges begun less those ended, and the time that those begun here were under way here: see `inFlight`. */
  get inFlightDelta(): number {
    return this.#of(Field.inFlightDelta);
  }
  get inFlightNs(): number {
    return this.#of(Field.inFlightNs);
  }
  /** Null where the client timed none. */
  get latency(): Packed | null {
    return this.#histogram(Field.latencyAt, this.#of(Field.timed));
  }
  /** Null where the server timed none. */
  get server(): Packed | null {
    return this.#histogram(Field.serverAt, this.#of(Field.served));
  }
  /** Failures by verdict, where there are any. */
  get verdicts(): Partial<Record<Verdict, number>> | null {
    return this.#cells.verdicts(this.#row);
  }

  #of(field: number): number {
    return this.#cells.numbers(this.#row)[this.#cells.offset(this.#row) + field]!;
  }

  #histogram(which: Which, total: number): Packed | null {
    return total === 0 ? null : { words: this.#cells.words(this.#row, which), total };
  }
}
