/** `--since` and `--until` as people meet them: the built program, what it writes, and how it refuses. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileOf, withFolder } from '../support/capture.js';
import { type Ran, dhrishti } from '../support/cli.js';
import { openDatabase } from '../support/database.js';
import { syntheticShop } from '../support/synthetic-shop.js';

/** 20 s, begun on 2025-06-15 at 15:06:40 UTC. */
const CAPTURE = syntheticShop().bytes();

function run(folder: string, ...args: string[]): Ran {
  return dhrishti(folder, args, { TZ: 'Asia/Kolkata' });
}

describe('analyze --since --until', () => {
  it('cuts alike by seconds, by time of day and by date, and says of what', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const digests = [
        ['5s', '15s'],
        ['15:06:45', '15:06:55'],
        ['2025-06-15T20:36:45+05:30', '20:36:55+05:30'],
      ].map(([since, until]) => {
        const ran = run(folder, 'analyze', 'x.dhr', '--since', since!, '--until', until!);
        expect([ran.status, ran.out]).toEqual([0, 'x.html\n']);
        expect(ran.err).toMatch(/^Cut: 5 s to 15 s of a recording of 20 s\.\nCapture complete: /);
        return /^Digest: (\w+)$/m.exec(ran.err)![1]!;
      });
      expect(new Set(digests).size).toBe(1);
      const { query, close } = openDatabase(join(folder, 'x.sqlite'));
      expect(
        query('SELECT started_utc, duration_s, cut_from_ns, cut_to_ns, recorded_ns FROM capture'),
      ).toEqual([
        {
          started_utc: '2025-06-15T15:06:45.000Z',
          duration_s: 10,
          cut_from_ns: 5e9,
          cut_to_ns: 15e9,
          recorded_ns: 20e9,
        },
      ]);
      expect(query('SELECT max(start_ns) AS last FROM edge_window')).toEqual([{ last: 0 }]);
      close();
      expect(readFileSync(join(folder, 'x.html'), 'utf8')).toContain('<!doctype html>');
    }));

  it.each<[string, string[], number, string, string]>([
    [
      'no moment',
      ['--since', 'noon'],
      2,
      '--since "noon" is no moment of a recording.',
      'Write how long after its start',
    ],
    [
      'one after the end',
      ['--since', '5m'],
      2,
      '--since 5m lies after the end of the recording, which is 20 s long: 2025-06-15 15:06:40 UTC to 2025-06-15 15:07:00 UTC.',
      'Choose a moment within it.',
    ],
    [
      'a range that runs backwards',
      ['--since', '15s', '--until', '5s'],
      2,
      '--since 15s is not before --until 5s.',
      'Name the earlier moment with --since',
    ],
    [
      'a k6 run beside it',
      ['--since', '10s', '--k6', 'k6.json'],
      2,
      '--k6 cannot be used with --since or --until.',
      'A k6 run is compared as a whole',
    ],
    [
      'a range without anything',
      ['--until', '1us'],
      1,
      'Nothing was there from the start to 1 µs of a recording of 20 s: no connection was open, or tried.',
      'Choose a longer range',
    ],
  ])('refuses %s, and writes nothing', (_, args, status, message, hint) =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const ran = run(folder, 'analyze', 'x.dhr', ...args);
      expect([ran.status, ran.err.split('\n')[0]]).toEqual([status, `dhrishti: ${message}`]);
      expect(ran.err.split('\n')[1]).toContain(hint);
      expect(readdirSync(folder)).toEqual(['x.dhr']);
    }),
  );
});

describe('export --since --until', () => {
  it('exports the cut', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const args = ['x.dhr', '--format', 'jsonl', '-o', 'out', '--since', '5s', '--until', '15s'];
      const ran = run(folder, 'export', ...args);
      expect([ran.status, ran.err]).toEqual([
        0,
        expect.stringMatching(/^Cut: 5 s to 15 s of a recording of 20 s\.\nCapture complete: /),
      ]);
      const starts = readFileSync(join(folder, 'out', 'exchanges.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { started_ns: number }).started_ns);
      expect(Math.min(...starts)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...starts)).toBeLessThan(10e9);
    }));
});
