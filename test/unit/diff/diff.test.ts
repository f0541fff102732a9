/** Two captures compared: the shop before and after auth was slowed, a capture with itself, edges that are in one only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';
import { compareCaptures } from '../../../src/diff/diff.js';
import type { Difference } from '../../../src/diff/model.js';
import { renderDifference } from '../../../src/report/difference.js';
import { Random } from '../../fuzz/random.js';
import { analyzed } from '../../support/analysis.js';
import { CaptureBuilder } from '../../support/capture-builder.js';
import { call, every, pair } from '../findings/case.js';

const shop = (name: string): ReturnType<typeof analyzed> =>
  analyzed(readFileSync(join(packageRoot, 'fixtures', `shop-${name}.dhr`)));
const told = ({ comparisons }: Difference): string[] =>
  comparisons
    .filter(({ beyondNoise }) => beyondNoise)
    .map(({ kind, edge, measure }) => `${kind} ${edge} ${measure}`);

describe('the shop before and after auth was slowed', () => {
  const difference = compareCaptures([shop('before')], [shop('after')]);

  it('has auth slower, by its median and its p95', () => {
    expect(told(difference)).toContain('slowed gateway → auth:8081 p50');
    expect(told(difference)).toContain('slowed gateway → auth:8081 p95');
  });

  it('is the other way round when swapped, and nothing with itself', () => {
    const swapped = told(compareCaptures([shop('after')], [shop('before')])).sort();
    const turn = (text: string): string =>
      text.startsWith('slowed')
        ? text.replace('slowed', 'sped up')
        : text.replace('sped up', 'slowed');
    expect(swapped).toEqual(told(difference).map(turn).sort());
    expect(told(compareCaptures([shop('before')], [shop('before')]))).toEqual([]);
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
  expect(told(compareCaptures([quiet], [analyzed(busy.capture)]))).toEqual([
    'appeared orders → inventory:8083 edge',
  ]);
  expect(told(compareCaptures([analyzed(busy.capture)], [quiet]))).toEqual([
    'vanished orders → inventory:8083 edge',
  ]);
  expect(told(compareCaptures([quiet], [analyzed(brief.capture)]))).toEqual([]);
});

/** 12 s with a call each 100 ms that takes `ms`, give or take a little. */
function calls(ms: number, { failing = 0, seed = 1 } = {}): ReturnType<typeof analyzed> {
  const made = pair(12_000);
  const random = new Random(seed);
  every(0, 100, 118, (atMs) => call(made, atMs, ms * (0.9 + 0.2 * random.next())));
  for (let i = 0; i < failing; i++)
    made.capture.attempt(made.orders, '10.0.0.3', 8083, 50 + i * 150, 111);
  return analyzed(made.capture);
}

describe('one recording a side', () => {
  it('takes what runs differ by for none, and what is well beyond it for a difference', () => {
    expect(told(compareCaptures([calls(10)], [calls(12.5)]))).toEqual([]);
    expect(told(compareCaptures([calls(0.2)], [calls(0.9)]))).toEqual([]);
    expect(told(compareCaptures([calls(10)], [calls(15)])).sort()).toEqual([
      'slowed orders → inventory:8083 p50',
      'slowed orders → inventory:8083 p95',
    ]);
    expect(told(compareCaptures([calls(15)], [calls(10)])).sort()).toEqual([
      'sped up orders → inventory:8083 p50',
      'sped up orders → inventory:8083 p95',
    ]);
  });
});

describe('what all edges do alike', () => {
  /** A client that calls five services, which take so long. */
  function five(...ms: number[]): ReturnType<typeof analyzed> {
    const capture = new CaptureBuilder();
    const client = capture.container('client', '10.0.0.2');
    const random = new Random(ms[0]!);
    ms.forEach((took, i) => {
      const server = capture.container(`s${i}`, `10.0.0.${3 + i}`);
      capture.listen(server, 80);
      const kept = capture.connect(client, server, 80, 1);
      every(100, 100, 118, (atMs) => kept.exchange(atMs, took * (0.9 + 0.2 * random.next())));
    });
    return analyzed(capture);
  }
  const quiet = five(10, 12, 14, 16, 18);

  it('is noted, and not told edge by edge', () => {
    const busy = compareCaptures([quiet], [five(30, 36, 42, 48, 54)]);
    expect(told(busy)).toEqual([]);
    expect(busy.notes).toEqual([
      expect.stringMatching(/^Most edges changed the same way \(the one in the middle by × 3\.0\)/),
    ]);
    expect(busy.comparisons.filter(({ large }) => large)).toHaveLength(10);
  });

  it('hides no edge that goes beyond, nor one that goes the other way', () => {
    const other = compareCaptures([quiet], [five(20, 24, 28, 90, 9)]);
    expect(told(other).sort()).toEqual([
      'slowed client → s3:80 p50',
      'slowed client → s3:80 p95',
      'sped up client → s4:80 p50',
      'sped up client → s4:80 p95',
    ]);
  });

  it('is a difference between several recordings', () => {
    const seconds = [30, 30.5, 31].map((ms) => five(ms, 36, 42, 48, 54));
    const firsts = [10, 10.2, 10.1].map((ms) => five(ms, 12, 14, 16, 18));
    expect(told(compareCaptures(firsts, seconds))).toHaveLength(10);
  });
});

describe('several recordings a side', () => {
  const around = (...all: number[]): ReturnType<typeof analyzed>[] =>
    all.map((ms, i) => calls(ms, { seed: i + 1 }));

  it('has the spread between them for noise', () => {
    const wide = compareCaptures(around(10, 20, 14), around(15, 26, 30));
    expect([wide.noise, told(wide)]).toEqual(['between', []]);
    const narrow = compareCaptures(around(10, 10.3, 10.1), around(16, 16.5, 16.2));
    expect(told(narrow)).toContain('slowed orders → inventory:8083 p50');
    expect(narrow.comparisons[0]!.size).toMatch(
      /^p\d\d 1\d(\.\d)? ms \[.* … .*\] → 1\d(\.\d)? ms \[.* … .*\] \(× 1\.\d\)$/,
    );
  });

  it('does not tell what is sure but small', () => {
    expect(told(compareCaptures(around(10, 10.1, 10), around(12, 12.1, 12)))).toEqual([]);
  });

  it('compares one new recording with many old ones', () => {
    const old = around(10, 10.5, 9.8, 10.2, 10.1, 9.9);
    expect(told(compareCaptures(old, around(10.4)))).toEqual([]);
    expect(told(compareCaptures(old, around(18)))).toContain('slowed orders → inventory:8083 p50');
  });

  it('does not tell an edge that comes and goes', () => {
    const none = (): ReturnType<typeof analyzed> => analyzed(pair(12_000).capture);
    expect(told(compareCaptures([none(), none()], around(10, 10)))).toEqual([
      'appeared orders → inventory:8083 edge',
    ]);
    const flaky = compareCaptures([none(), none()], [calls(10), none()]);
    expect(told(flaky)).toEqual([]);
    expect(flaky.comparisons[0]!.size).toContain('of 1 of 2 recordings, none before');
  });

  it('tells failures', () => {
    const failing = [1, 2, 3].map((seed) => calls(10, { failing: 60, seed }));
    expect(told(compareCaptures(around(10, 10, 10), failing))).toEqual([
      'failed more orders → inventory:8083 failures',
    ]);
  });

  it('says that few recordings show little', () => {
    expect(compareCaptures(around(10, 11), around(10)).notes).toEqual([
      'Few recordings: only large differences are beyond their noise. Three or more a side tell more.',
    ]);
  });
});
