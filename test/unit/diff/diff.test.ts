/** Two captures compared: the shop before and after auth was slowed, a capture with itself, edges that are in one only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';
import type { Difference } from '../../../src/diff/diff.js';
import { compareCaptures } from '../../../src/diff/diff.js';
import { holm, rankTest } from '../../../src/diff/rank-test.js';
import { renderDifference } from '../../../src/report/difference.js';
import { analyzed } from '../../support/analysis.js';
import { call, every, pair } from '../findings/case.js';

const shop = (name: string): ReturnType<typeof analyzed> =>
  analyzed(readFileSync(join(packageRoot, 'fixtures', `shop-${name}.dhr`)));
const told = ({ comparisons }: Difference): string[] =>
  comparisons
    .filter(({ beyondNoise }) => beyondNoise)
    .map(({ kind, edge, measure }) => `${kind} ${edge} ${measure}`);

describe('the shop before and after auth was slowed', () => {
  const difference = compareCaptures(shop('before'), shop('after'));

  it('has auth slower, by its median and its p95', () => {
    expect(told(difference)).toContain('slowed gateway → auth:8081 p50');
    expect(told(difference)).toContain('slowed gateway → auth:8081 p95');
  });

  it('is the other way round when swapped, and nothing with itself', () => {
    const swapped = told(compareCaptures(shop('after'), shop('before'))).sort();
    const turn = (text: string): string =>
      text.startsWith('slowed')
        ? text.replace('slowed', 'sped up')
        : text.replace('sped up', 'slowed');
    expect(swapped).toEqual(told(difference).map(turn).sort());
    expect(told(compareCaptures(shop('before'), shop('before')))).toEqual([]);
  });

  it('is shown on a page that runs and loads nothing', () => {
    const page = renderDifference(difference, { method: '<m>', analyzer: 'x' });
    expect(page).toContain("default-src 'none'");
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;m&gt;');
    expect(page.length).toBeLessThan(40_000);
  });
});

it('tells an edge that appeared or vanished, once it was there for long enough', () => {
  const quiet = analyzed(pair().capture);
  const busy = pair();
  every(0, 100, 90, (atMs) => call(busy, atMs));
  const brief = pair();
  call(brief, 100);
  expect(told(compareCaptures(quiet, analyzed(busy.capture)))).toEqual([
    'appeared orders → inventory:8083 edge',
  ]);
  expect(told(compareCaptures(analyzed(busy.capture), quiet))).toEqual([
    'vanished orders → inventory:8083 edge',
  ]);
  expect(told(compareCaptures(quiet, analyzed(brief.capture)))).toEqual([]);
});

describe('the test', () => {
  it('gives the normal approximation with ties and continuity', () => {
    // By hand: z = (12.5 − 0.5) / √(25 × 11 / 12) = 2.507; no neighbours agree here.
    expect(rankTest([1, 5, 2, 4, 3], [6, 10, 7, 9, 8])).toBeCloseTo(0.01219, 4);
    expect(rankTest([1, 1, 1], [1, 1, 1])).toBe(1);
    expect(rankTest([1], [2, 3])).toBe(1);
  });

  it('is less sure where neighbours are alike', () => {
    expect(rankTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toBeGreaterThan(
      rankTest([1, 5, 2, 4, 3], [6, 10, 7, 9, 8]),
    );
  });

  it('is corrected as Holm says', () => {
    expect(holm([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06]);
  });
});
