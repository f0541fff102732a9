/** Who listens on a port, against a walk over all that ever did; and that its cost does not grow with them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Listener } from '../../src/analyze/listeners.js';
import { Listeners } from '../../src/analyze/listeners.js';

const SEED = 20_261_124;
const ADDRESSES = ['10.0.0.1', '10.0.0.2', '0.0.0.0', '::', '::1'];
const on = (localAddr: string): Listener['end'] => ({
  cgroup: 0,
  netns: 1,
  localAddr,
  localPort: 80,
  remoteAddr: '',
  remotePort: 0,
});

/** The cookie of who listens there, the slow way. */
function slowly(listed: readonly { cookie: number; address: string; open: boolean }[], at: string) {
  const family = at.includes(':') ? '::' : '0.0.0.0';
  const fit = (one: (typeof listed)[number]): number =>
    2 * (one.address === at ? 3 : one.address === family ? 2 : 1) + Number(one.open);
  const best = Math.max(...listed.map(fit));
  return listed.findLast((one) => fit(one) === best)?.cookie;
}

it('is the one that fits best, the latest of those', () => {
  const step = fc.tuple(fc.constantFrom(...ADDRESSES), fc.nat(12), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const listeners = new Listeners();
      const listed: { cookie: number; address: string; open: boolean }[] = [];
      for (const [address, pick, opens] of steps) {
        if (opens) {
          const cookie = listed.length + 1;
          listed.push({ cookie, address, open: true });
          listeners.add(cookie, on(address), 7, null);
        } else if (listed[pick] !== undefined) {
          listed[pick].open = false;
          listeners.close(listed[pick].cookie);
        }
        for (const at of ADDRESSES) {
          expect(listeners.on(on(at))?.cookie).toBe(slowly(listed, at));
        }
      }
    }),
    { seed: SEED, numRuns: 200 },
  );
});

it('looks at each listener that has gone once, however many ask', () => {
  const listeners = new Listeners();
  let looks = 0;
  for (let cookie = 1; cookie <= 1000; cookie++) {
    listeners.add(cookie, on('10.0.0.1'), 7, null);
    const listener = listeners.on(on('10.0.0.1'))!;
    listeners.close(cookie);
    Object.defineProperty(listener, 'open', { get: () => (looks++, false) });
  }
  for (let asked = 0; asked < 1000; asked++) listeners.on(on('10.0.0.1'));
  expect(looks).toBeLessThan(2100);
});
