/** The line that shows how far a long command is: on a terminal only, a real one here. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../src/analyze/progress.js';
import { packageRoot } from '../../src/base/paths.js';
import { ProgressLine, progressLine } from '../../src/cli/progress.js';
import { fileOf, withFolder } from '../support/capture.js';
import { syntheticShop } from '../support/synthetic-shop.js';

const CLI = join(packageRoot, 'dist', 'cli.js');
const CAPTURE = syntheticShop().bytes(100);
const CLEAR = '\r\u001b[K';
const MIB = 1 << 20;

const half: Progress = { stage: 'Analyzing', bytes: 300 * MIB, ofBytes: 600 * MIB, events: 6e6 };

describe('the line', () => {
  it('has bytes, events a second and the time left', () => {
    expect(progressLine(half, 2000, 120)).toBe(
      'Analyzing  [############------------]   50 %  300 MiB of 600 MiB  3,000,000 events/s  2 s left',
    );
  });

  it.each<[string, Partial<Progress>, number, string]>([
    ['has no guess at first', {}, 400, '50 %  300 MiB of 600 MiB'],
    [
      'counts no events where none are looked at',
      { stage: 'Reading', events: 0 },
      9000,
      '300 MiB of 600 MiB  9 s left',
    ],
    [
      'does not go beyond its end',
      { bytes: 700 * MIB },
      400,
      '[########################]  100 %  700 MiB of 600 MiB',
    ],
    ['knows a file without bytes', { bytes: 0, ofBytes: 0 }, 400, '100 %  0 B of 0 B'],
    ['counts minutes', { bytes: 6 * MIB }, 2000, '3m 18s left'],
  ])('%s', (_, over, elapsedMs, end) => {
    const line = progressLine({ ...half, ...over }, elapsedMs, 200);
    expect(line.slice(-end.length)).toBe(end);
  });

  it('never fills the last column, where a terminal would begin a new line', () => {
    for (const columns of [1, 20, 80]) {
      expect(progressLine(half, 2000, columns).length).toBeLessThan(columns);
    }
  });

  it('is drawn ten times a second, at once for each stage, and cleared once', () => {
    const written: string[] = [];
    let nowMs = 0;
    const terminal = {
      out: () => Promise.resolve(),
      err: (text: string) => void written.push(text),
      live: true,
      columns: 80,
      interactive: true,
      closed: false,
    };
    const line = new ProgressLine(terminal, () => nowMs);
    for (; nowMs < 1000; nowMs += 10) line.tell(half);
    expect(written).toHaveLength(10);
    line.tell({ ...half, stage: 'Writing' });
    expect(written).toHaveLength(11);
    line.clear();
    line.clear();
    expect(written.slice(11)).toEqual([CLEAR]);
  });
});

/** Runs the program on a terminal of its own, stdout and stderr both; gives what was drawn on it. */
function onTerminal(folder: string, command: string): string {
  const ran = spawnSync('script', ['-qec', `${process.execPath} ${CLI} ${command}`, '/dev/null'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm' },
  });
  if (ran.error !== undefined) throw ran.error;
  expect(ran.status).toBe(0);
  return ran.stdout;
}

describe.each([
  ['analyze', 'analyze x.dhr'],
  ['export', 'export x.dhr --format csv -o out'],
])('%s on a terminal', (_, command) => {
  it('draws the line, and leaves nothing of it', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const drawn = onTerminal(folder, command).split(CLEAR);
      expect(drawn[0]).toBe('');
      expect(drawn.some((line) => /^Reading {4}\[#*-*\] +\d+ %  .* of .*iB/.test(line))).toBe(true);
      expect(drawn.some((line) => /^Analyzing  \[#*-*\] +\d+ %/.test(line))).toBe(true);
      expect(drawn.at(-1)).toMatch(/^Capture complete: /);
    }));

  it('is still with --quiet', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const lines = onTerminal(folder, `${command} --quiet`).trim().split('\r\n');
      expect(lines.every((line) => /^(Report: x\.html|out\/\w+\.csv)$/.test(line))).toBe(true);
    }));

  it('is still where stderr is a file', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      expect(onTerminal(folder, `${command} 2>words`)).not.toContain('\u001b');
      expect(readdirSync(folder)).toContain('words');
    }));
});
