/** The table of cookies against a plain Map, also where cookies are made to collide. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Cookies } from '../../src/analyze/connections/cookies.js';
import { NO_ROW } from '../../src/analyze/ends.js';

const SEED = 20_261_124;
/** Small ones, those that count down from 2^64, and those that differ in their lowest bits only. */
const cookie = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: -300, max: -1 }),
  fc.integer({ min: 0, max: 50 }).map((n) => n * 2 ** 32 + 7),
);

function found(cookies: Cookies, wanted: number): number {
  return cookies.get(wanted | 0, Math.floor(wanted / 2 ** 32));
}

it('finds what a map would find', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cookie, fc.boolean()), { maxLength: 400 }), (steps) => {
      const cookies = new Cookies();
      const plain = new Map<number, number>();
      for (const [step, [at, stays]] of steps.entries()) {
        if (stays) {
          plain.set(at, step + 1);
          cookies.set(at, step + 1);
        } else {
          plain.delete(at);
          cookies.delete(at);
        }
      }
      for (const [at] of steps) expect(found(cookies, at)).toBe(plain.get(at) ?? NO_ROW);
    }),
    { seed: SEED, numRuns: 100 },
  );
});

it('holds on to all of many that belong in one place', () => {
  const cookies = new Cookies();
  // An odd lower half undoes what the upper half adds to the hash.
  const all = Array.from(
    { length: 200 },
    (_, i) => i * 2 ** 32 + (Math.imul(i, 0x85eb_ca6b) >>> 0),
  );
  for (const [i, one] of all.entries()) cookies.set(one, i + 1);
  for (const [i, one] of all.entries()) expect(found(cookies, one)).toBe(i + 1);
  for (const one of all.slice(0, 150)) cookies.delete(one);
  expect(all.map((one) => found(cookies, one))).toEqual(
    all.map((_, i) => (i < 150 ? NO_ROW : i + 1)),
  );
});
