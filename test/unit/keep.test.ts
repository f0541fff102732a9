/** What a flight recorder keeps, by its rules alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFull, overflows, surplus, type Extent, type Keep } from '../../src/record/keep.js';

const MIB = 1024 * 1024;
const SLACK = 128 * 1024;

/** Writes pieces as the recorder does, and gives the most that was on the disk and all that was ever held. */
function fly(
  keep: Keep,
  pieces: readonly { bytes: number; pauseMs: number }[],
): { most: number; held: Extent[]; nowMs: number; written: number } {
  let nowMs = 0;
  let most = 0;
  let written = 0;
  let held: Extent[] = [{ fromMs: 0, bytes: 0 }];
  for (const { bytes, pauseMs } of pieces) {
    nowMs += pauseMs;
    held = held.slice(surplus(keep, held, bytes, nowMs));
    if (overflows(keep, held.at(-1)!, bytes)) throw new Error('does not fit');
    held.at(-1)!.bytes += bytes;
    written += bytes;
    most = Math.max(
      most,
      held.reduce((sum, segment) => sum + segment.bytes, 0),
    );
    if (isFull(keep, held.at(-1)!, 1000, nowMs)) held.push({ fromMs: nowMs, bytes: 0 });
  }
  return { most, held, nowMs, written };
}

const pieces = fc.array(
  fc.record({ bytes: fc.integer({ min: 1, max: MIB }), pauseMs: fc.integer({ min: 0, max: 200 }) }),
  { minLength: 1, maxLength: 400 },
);

describe('what is kept', () => {
  it('is never more than the size, and most of it', () => {
    fc.assert(
      fc.property(pieces, (written) => {
        const bytes = 32 * MIB;
        const { most, held, written: all } = fly({ bytes }, written);
        expect(most).toBeLessThanOrEqual(bytes - SLACK);
        const kept = held.reduce((sum, segment) => sum + segment.bytes, 0);
        // One segment (an eighth and the piece that filled it) may just have gone.
        expect(kept).toBeGreaterThanOrEqual(Math.min(all, bytes - SLACK - bytes / 8 - 2 * MIB));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('is never less than the time, and at most a quarter more', () => {
    fc.assert(
      fc.property(pieces, (written) => {
        const { held, nowMs } = fly({ ms: 10_000 }, written);
        const keptMs = nowMs - held[0]!.fromMs;
        expect(keptMs).toBeGreaterThanOrEqual(Math.min(nowMs, 10_000));
        expect(keptMs).toBeLessThanOrEqual(12_500);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('is the less of both where both are given', () => {
    const small = Array.from({ length: 1000 }, () => ({ bytes: 1000, pauseMs: 100 }));
    expect(fly({ ms: 10_000, bytes: 32 * MIB }, small).nowMs).toBe(100_000);
    const byTime = fly({ ms: 10_000, bytes: 32 * MIB }, small);
    expect(byTime.nowMs - byTime.held[0]!.fromMs).toBeLessThanOrEqual(12_500);
    const large = Array.from({ length: 1000 }, () => ({ bytes: MIB, pauseMs: 1 }));
    expect(fly({ ms: 10_000, bytes: 32 * MIB }, large).most).toBeLessThan(32 * MIB);
  });

  it('is refused where one segment alone would be too much', () => {
    const newest = { fromMs: 0, bytes: 15 * MIB };
    expect(overflows({ bytes: 16 * MIB }, newest, 2 * MIB)).toBe(true);
    expect(overflows({ bytes: 16 * MIB }, newest, 1000)).toBe(false);
    expect(overflows({ ms: 10_000 }, newest, 100 * MIB)).toBe(false);
  });
});
