/** What is kept of many: the slowest exchanges, and an even sample of the connections. */
import { describe, expect, it } from 'vitest';
import { ConnectionSample } from '../../../src/analyze/metrics/sample.js';
import { SLOWEST, Slowest } from '../../../src/analyze/metrics/slowest.js';
import type { Connection } from '../../../src/analyze/model.js';

describe('the slowest exchanges', () => {
  it('are those, whatever their order', () => {
    const slowest = new Slowest();
    const times = Array.from({ length: 1000 }, (_, i) => (i * 617) % 1000);
    for (const [i, us] of times.entries()) {
      if (us > slowest.floorUs) slowest.add(us, i * 1e6, i % 2 === 0 ? us / 2 : NaN, i);
    }
    const expected = Array.from({ length: SLOWEST }, (_, i) => {
      const ttfbUs = 999 - i;
      const at = times.indexOf(ttfbUs);
      const serverUs = at % 2 === 0 ? ttfbUs / 2 : null;
      return { edge: 7, connection: at, startNs: at * 1e6, ttfbUs, serverUs };
    });
    expect(slowest.list(7)).toEqual(expected);
  });
});

describe('the sample of connections', () => {
  const row = (edge: number, id: number): Connection => ({ edge, id }) as Connection;

  it('is all of them where they are few', () => {
    const sample = new ConnectionSample();
    for (let id = 0; id < 300; id++) sample.add(row(1 + (id % 2), id));
    expect(sample.rows()).toHaveLength(300);
  });

  it('is bounded, even, and holds some of every edge', () => {
    const sample = new ConnectionSample();
    for (let id = 0; id < 200_000; id++) sample.add(row(id % 500, id));
    sample.add(row(500, -1));
    const rows = sample.rows();
    expect(rows.length).toBeLessThanOrEqual(501 * 16);
    expect(new Set(rows.map(({ edge }) => edge)).size).toBe(501);
    const ids = rows.filter(({ edge }) => edge === 3).map(({ id }) => id);
    const distances = new Set(ids.slice(1).map((id, i) => id - ids[i]!));
    expect(distances.size).toBe(1);
  });
});
