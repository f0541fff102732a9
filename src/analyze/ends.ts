/**
 * What each event of an exchange touches, for all sockets in one array: an end is a row of 64 bytes, one cache line, where
 * an object would have each number in a place of its own. Fetching a line that the caches have lost takes longer than
 * all that is computed of it: so rows are small, and nothing on the way of an exchange looks at a socket or a link
 * unless it sees something for the first time.
 *
 * A row begins with the latest turn of its end; while State.HELD that turn waits for its counterpart. The rest says where
 * its turns go.
 */
import type { EventLayout, RecordCursor } from '../capture/events.js';
import { Flag } from '../capture/layout.gen.js';
import type { Socket } from './socket.js';

/** The doubles of an end by their place in its row of `numbers`. */
export const End = {
  /** Of the latest turn. */
  startNs: 0,
  /** Last sign of life. */
  lastNs: 1,
} as const;

/** The 32-bit words of an end by their place in its row of `words`, which holds the same bytes. */
export const Word = {
  /** Of the latest turn: bytes from client to server before this request, modulo 2^32, … */
  offset: 4,
  requestBytes: 5,
  responseBytes: 6,
  /** … times in the unit that its flags tell, and Flag of the capture. */
  ttfb: 7,
  total: 8,
  flags: 9,
  /** Sum of State. */
  state: 10,
  /** Exchange events with a response. */
  exchanges: 11,
  /** Row of the end that stands for the connection: the client's where there is one. NO_ROW: others tell its turns. */
  lead: 12,
  /** Of a lead: ids of edge and connection; 0 where not decided. */
  edge: 13,
  connection: 14,
  /** Of a lead: exchanges counted, so that those whose event was lost can be told. */
  counted: 15,
} as const;

/** What exchanges seldom touch, by its place in a row of `rare`: see `Ends.rare`. */
export const Rare = {
  /** Exchange events without a response. */
  unanswered: 0,
  /** Of a lead: row of the server's end whose turn waits; where State.AWAITED. */
  serverTurn: 1,
  /** Of a lead: offset of the latest server's turn that no client's took; where State.PASSED. */
  passedServer: 2,
} as const;

/** Bits of Word.state. */
export const State = {
  /** The turn waits. */
  HELD: 1,
  /** The latest turn is one: there was an exchange event. */
  SEEN: 2,
  /** It is known where the next exchange must begin: where the latest turn's request ends. */
  FOLLOWS: 4,
  /** Its socket knows that it is synchronized, and whose it is. */
  MET: 8,
  PASSED: 16,
  AWAITED: 32,
  CLIENT: 64,
  /** Of a client: the server's end is there too, and tells each exchange as well. */
  PAIRED: 128,
} as const;

const WORDS = 16;
const RARE_WORDS = 4;

/** Nobody's row: no turn, no lead. A socket's rows begin at WORDS. */
export const NO_ROW = 0;

/** A row is known by where it begins in `words`; in `numbers` it begins at half of that. */
export class Ends {
  /** All rows; other arrays after `add`. */
  numbers: Float64Array<ArrayBuffer>;
  words: Uint32Array<ArrayBuffer>;
  #rare: Uint32Array<ArrayBuffer>;
  #used = WORDS;
  readonly #free: number[] = [];
  readonly #sockets: (Socket | undefined)[] = [];

  /** @param sockets how many it has room for before it must grow. */
  constructor(sockets: number) {
    this.words = new Uint32Array((1 + sockets) * WORDS);
    this.numbers = new Float64Array(this.words.buffer);
    this.#rare = new Uint32Array((1 + sockets) * RARE_WORDS);
  }

  /** Where a row for one more socket begins. */
  add(socket: Socket): number {
    const row = this.#free.pop() ?? this.#grow();
    this.words.fill(0, row, row + WORDS);
    this.numbers[row / 2 + End.lastNs] = NaN;
    this.words[row + Word.state] = socket.role === 'client' ? State.CLIENT : 0;
    this.words[row + Word.lead] = row;
    for (const field of Object.values(Rare)) this.setRare(row, field, 0);
    this.#sockets[row / WORDS] = socket;
    return row;
  }

  /** Nobody asks for this row any more. */
  release(row: number): void {
    this.#free.push(row);
    this.#sockets[row / WORDS] = undefined;
  }

  /** Whose row it is. */
  socket(row: number): Socket {
    return this.#sockets[row / WORDS]!;
  }

  /** @param field one of Rare. */
  rare(row: number, field: number): number {
    return this.#rare[(row / WORDS) * RARE_WORDS + field]!;
  }

  setRare(row: number, field: number, value: number): void {
    this.#rare[(row / WORDS) * RARE_WORDS + field] = value;
  }

  has(row: number, state: number): boolean {
    return (this.words[row + Word.state]! & state) !== 0;
  }

  set(row: number, state: number): void {
    this.words[row + Word.state]! |= state;
  }

  clear(row: number, state: number): void {
    this.words[row + Word.state]! &= ~state;
  }

  /** EXCHANGE becomes the latest turn of this row; `startNs` and `offset` are the event's. */
  read(row: number, event: RecordCursor, layout: EventLayout, startNs: number): void {
    const at = layout.at.EXCHANGE;
    const { words } = this;
    this.numbers[row / 2 + End.startNs] = startNs;
    words[row + Word.offset] = event.u32(at.offset);
    words[row + Word.requestBytes] = event.u32(at.request_bytes);
    words[row + Word.responseBytes] = event.u32(at.response_bytes);
    words[row + Word.ttfb] = event.u32(at.ttfb);
    words[row + Word.total] = event.u32(at.total);
    words[row + Word.flags] = event.u16(at.flags);
  }

  /** A time of the latest turn, µs: Word.ttfb or Word.total. */
  us(row: number, word: number): number {
    return this.words[row + word]! * unitUs(this.words[row + Word.flags]! & Flag.MICROS);
  }

  #grow(): number {
    const row = this.#used;
    this.#used += WORDS;
    if (this.#used > this.words.length) {
      const grown = new Uint32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
      this.numbers = new Float64Array(grown.buffer);
      const rare = new Uint32Array(this.#rare.length * 2);
      rare.set(this.#rare);
      this.#rare = rare;
    }
    return row;
  }
}

/** The unit of times, in µs. @param micros 0 where they are told in nanoseconds. */
export function unitUs(micros: number): number {
  return micros === 0 ? 1e-3 : 1;
}
