/**
 * Two recordings of the same thing show no difference, and a service made slower always shows. The shop under the same
 * load is recorded again and again; all pairs are compared, and one half with the other.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeInMemory } from '../../src/analyze/in-memory.js';
import type { Undigested } from '../../src/analyze/digest.js';
import { compareCaptures } from '../../src/diff/diff.js';
import { canRun, missingDocker, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';
import { Shop } from '../support/shop.js';

/** Recordings of the same thing: few here, ten and more by hand. */
const SAME = Number(process.env['DHRISHTI_TEST_DIFF_RUNS'] ?? 4);
const SLOWED = SAME >= 10 ? 5 : 2;
const SECONDS = 10;
const SLOWED_BY_MS = 100;
const SETTINGS = { windowNs: 10e9, stepNs: 1e9, staleAfterNs: 30e9, exchanges: false };

const can = canRun('diff', [missingRecorder(), missingDocker()]);

describe.skipIf(!can)('recordings of the shop under the same load', () => {
  const scratch = scratchFolder();
  const same: Undigested[] = [];
  const slowed: Undigested[] = [];

  beforeAll(
    async () => {
      const shop = new Shop('docker', join(scratch.path, 'truth'));
      const load = async (seconds: number): Promise<void> => {
        await shop.run('load', [seconds], { LOAD_RATE: '20', LOAD_CONNECTIONS: '8' });
      };
      const recorded = async (name: string): Promise<Undigested> => {
        const out = join(scratch.path, `${name}.dhr`);
        await recordWhile({ out, containers: ['shop-*'] }, () => load(SECONDS));
        return analyzeInMemory(out, SETTINGS);
      };
      try {
        await shop.run('up');
        // Code that has just been started is slower than the same code a moment later.
        await load(3);
        for (let i = 0; i < SAME; i++) same.push(await recorded(`same-${i}`));
        for (let i = 0; i < SLOWED; i++) {
          await shop.run('slow', [SLOWED_BY_MS, 3 * SECONDS]);
          slowed.push(await recorded(`slowed-${i}`));
        }
      } finally {
        await shop.run('down');
      }
    },
    120_000 + (SAME + SLOWED) * 3000 * SECONDS,
  );

  afterAll(() => scratch.remove());

  const told = (before: readonly Undigested[], after: readonly Undigested[]): string[] =>
    compareCaptures(before, after)
      .comparisons.filter(({ beyondNoise }) => beyondNoise)
      .map(({ kind, edge, size, p }) => `${kind} ${edge} ${size}, p ${p}`);

  it('show no difference, pair by pair', () => {
    const pairs = same.flatMap((before, i) =>
      same.slice(i + 1).map((after) => told([before], [after])),
    );
    console.log(
      `${pairs.length} pairs, ${pairs.filter((all) => all.length > 0).length} with a difference`,
    );
    expect(pairs).toEqual(pairs.map(() => []));
  });

  it('show none, half against half', () => {
    const middle = Math.floor(same.length / 2);
    expect(told(same.slice(0, middle), same.slice(middle))).toEqual([]);
  });

  it('show that auth was slowed, each against each', () => {
    const pairs = same.flatMap((before) => slowed.map((after) => told([before], [after])));
    console.log(
      `${pairs.length} pairs, ${pairs.filter((all) => all.length > 0).length} with a difference`,
    );
    for (const all of pairs)
      expect(all).toContainEqual(expect.stringMatching(/^slowed gateway → auth:8081 p50/));
  });

  it('show it side against side', () => {
    expect(told(same, slowed)).toContainEqual(
      expect.stringMatching(/^slowed gateway → auth:8081 p50/),
    );
  });
});
