/**
 * Exchanges wait here until a step is over, and are then counted edge by edge: so what an edge needs for counting is
 * fetched once for many exchanges, where each exchange by itself would find it gone from the processor's caches. One
 * row of 40 bytes an exchange; those of an edge keep their order.
 */
import type { EdgeMetrics } from './edges.js';
import { OpenHistogram } from './open-histogram.js';
import type { Steps } from './steps.js';

/** The doubles of a row by their place in it. */
export const LogNumber = {
  startNs: 0,
  /** From the client's first byte sent to the server's first byte read, µs; only where both are seen. */
  pickupUs: 1,
} as const;

/** The 32-bit words of a row by their place in it; a row is the same bytes as numbers and as words. */
export const LogWord = {
  edge: 4,
  connection: 5,
  /** Times in the unit that `marks` tells: the client's to the first byte, the server's, the client's to the last. */
  ttfb: 6,
  served: 7,
  total: 8,
  /** Sum of Mark. */
  marks: 9,
} as const;

export const Mark = {
  /** Its times stay out of percentiles. */
  FLAGGED: 1,
  /** It was the first on its connection, so that accepting is part of `pickupUs`. */
  FRESH: 2,
  /** The client's time to the first byte can be told; the server's can. */
  TIMED: 4,
  SERVED: 8,
  /** `ttfb` and `total`, which one end told, are µs, not ns; `served` is. */
  MICROS: 16,
  SERVED_MICROS: 32,
} as const;

export const LOG_NUMBERS = 5;
/** More than one and a half seconds of the busiest load that two cores can make. */
const CAPACITY = 131_072;

/** A step of the edge at hand that is being counted in. */
export class OpenStep {
  step = -1;
  /** Where it begins, and where the next one does. */
  fromNs = 0;
  toNs = 0;
  row = 0;
  numbers: Float64Array = new Float64Array(0);
  at = 0;
  readonly latency = new OpenHistogram();
  readonly server = new OpenHistogram();
}

/** Rows of a log, as numbers and as words of the same bytes. */
export class LogRows {
  readonly numbers = new Float64Array(CAPACITY * LOG_NUMBERS);
  readonly words = new Uint32Array(this.numbers.buffer);
}

export class ExchangeLog {
  readonly #edges: readonly EdgeMetrics[];
  readonly #steps: Steps;
  #waiting = new LogRows();
  /** Those that are being counted, edge by edge. */
  readonly #sorted = new LogRows();
  #count = 0;
  /** Once an exchange begins here, those that began a step before are counted. */
  #flushNs = 0;
  /** Where in #sorted the next row of each edge goes. */
  #places = new Uint32Array(256);
  readonly #open = new OpenStep();

  /** @param edges edge with id n is edges[n - 1]; more may be added. */
  constructor(edges: readonly EdgeMetrics[], steps: Steps) {
    this.#edges = edges;
    this.#steps = steps;
  }

  /** See LogNumber, LogWord. */
  add(
    startNs: number,
    pickupUs: number,
    edge: number,
    connection: number,
    ttfb: number,
    served: number,
    total: number,
    marks: number,
  ): void {
    if (startNs >= this.#flushNs) this.#flushSteps(startNs);
    if (this.#count === CAPACITY) this.flush();
    const { numbers, words } = this.#waiting;
    const row = this.#count++ * LOG_NUMBERS;
    numbers[row + LogNumber.startNs] = startNs;
    numbers[row + LogNumber.pickupUs] = pickupUs;
    words[2 * row + LogWord.edge] = edge;
    words[2 * row + LogWord.connection] = connection;
    words[2 * row + LogWord.ttfb] = ttfb;
    words[2 * row + LogWord.served] = served;
    words[2 * row + LogWord.total] = total;
    words[2 * row + LogWord.marks] = marks;
  }

  /** Counts all that wait. */
  flush(): void {
    this.#flush(Infinity);
  }

  /** Counts the steps before that of `nowNs`, of which hardly anything can come any more. */
  #flushSteps(nowNs: number): void {
    const { stepNs } = this.#steps;
    const fromNs = Math.floor(nowNs / stepNs) * stepNs;
    this.#flush(fromNs);
    this.#flushNs = fromNs + 1.5 * stepNs;
  }

  /** Counts what began before `beforeNs`. */
  #flush(beforeNs: number): void {
    this.#reserve(beforeNs);
    this.#sort(beforeNs);
    let from = 0;
    for (let edge = 1; edge <= this.#edges.length; edge++) {
      const to = this.#places[edge]!;
      if (to > from) this.#edges[edge - 1]!.take(this.#sorted, from, to, this.#open);
      from = to;
    }
  }

  /** Decides where the rows of each edge begin in #sorted. */
  #reserve(beforeNs: number): void {
    const { numbers, words } = this.#waiting;
    const edges = this.#edges.length;
    if (this.#places.length < edges + 2) this.#places = new Uint32Array(2 * (edges + 2));
    const places = this.#places.fill(0);
    const end = this.#count * LOG_NUMBERS;
    for (let row = 0; row < end; row += LOG_NUMBERS) {
      // Counted one place further on, so that the sum over all before is where an edge's rows begin.
      if (numbers[row + LogNumber.startNs]! < beforeNs)
        places[words[2 * row + LogWord.edge]! + 1]! += LOG_NUMBERS;
    }
    for (let edge = 1; edge < places.length; edge++) places[edge]! += places[edge - 1]!;
  }

  /** Moves rows to where their edge's are, in their order, and those that stay to the front. */
  #sort(beforeNs: number): void {
    const { numbers, words } = this.#waiting;
    const places = this.#places;
    const end = this.#count * LOG_NUMBERS;
    let staying = 0;
    for (let row = 0; row < end; row += LOG_NUMBERS) {
      const goes = numbers[row + LogNumber.startNs]! < beforeNs;
      let to = staying;
      if (goes) {
        const edge = words[2 * row + LogWord.edge]!;
        to = places[edge]!;
        places[edge] = to + LOG_NUMBERS;
      } else staying += LOG_NUMBERS;
      copyRow(this.#waiting, row, goes ? this.#sorted : this.#waiting, to);
    }
    this.#count = staying / LOG_NUMBERS;
  }
}

/** Numbers as numbers and words as words: a pair of words need not survive as a double. */
function copyRow(a: LogRows, from: number, b: LogRows, to: number): void {
  b.numbers[to] = a.numbers[from]!;
  b.numbers[to + 1] = a.numbers[from + 1]!;
  b.words[2 * to + 4] = a.words[2 * from + 4]!;
  b.words[2 * to + 5] = a.words[2 * from + 5]!;
  b.words[2 * to + 6] = a.words[2 * from + 6]!;
  b.words[2 * to + 7] = a.words[2 * from + 7]!;
  b.words[2 * to + 8] = a.words[2 * from + 8]!;
  b.words[2 * to + 9] = a.words[2 * from + 9]!;
}
