import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { finishedSpan } from '../../src/record/ring.js';

const SEED = 20261123;
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;

/** A ring's data as the kernel lays it: headers with flags, bodies padded to eight bytes. */
function layOut(records: readonly { size: number; flag: number }[]): Int32Array {
  const total = records.reduce((sum, { size }) => sum + 8 + Math.ceil(size / 8) * 8, 0);
  const words = new Int32Array(total / 4 + 2);
  let at = 0;
  for (const { size, flag } of records) {
    words[at >> 2] = (size | flag) >>> 0;
    at += 8 + Math.ceil(size / 8) * 8;
  }
  return words;
}

/** The same, one record after the other and in plain words. */
function slowSpan(records: readonly { size: number; flag: number }[]): object {
  const firstBusy = records.findIndex(({ flag }) => flag === BUSY);
  const done = firstBusy < 0 ? records : records.slice(0, firstBusy);
  return {
    length: done.reduce((sum, { size }) => sum + 8 + Math.ceil(size / 8) * 8, 0),
    events: done.filter(({ flag }) => flag !== DISCARDED).length,
  };
}

const record = fc.record({
  size: fc.integer({ min: 1, max: 300 }),
  flag: fc.constantFrom(0, 0, 0, 0, DISCARDED, BUSY),
});

describe('finishedSpan', () => {
  it(`agrees with a slow version, seed ${String(SEED)}`, () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), (records) => {
        const words = layOut(records);
        const filled = (words.length - 2) * 4;
        expect(finishedSpan(words, 0, filled)).toEqual(slowSpan(records));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('stops at the first record that reaches the limit', () => {
    const words = layOut([48, 48, 48].map((size) => ({ size, flag: 0 })));
    expect(finishedSpan(words, 0, 57)).toEqual({ length: 112, events: 2 });
    expect(finishedSpan(words, 56, 56)).toEqual({ length: 56, events: 1 });
  });
});
