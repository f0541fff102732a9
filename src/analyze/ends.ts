/**
 * What each event of an exchange touches, for all sockets in one array: an end is a row of 16 numbers, two cache
 * lines, where an object would have each number in a place of its own. The first half of a row is a turn: the
 * exchange of that end which waits for its counterpart.
 */
import type { EventLayout, RecordCursor } from '../capture/events.js';
import { Flag } from '../capture/layout.gen.js';

/** The numbers of an end by their place in its row. */
export const End = {
  /** 1 where a turn waits. */
  full: 0,
  /** Bytes from client to server before this request, modulo 2^32. */
  offset: 1,
  startNs: 2,
  ttfbUs: 3,
  totalUs: 4,
  requestBytes: 5,
  responseBytes: 6,
  /** Flag of the capture, and PIPELINED. */
  flags: 7,
  /** Where the next exchange must begin, modulo 2^32; -1: not known. */
  nextOffset: 8,
  /** The latest exchange event's place in the byte stream and start. */
  lastOffset: 9,
  lastStartNs: 10,
  /** Last sign of life. */
  lastNs: 11,
  /** Exchange events with a response, and those without. */
  exchanges: 12,
  unanswered: 13,
} as const;

const FIELDS = 16;
const TURN_FIELDS = 8;

/** The turn of the event at hand; a row of its own that no socket has. */
export const AT_HAND = 0;
/** No turn. */
export const NO_TURN = -1;

export class Ends {
  /** All rows; another array after `add`. */
  numbers: Float64Array;
  #used = FIELDS;
  readonly #free: number[] = [];

  /** @param sockets how many it has room for before it must grow. */
  constructor(sockets: number) {
    this.numbers = new Float64Array((1 + sockets) * FIELDS);
  }

  /** Where a row for one more socket begins. */
  add(): number {
    const row = this.#free.pop() ?? this.#grow();
    this.numbers.fill(0, row, row + FIELDS);
    this.numbers[row + End.nextOffset] = -1;
    this.numbers[row + End.lastOffset] = -1;
    this.numbers[row + End.lastNs] = NaN;
    return row;
  }

  /** Nobody asks for this row any more. */
  release(row: number): void {
    this.#free.push(row);
  }

  /** Reads EXCHANGE into the turn at hand. */
  read(event: RecordCursor, layout: EventLayout): void {
    const at = layout.at.EXCHANGE;
    const { numbers } = this;
    const flags = event.u16(at.flags);
    // Times count back from the event's own, which is when the next turn began.
    const ageUnitNs = (flags & Flag.AGE_MILLIS) !== 0 ? 1e6 : 1;
    const unitUs = (flags & Flag.MICROS) !== 0 ? 1 : 1e-3;
    numbers[AT_HAND + End.offset] = event.u32(at.offset);
    numbers[AT_HAND + End.startNs] = event.time(at.ts) - event.u32(at.age) * ageUnitNs;
    numbers[AT_HAND + End.ttfbUs] = event.u32(at.ttfb) * unitUs;
    numbers[AT_HAND + End.totalUs] = event.u32(at.total) * unitUs;
    numbers[AT_HAND + End.requestBytes] = event.u32(at.request_bytes);
    numbers[AT_HAND + End.responseBytes] = event.u32(at.response_bytes);
    numbers[AT_HAND + End.flags] = flags & ~(Flag.MICROS | Flag.AGE_MILLIS);
  }

  /** The turn at hand waits in this row. */
  hold(row: number): void {
    const { numbers } = this;
    numbers[row] = 1;
    for (let i = 1; i < TURN_FIELDS; i++) numbers[row + i] = numbers[AT_HAND + i]!;
  }

  #grow(): number {
    const row = this.#used;
    this.#used += FIELDS;
    if (this.#used > this.numbers.length) {
      const grown = new Float64Array(this.numbers.length * 2);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    return row;
  }
}
