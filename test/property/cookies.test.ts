/** The table of cookies against a plain Map, also where cookies are made to collide. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Cookies } from '../../src/analyze/connections/cookies.js';
import { Ends } from '../../src/analyze/ends.js';
import { Socket } from '../../src/analyze/socket.js';

const SEED = 20_261_124;
const NOWHERE = {
  cgroup: 0,
  netns: 0,
  localAddr: '',
  localPort: 0,
  remoteAddr: '',
  remotePort: 0,
};
const ends = new Ends(1);
const socket = (cookie: number): Socket => new Socket(cookie, 'client', NOWHERE, ends);

/** Small ones, those that count down from 2^64, and those that differ in their lowest bits only. */
const cookie = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: -300, max: -1 }),
  fc.integer({ min: 0, max: 50 }).map((n) => n * 2 ** 32 + 7),
);

function found(cookies: Cookies, wanted: number): Socket | undefined {
  return cookies.get(wanted | 0, Math.floor(wanted / 2 ** 32));
}

it('finds what a map would find', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cookie, fc.boolean()), { maxLength: 400 }), (steps) => {
      const cookies = new Cookies();
      const plain = new Map<number, Socket>();
      for (const [at, stays] of steps) {
        if (stays) {
          plain.set(at, socket(at));
          cookies.set(at, plain.get(at)!);
        } else {
          plain.delete(at);
          cookies.delete(at);
        }
      }
      for (const [at] of steps) expect(found(cookies, at)).toBe(plain.get(at));
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
  for (const one of all) cookies.set(one, socket(one));
  for (const one of all) expect(found(cookies, one)?.cookie).toBe(one);
  for (const one of all.slice(0, 150)) cookies.delete(one);
  expect(all.map((one) => found(cookies, one)?.cookie)).toEqual(
    all.map((one, i) => (i < 150 ? undefined : one)),
  );
});
