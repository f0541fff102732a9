/**
 * Stage 1, order: puts events in the order of their time stamps.
 *
 * The ring buffer keeps the order in which room was reserved; a CPU that was interrupted between reading
 * the clock and reserving leaves its event a little too late in the file. What each CPU held is written one CPU after
 * the other; HOST says how far that lies beside each other in time. So events wait until one is seen that is younger
 * by that and by REORDER_NS, and are sorted among those that wait. Whatever comes later than that is handed on at
 * once and counted in `late`. An event whose time is not of the recording at all would push all others out of that
 * order, and its hour is not known: it is left out and counted in `absurd`.
 *
 * Memory: the EVENTS bodies that hold waiting events, no object per event.
 */
import type { EventLayout } from '../capture/events.js';
import { RecordCursor } from '../capture/events.js';
import type { U64 } from '../base/time.js';
import { Waiting } from './waiting.js';

/** How long an event of one ring waits for older ones, nanoseconds. */
export const REORDER_NS = 20e6;

/** A range of time, in nanoseconds since the capture's start. */
export interface Within {
  earliestNs: number;
  latestNs: number;
}

export class OrderedEvents {
  /** Stands on the event that `next` found. */
  readonly event: RecordCursor;
  /** Time of that event, nanoseconds since the capture's start. */
  timeNs = 0;
  /** Events handed on so far. */
  count = 0;
  /** Events that tell a time outside of the recording, left out. */
  absurd = 0;
  /** Events that came after a younger one had been handed on. */
  late = 0;

  readonly #within: Within;
  readonly #waitNs: number;
  readonly #walk: RecordCursor;
  readonly #tsField: number;
  readonly #waiting = new Waiting();
  readonly #bodies: Uint8Array[] = [];
  /** A view of each body: neighbours lie in different ones. */
  readonly #views: DataView[] = [];
  /** Those that nothing waits in any more, to be written over: new memory would have to be cleared first. */
  readonly #unused: Uint8Array[] = [];
  #youngest = -Infinity;
  #handedOn = -Infinity;
  #ended = false;

  /**
   * @param within the recording's time; events outside of it are left out.
   * @param disorderMs how far events of CPUs lie beside each other, see HOST.
   */
  constructor(
    layout: EventLayout,
    base: U64,
    within: Within = { earliestNs: -Infinity, latestNs: Infinity },
    disorderMs = 0,
  ) {
    this.#within = within;
    this.#waitNs = REORDER_NS + disorderMs * 1e6;
    this.event = new RecordCursor(layout, base);
    this.#walk = new RecordCursor(layout, base);
    this.#tsField = layout.at.EXCHANGE.ts;
  }

  /** Records of unknown kinds and records that could not be read, passed over. */
  get skipped(): { unknown: number; malformed: number } {
    return { unknown: this.#walk.unknown, malformed: this.#walk.malformed };
  }

  /** Takes the events of one EVENTS body; the body may be overwritten afterwards. */
  push(body: Uint8Array): void {
    const waiting = this.#waiting;
    // What is handed on is moved over only once it is more than what waits.
    if (waiting.head >= waiting.count) this.#compact();
    const held = this.#hold(body);
    const index = this.#bodies.push(held) - 1;
    this.#views.push(new DataView(held.buffer, held.byteOffset, held.byteLength));
    const walk = this.#walk;
    walk.reset(held);
    const { earliestNs, latestNs } = this.#within;
    while (walk.next()) {
      const time = walk.time(this.#tsField);
      if (time >= earliestNs && time <= latestNs) {
        waiting.add(time, walk.offset, index);
        if (time > this.#youngest) this.#youngest = time;
      } else this.absurd++;
    }
    waiting.sort();
  }

  /** Time of the youngest event so far; -Infinity before the first. */
  get youngestNs(): number {
    return this.#youngest;
  }

  /** No more events will come: hand on all that wait. */
  end(): void {
    this.#ended = true;
  }

  /** Moves `event` to the next event in order; false while all that is left must wait. */
  next(): boolean {
    const waiting = this.#waiting;
    if (waiting.head === waiting.tail) return false;
    const time = waiting.times[waiting.head]!;
    if (!this.#ended && time > this.#youngest - this.#waitNs) return false;
    const at = waiting.head++;
    if (time < this.#handedOn) this.late++;
    else this.#handedOn = time;
    this.timeNs = time;
    this.count++;
    const body = waiting.bodies[at]!;
    this.event.place(this.#bodies[body]!, waiting.offsets[at]!, this.#views[body]);
    return true;
  }

  /** A copy of a body. Not slice(): that of a Buffer shares its memory. */
  #hold(body: Uint8Array): Uint8Array {
    let room = this.#unused.pop();
    if (room === undefined || room.length < body.length) room = new Uint8Array(body.length);
    room.set(body);
    return room.subarray(0, body.length);
  }

  /** Lets go of what was handed on, and of the bodies that no waiting event lies in. */
  #compact(): void {
    const oldest = Math.min(this.#waiting.oldestBody(), this.#bodies.length);
    this.#waiting.compact(oldest);
    this.#views.splice(0, oldest);
    for (const { buffer } of this.#bodies.splice(0, oldest))
      this.#unused.push(new Uint8Array(buffer));
  }
}
