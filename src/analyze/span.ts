/**
 * How long a recording was, as its records agree. The recorder writes clocks and statistics every second, and each
 * block of events has a first one: a record that alone tells of another time is damaged or crafted and is not
 * believed, or a single number would stretch a capture of a minute to centuries.
 */
import type { U64 } from '../base/time.js';
import type { EventLayout } from '../capture/events.js';
import { RecordCursor } from '../capture/events.js';

/** A record that is further from those before it must have another one so near. */
const NEAR_NS = 60e9;

/**
 * Events may be so far outside of what the records say; those that are further are left out. Between two records lies
 * a second, ten where the disk stood still.
 */
export const OUTSIDE_NS = 10e9;

/** More often than this the first event of a block says nothing new. */
const EVERY_NS = 1e9;

/**
 * The latest time that the records make believable, nanoseconds since the capture's start, at least 0.
 * @param times of all records, in any order.
 */
export function believableEnd(times: readonly number[]): number {
  const later = times.filter((ns) => ns > 0).sort((a, b) => a - b);
  let end = 0;
  for (const [i, ns] of later.entries()) {
    const together = (later[i + 1] ?? Infinity) - ns <= NEAR_NS;
    if (ns - end <= NEAR_NS || together) end = ns;
  }
  return end;
}

const TWO_32 = 4_294_967_296;

/** A 64-bit time as a number: exact up to 104 days, to two microseconds beyond. */
export function roughly({ hi, lo }: U64): number {
  return hi * TWO_32 + lo;
}

/** When the blocks of events begin, about one a second. */
export class BlockTimes {
  /** Of the first event of all; null before it. */
  first: U64 | null = null;
  /** Nanoseconds of the capture's clock. */
  readonly times: number[] = [];
  #last = -Infinity;
  readonly #cursor: RecordCursor;
  readonly #field: number;

  constructor(layout: EventLayout) {
    this.#cursor = new RecordCursor(layout);
    this.#field = layout.at.EXCHANGE.ts;
  }

  /** Takes the body of an EVENTS block. */
  add(body: Uint8Array): void {
    const cursor = this.#cursor;
    cursor.reset(body);
    if (!cursor.next()) return;
    const at = { hi: cursor.u32(this.#field + 4), lo: cursor.u32(this.#field) };
    this.first ??= at;
    const ns = roughly(at);
    if (Math.abs(ns - this.#last) < EVERY_NS) return;
    this.#last = ns;
    this.times.push(ns);
  }
}
