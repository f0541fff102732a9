/** The room of the CPUs, read from memory that a test writes as the kernel side does. */
import { describe, expect, it } from 'vitest';
import { CPU_BYTES, CpuHalves, OPEN_MS, SLOT_BYTES } from '../../src/record/cpu-halves.js';

const CPUS = 2;
const SLOTS = 3;

/** What bpf/emit.h, into_half(), does, in steps that can be interrupted. */
class Memory {
  readonly states = Buffer.alloc(CPUS * CPU_BYTES);
  readonly slots = Buffer.alloc(2 * CPUS * SLOTS * SLOT_BYTES);
  readonly halves = new CpuHalves(this.states, this.slots, { cpus: CPUS, slots: SLOTS });

  until(cpu: number): bigint {
    return this.states.readBigUInt64LE(cpu * CPU_BYTES + 8);
  }

  /** Takes a slot; gives what writes it, or null where there is none. */
  take(cpu: number, id: number): (() => void) | null {
    const at = this.states.readBigUInt64LE(cpu * CPU_BYTES);
    const taken = Number(at & 0xffff_ffffn);
    if (taken >= SLOTS) return null;
    this.states.writeBigUInt64LE(at + 1n, cpu * CPU_BYTES);
    const turn = Number(at >> 32n);
    const slot = ((2 * cpu + (turn & 1)) * SLOTS + taken) * SLOT_BYTES;
    return () => {
      this.slots.writeUInt32LE(48, slot);
      this.slots.writeUInt32LE(id, slot + 8);
      this.slots.writeUInt32LE(turn, slot + 4);
    };
  }

  /** Ids in each span of a drain. */
  drain(): number[][] {
    this.halves.change(0n);
    const spans: number[][] = [];
    this.halves.drain((span) => {
      const ids: number[] = [];
      for (let at = 0; at < span.length; at += SLOT_BYTES) ids.push(span.readUInt32LE(at + 8));
      spans.push(ids);
    });
    return spans;
  }
}

describe('the room of the CPUs', () => {
  it('is handed over CPU by CPU, each in order, and taken anew', () => {
    const memory = new Memory();
    expect(memory.drain()).toEqual([]);
    for (let turn = 1; turn < 6; turn++) {
      for (const id of [1, 2]) memory.take(1, 10 * turn + id)!();
      memory.take(0, 10 * turn)!();
      expect(memory.drain()).toEqual([[10 * turn], [10 * turn + 1, 10 * turn + 2]]);
    }
    expect(memory.drain()).toEqual([]);
    expect(memory.halves.events).toBe(15);
  });

  it('takes no more than there is', () => {
    const memory = new Memory();
    memory.drain();
    for (const id of [1, 2, 3]) memory.take(0, id)!();
    expect(memory.take(0, 4)).toBeNull();
    // Two that were interrupted by each other count one too many.
    memory.states.writeBigUInt64LE(memory.states.readBigUInt64LE(0) + 1n, 0);
    expect(memory.drain()).toEqual([[1, 2, 3]]);
  });

  it('counts a slot that was taken and not written, and hands over what lies around it', () => {
    const memory = new Memory();
    memory.drain();
    memory.take(0, 1)!();
    const unfinished = memory.take(0, 2)!;
    memory.take(0, 3)!();
    expect(memory.drain()).toEqual([[1], [3]]);
    expect(memory.halves.lost).toBe(1);
    unfinished();
    memory.take(0, 4)!();
    expect(memory.drain()).toEqual([[4]]);
    expect(memory.halves).toMatchObject({ lost: 1, events: 3 });
  });

  it.each([
    ['written over, where its CPU stood still', true, { ids: [2, 3], lost: 1 }],
    ['told by its turn, where it falls upon a later event', false, { ids: [3], lost: 2 }],
  ])('a slot that is written two drains too late is %s', (_, first, { ids, lost }) => {
    const memory = new Memory();
    memory.drain();
    const late = memory.take(0, 1)!;
    for (let drains = 0; drains < 2; drains++) expect(memory.drain()).toEqual([]);
    if (first) late();
    for (const id of [2, 3]) memory.take(0, id)!();
    if (!first) late();
    expect(memory.drain()).toEqual([ids]);
    expect(memory.halves).toMatchObject({ lost, events: ids.length });
  });

  it('is open for a while after each drain', () => {
    const memory = new Memory();
    expect(memory.until(1)).toBe(0n);
    memory.halves.change(5n);
    expect([memory.until(0), memory.until(1)]).toEqual(Array(2).fill(5n + BigInt(OPEN_MS * 1e6)));
  });
});
