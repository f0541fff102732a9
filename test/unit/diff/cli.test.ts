/** `dhrishti diff` as people meet it: what it prints and writes, and how it fails. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';
import { fileOf, foreignVersion, withFolder } from '../../support/capture.js';
import { CLI, type Ran, dhrishti } from '../../support/cli.js';

const fixture = (name: string): string => join(packageRoot, 'fixtures', `shop-${name}.dhr`);
const [BEFORE, AFTER] = [fixture('before'), fixture('after')];

function diff(cwd: string, ...args: string[]): Ran {
  return dhrishti(cwd, ['diff', ...args]);
}

describe('diff', () => {
  it('tells what is beyond noise, the test and its assumptions', () =>
    withFolder((folder) => {
      const { status, out, err } = diff(folder, BEFORE, AFTER);
      expect([status, err]).toEqual([0, '']);
      expect(out).toMatch(
        /^Before: \S+shop-before\.dhr, \d\d\.\d s, [\d,]+ events\nAfter: {2}\S+shop-after\.dhr, /,
      );
      expect(out).toMatch(
        /\n {2}slowed +gateway → auth:8081 +p50 4\.\d+ ms → 24\.\d ms \(× [45]\.\d\) +p < 0\.0001\n/,
      );
      for (const words of ['Mann–Whitney’s U', 'Holm’s correction', 'It assumes the same load'])
        expect(out).toContain(words);
    }));

  it('prints JSON and writes the page whole', () =>
    withFolder((folder) => {
      const { status, out, err } = diff(folder, BEFORE, AFTER, '--json', '--html', 'x.html');
      expect([status, err]).toEqual([0, '']);
      const { before, after, noise, comparisons } = JSON.parse(out) as {
        before: { file: string; lost: number }[];
        after: object[];
        noise: string;
        comparisons: Record<string, unknown>[];
      };
      expect([before.map(({ file, lost }) => [file, lost]), after.length, noise]).toEqual([
        [[BEFORE, 0]],
        1,
        'within',
      ]);
      const auth = comparisons.find(
        ({ edge, measure }) => edge === 'gateway → auth:8081' && measure === 'p50',
      );
      expect(auth).toMatchObject({ kind: 'slowed', large: true, beyondNoise: true });
      expect(readdirSync(folder)).toEqual(['x.html']);
      const page = readFileSync(join(folder, 'x.html'), 'utf8');
      expect(page).toMatch(/^<!doctype html>/i);
      expect(page).toContain('gateway → auth:8081');
      expect(page.trimEnd()).toMatch(/<\/html>$/);
    }));

  it('compares several recordings a side', () =>
    withFolder((folder) => {
      const copies = ['b1', 'b2', 'a1', 'a2'].map((name) => join(folder, `${name}.dhr`));
      copies.forEach((copy, i) => copyFileSync(i < 2 ? BEFORE : AFTER, copy));
      const { status, out } = diff(
        folder,
        '--before',
        'b1.dhr',
        'b2.dhr',
        '--after',
        'a1.dhr',
        'a2.dhr',
      );
      expect(status).toBe(0);
      expect(out).toMatch(
        /^Before: b1\.dhr, .*\n {8}b2\.dhr, .*\nAfter: {2}a1\.dhr, .*\n {8}a2\.dhr, .*\nNote: Few recordings/,
      );
      expect(out).toContain('Student’s t');
      expect(out).toMatch(/p50 4\.\d+ ms \[4.* … 4.*\] → 24\.1 ms \[24\.1 ms … 24\.1 ms\]/);
    }));

  it.each([
    [['x.dhr'], 'diff compares two captures; 1 was named.'],
    [[], 'diff compares two captures; 0 were named.'],
    [['x.dhr', 'y.dhr', 'z.dhr'], 'diff compares two captures; 3 were named.'],
    [['--before', 'x.dhr'], '--before and --after go together, and stand alone.'],
    [['--after', 'x.dhr', '--before', 'y.dhr', '--', 'z.dhr'], '--before and --after go together'],
  ])('refuses %j with 2', (args, message) =>
    withFolder((folder) => {
      const { status, out, err } = diff(folder, ...args);
      expect([status, out]).toEqual([2, '']);
      expect(err).toContain(message);
      expect(err).toContain('dhrishti diff --before a.dhr b.dhr c.dhr --after d.dhr e.dhr f.dhr');
    }),
  );

  it('refuses a capture that is named twice, by whatever path', () =>
    withFolder((folder) => {
      copyFileSync(BEFORE, join(folder, 'x.dhr'));
      symlinkSync('x.dhr', join(folder, 'y.dhr'));
      const same = diff(folder, 'x.dhr', 'x.dhr');
      expect([same.status, same.out]).toEqual([2, '']);
      expect(same.err).toContain('x.dhr is one capture, named twice.');
      const linked = diff(folder, '--before', AFTER, 'x.dhr', '--after', './y.dhr');
      expect(linked.status).toBe(2);
      expect(linked.err).toContain('x.dhr and ./y.dhr are one capture, named twice.');
    }));

  it('names the file that is missing, no capture, or from a newer version', () =>
    withFolder((folder) => {
      writeFileSync(join(folder, 'text.dhr'), 'no capture at all, but long enough for a header');
      fileOf(folder, 'newer.dhr', foreignVersion(3, 7));
      const missing = diff(folder, BEFORE, 'gone.dhr');
      expect([missing.status, missing.out]).toEqual([1, '']);
      expect(missing.err).toContain('gone.dhr');
      const text = diff(folder, 'text.dhr', AFTER);
      expect([text.status, text.out]).toEqual([4, '']);
      expect(text.err).toContain('text.dhr is not a dhrishti capture');
      const newer = diff(folder, BEFORE, 'newer.dhr');
      expect([newer.status, newer.out]).toEqual([4, '']);
      expect(newer.err).toContain('newer.dhr has format version 3.7');
    }));

  it('says that the page cannot be written before it reads anything, and takes the place of no capture', () =>
    withFolder((folder) => {
      mkdirSync(join(folder, 'sub'));
      for (const [html, why] of [
        ['sub', 'Cannot write sub: it is a folder.'],
        ['no/x.html', 'does not exist.'],
      ] as const) {
        // A capture that is missing would be told if it had been looked for.
        const { status, out, err } = diff(folder, 'gone.dhr', 'lost.dhr', '--html', html);
        expect([status, out]).toEqual([1, '']);
        expect(err).toContain(why);
        expect(err).toContain('Name another file with --html.');
      }
      copyFileSync(BEFORE, join(folder, 'x.dhr'));
      const over = diff(folder, 'x.dhr', AFTER, '--html', 'x.dhr');
      expect([over.status, over.out]).toEqual([2, '']);
      expect(over.err).toContain('Cannot write x.dhr: it is what is read.');
      expect(statSync(join(folder, 'x.dhr')).size).toBe(statSync(BEFORE).size);
      expect(readdirSync(folder).sort()).toEqual(['sub', 'x.dhr']);
    }));

  it('writes to a device as it is', () =>
    withFolder((folder) => {
      const command = `"${process.execPath}" "${CLI}" diff "${BEFORE}" "${AFTER}" --html /dev/stderr 2>&1 >/dev/null | cat`;
      const piped = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
      expect(piped.stdout).toContain('</html>');
      expect(diff(folder, BEFORE, AFTER, '--html', '/dev/null').status).toBe(0);
      expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    }));
});
