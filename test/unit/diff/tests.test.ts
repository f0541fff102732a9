/** The tests that decide, against values from tables, from counting by hand, and from a slow version. */
import { describe, expect, it } from 'vitest';
import { holm } from '../../../src/diff/holm.js';
import { countedOut, rankTest } from '../../../src/diff/rank-test.js';
import { spreadWithin, tTest, twoSided } from '../../../src/diff/t-test.js';
import { Random } from '../../fuzz/random.js';

describe('the rank test', () => {
  it('counts out what is few', () => {
    // 2 of the 252 ways to choose five of ten have a sum as extreme; no neighbours agree here.
    expect(rankTest([1, 5, 2, 4, 3], [6, 10, 7, 9, 8])).toBeCloseTo(2 / 252, 10);
    expect(rankTest([1, 1, 1], [1, 1, 1])).toBe(1);
    expect(rankTest([1], [2, 3])).toBe(1);
  });

  it.each(Array.from({ length: 30 }, (_, i) => i + 1))(
    'gives what going through all choices gives, ties and all: seed %d',
    (seed) => {
      const random = new Random(seed);
      const ranks = Array.from({ length: 9 }, () => 0.5 * (1 + random.below(8)));
      const sums = choices(ranks, 4).map((some) => some.reduce((sum, one) => sum + one, 0));
      const middle = sums.reduce((sum, one) => sum + one, 0) / sums.length;
      const off = Math.abs(ranks[0]! + ranks[1]! + ranks[2]! + ranks[3]! - middle);
      const far = sums.filter((one) => Math.abs(one - middle) >= off - 1e-9).length;
      expect(countedOut(ranks, 4)).toBeCloseTo(far / 126, 10);
    },
  );

  it('gives nearly what the normal approximation gives, which takes over for many', () => {
    const ranks = Array.from({ length: 64 }, (_, i) => 1 + i);
    // Of the first 48 all but each third: U lies below its middle of 512, with the error √(32 × 32 × 65 / 12).
    const some = ranks.filter((rank) => rank <= 48 && rank % 3 !== 0);
    const others = ranks.filter((rank) => !some.includes(rank));
    const u = some.reduce((sum, rank) => sum + rank, 0) - (32 * 33) / 2;
    const z = (512 - u - 0.5) / Math.sqrt((32 * 32 * 65) / 12);
    expect(countedOut([...some, ...others], 32) / twoSided(z, 100_000)).toBeCloseTo(1, 0);
  });

  it('is less sure where neighbours are alike', () => {
    expect(rankTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toBeGreaterThan(
      rankTest([1, 5, 2, 4, 3], [6, 10, 7, 9, 8]),
    );
  });

  it('takes the other direction for none where it is asked for one', () => {
    const [low, high] = [
      [1, 5, 2, 4, 3],
      [6, 10, 7, 9, 8],
    ];
    expect(rankTest(low, high, 'up')).toBe(rankTest(low, high));
    expect(rankTest(low, high, 'down')).toBe(1);
    expect(rankTest(high, low, 'down')).toBe(rankTest(low, high));
  });
});

describe('Student’s t', () => {
  it.each([
    // From printed tables: two-sided 5 %, 1 % and 0.1 %.
    [12.706, 1, 0.05],
    [4.303, 2, 0.05],
    [3.182, 3, 0.05],
    [4.604, 4, 0.01],
    [4.032, 5, 0.01],
    [5.041, 8, 0.001],
    [4.587, 10, 0.001],
    [2.042, 30, 0.05],
    [1.98, 120, 0.05],
  ])('of %d with %d degrees of freedom has %d', (t, freedom, p) => {
    expect(twoSided(t, freedom) / p).toBeCloseTo(1, 2);
  });

  it('is as by hand', () => {
    // Means 2 and 6, spread 1, error √(2/3): t = 4.899 with 4 degrees of freedom.
    expect(tTest([1, 2, 3], [5, 6, 7], 0)).toBeCloseTo(0.00805, 5);
    expect(spreadWithin([1, 2, 3], [5, 6, 7])).toBe(1);
    expect(tTest([1, 2, 3], [5, 6, 7], 2)).toBeGreaterThan(0.05);
    expect(tTest([2, 2, 2], [2, 2, 2], 0.01)).toBe(1);
    expect(tTest([1], [2], 0)).toBe(1);
    expect(tTest([], [1, 2, 3], 0)).toBe(1);
  });
});

it('is corrected as Holm says', () => {
  expect(holm([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06]);
});

/** All ways to choose `n` of a list. */
function choices(list: readonly number[], n: number): number[][] {
  if (n === 0) return [[]];
  return list.flatMap((one, i) => choices(list.slice(i + 1), n - 1).map((some) => [one, ...some]));
}
