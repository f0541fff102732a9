/**
 * The room that each CPU has for exchanges, see bpf/maps.h: two halves, of which one is filled while the other is
 * read. Slots look like records of the ring, so what is in a half goes to the writer as it lies there.
 *
 * Between taking a slot and writing it a probe may be held up: its virtual CPU does not run, or the kernel preempts it,
 * which needs a preemptible kernel and a probe by fentry, or Linux 7.0. An event that is not there when its half is
 * drained is lost, and counted. Two drains later the late write may come down in a later turn. Where the CPU stood still,
 * nobody has filled its halves meanwhile, and the slot is written over when it is taken again. Where the probe was
 * preempted, it may destroy a later event: that one is lost too, and counted, as its slot has the wrong turn. Nothing
 * finds a slot that is half of each, which needs a late write at the very moment at which the reader copies that slot,
 * or one that is held up a second time before it is whole: nanoseconds, of a write that is two drains late already.
 */
import { readFileSync } from 'node:fs';
import type { SpanSink } from './ring.js';

/** Sizes of bpf/maps.h, struct dhr_slot and struct dhr_cpu, and places in the latter as 64-bit words. */
export const SLOT_BYTES = 56;
export const CPU_BYTES = 128;
const CPU_LONGS = CPU_BYTES / 8;
const AT = 0;
const UNTIL = 1;
const LOW_WORD = 0xffff_ffffn;

/** All halves together have this share of the ring's size. */
const SHARE = 1 / 16;

/**
 * How long after a drain a half takes events, milliseconds. So what is drained at once from several CPUs lies that far
 * beside each other in time and no farther, however late the next drain comes; HOST says it to readers.
 */
export const OPEN_MS = 100;

/** A slot that was taken is written within a microsecond, unless its CPU was taken away meanwhile. */
const UNFINISHED_MS = 20;

/** How many CPUs have halves, and slots of one half. */
export interface HalfSizes {
  cpus: number;
  slots: number;
}

/** Sizes for the CPUs that are online now. One that comes later uses the ring. */
export function halfSizes(ringBytes: number): HalfSizes {
  const online = readFileSync('/sys/devices/system/cpu/online', 'utf8');
  const cpus = Number(/(\d+)\s*$/.exec(online)?.[1] ?? 0) + 1;
  const slots = Math.floor((ringBytes * SHARE) / (2 * cpus) / SLOT_BYTES);
  return { cpus, slots: Math.max(1, slots) };
}

/** The reader of all halves. */
export class CpuHalves {
  readonly #sizes: HalfSizes;
  readonly #slots: Buffer;
  /** Of each CPU: `at` and `until`. */
  readonly #states: BigInt64Array;
  /** The slots as 32-bit words; the second of each is the turn in which it was written. */
  readonly #words: Int32Array;
  readonly #taken: Uint32Array;
  #turn = 0;
  /** Until when this drain waits for unfinished slots, milliseconds of `performance`; 0 before the first one. */
  #waitUntil = 0;
  /** Events handed over so far. */
  events = 0;
  /** Slots that were taken and never written. */
  lost = 0;

  /**
   * @param states `cpus` structs dhr_cpu, shared with the kernel.
   * @param slots all structs dhr_slot, shared with the kernel.
   */
  constructor(states: Buffer, slots: Buffer, sizes: HalfSizes) {
    this.#sizes = sizes;
    this.#slots = slots;
    const { cpus } = sizes;
    this.#states = new BigInt64Array(states.buffer, states.byteOffset, cpus * CPU_LONGS);
    const words = (2 * cpus * sizes.slots * SLOT_BYTES) / 4;
    this.#words = new Int32Array(slots.buffer, slots.byteOffset, words);
    this.#taken = new Uint32Array(cpus);
  }

  /**
   * Ends the halves that are filled and begins the others; `drain` must follow.
   * @param nowNs CLOCK_MONOTONIC.
   */
  change(nowNs: bigint): void {
    const { cpus, slots } = this.#sizes;
    this.#turn = (this.#turn + 1) | 0;
    const begun = BigInt(this.#turn >>> 0) << 32n;
    const until = nowNs + BigInt(OPEN_MS * 1e6);
    for (let cpu = 0; cpu < cpus; cpu++) {
      Atomics.store(this.#states, cpu * CPU_LONGS + UNTIL, until);
      const at = Atomics.exchange(this.#states, cpu * CPU_LONGS + AT, begun);
      this.#taken[cpu] = Math.min(Number(at & LOW_WORD), slots);
    }
  }

  /** Hands what is in the halves that `change` ended to `sink`: of each CPU in order, one CPU after the other. */
  drain(sink: SpanSink): void {
    const { cpus, slots } = this.#sizes;
    const turn = (this.#turn - 1) | 0;
    this.#waitUntil = 0;
    for (let cpu = 0; cpu < cpus; cpu++) {
      let from = (2 * cpu + (turn & 1)) * slots;
      const end = from + this.#taken[cpu]!;
      while (from < end) {
        const to = this.#written(from, end, turn);
        if (to > from) sink(this.#slots.subarray(from * SLOT_BYTES, to * SLOT_BYTES));
        this.events += to - from;
        if (to < end) this.lost++;
        from = to + 1;
      }
      this.#taken[cpu] = 0;
    }
  }

  /**
   * The first slot of [from, end) that is not written, or `end`. Waits a little for those that are being written: all were
   * taken before the drain began, so they share the time that one may take.
   */
  #written(from: number, end: number, turn: number): number {
    let slot = from;
    for (let word = (from * SLOT_BYTES) / 4 + 1; slot < end; word += SLOT_BYTES / 4, slot++) {
      while (Atomics.load(this.#words, word) !== turn) {
        this.#waitUntil ||= performance.now() + UNFINISHED_MS;
        if (performance.now() > this.#waitUntil) return slot;
      }
    }
    return slot;
  }
}
