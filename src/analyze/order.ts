/**
 * Stage 1, order: puts events in the order of their time stamps.
 *
 * The ring buffer keeps the order in which room was reserved; a CPU that was interrupted between reading
 * the clock and reserving leaves its event a little too late in the file. So events wait until one is
 * seen that is REORDER_NS younger, and are sorted among those that wait. Whatever comes later than that is handed
 * on at once and counted in `late`. An event whose time is not of the recording at all would push all others out of
 * that order, and its hour is not known: it is left out and counted in `absurd`.
 *
 * Memory: the EVENTS bodies that hold waiting events, no object per event.
 */
import type { EventLayout } from '../capture/events.js';
import { RecordCursor } from '../capture/events.js';
import type { U64 } from '../base/time.js';

/** How long an event waits for older ones. */
export const REORDER_NS = 20e6;

/** How many waiting events one event may overtake; more only ever happens in damaged captures. */
const REORDER_EVENTS = 16_384;

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
  readonly #walk: RecordCursor;
  readonly #tsField: number;
  #times = new Float64Array(1024);
  #offsets = new Uint32Array(1024);
  #bodyOf = new Uint32Array(1024);
  /** Waiting events are [#head, #tail). */
  #head = 0;
  #tail = 0;
  #bodies: Uint8Array[] = [];
  #youngest = -Infinity;
  #handedOn = -Infinity;
  #ended = false;

  /** @param within the recording's time; events outside of it are left out. */
  constructor(
    layout: EventLayout,
    base: U64,
    within: Within = { earliestNs: -Infinity, latestNs: Infinity },
  ) {
    this.#within = within;
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
    this.#compact();
    // Not slice(): that of a Buffer shares its memory.
    const held = new Uint8Array(body);
    const index = this.#bodies.push(held) - 1;
    const walk = this.#walk;
    walk.reset(held);
    const { earliestNs, latestNs } = this.#within;
    while (walk.next()) {
      const time = walk.time(this.#tsField);
      if (time >= earliestNs && time <= latestNs) this.#insert(time, walk.offset, index);
      else this.absurd++;
    }
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
    if (this.#head === this.#tail) return false;
    const time = this.#times[this.#head]!;
    if (!this.#ended && time > this.#youngest - REORDER_NS) return false;
    const at = this.#head++;
    if (time < this.#handedOn) this.late++;
    else this.#handedOn = time;
    this.timeNs = time;
    this.count++;
    this.event.place(this.#bodies[this.#bodyOf[at]!]!, this.#offsets[at]!);
    return true;
  }

  #insert(time: number, offset: number, body: number): void {
    if (this.#tail === this.#times.length) this.#grow();
    const floor = Math.max(this.#head, this.#tail - REORDER_EVENTS);
    let at = this.#tail++;
    // Events are nearly sorted: the loop seldom turns. Equal times keep the order of the file.
    while (at > floor && this.#times[at - 1]! > time) {
      this.#times[at] = this.#times[at - 1]!;
      this.#offsets[at] = this.#offsets[at - 1]!;
      this.#bodyOf[at] = this.#bodyOf[at - 1]!;
      at--;
    }
    this.#times[at] = time;
    this.#offsets[at] = offset;
    this.#bodyOf[at] = body;
    if (time > this.#youngest) this.#youngest = time;
  }

  #grow(): void {
    const size = this.#times.length * 2;
    const times = new Float64Array(size);
    times.set(this.#times);
    this.#times = times;
    const offsets = new Uint32Array(size);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const bodyOf = new Uint32Array(size);
    bodyOf.set(this.#bodyOf);
    this.#bodyOf = bodyOf;
  }

  /** Moves waiting events to the front and lets go of bodies that no waiting event lies in. */
  #compact(): void {
    if (this.#head > 0) {
      this.#times.copyWithin(0, this.#head, this.#tail);
      this.#offsets.copyWithin(0, this.#head, this.#tail);
      this.#bodyOf.copyWithin(0, this.#head, this.#tail);
      this.#tail -= this.#head;
      this.#head = 0;
    }
    let oldest = this.#bodies.length;
    for (let i = 0; i < this.#tail; i++) oldest = Math.min(oldest, this.#bodyOf[i]!);
    if (oldest === 0) return;
    this.#bodies = this.#bodies.slice(oldest);
    for (let i = 0; i < this.#tail; i++) this.#bodyOf[i]! -= oldest;
  }
}
