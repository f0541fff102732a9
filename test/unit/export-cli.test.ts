/** `dhrishti export` as people meet it: what it prints, what it leaves behind, and how it fails. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TABLES } from '../../src/analyze/export/tables.js';
import { packageRoot } from '../../src/base/paths.js';
import { fileOf, withFolder } from '../support/capture.js';
import { CLI, type Ran, dhrishti } from '../support/cli.js';
import { rowsOf } from '../support/polars.js';
import { syntheticShop } from '../support/synthetic-shop.js';

const CAPTURE = syntheticShop().bytes();

/** Runs the built program's `export` in `folder`. */
function runExport(folder: string, ...args: string[]): Ran {
  return dhrishti(folder, ['export', ...args]);
}

describe('export', () => {
  it.each(['arrow', 'csv', 'jsonl'])(
    'writes %s, tells the paths, and leaves nothing else',
    (format) =>
      withFolder((folder) => {
        fileOf(folder, 'x.dhr', CAPTURE);
        const { status, out, err } = runExport(folder, 'x.dhr', '--format', format, '-o', 'a/b');
        expect([status, out]).toEqual([
          0,
          TABLES.map(({ name }) => `a/b/${name}.${format}\n`).join(''),
        ]);
        expect(err).toMatch(
          /^Capture complete: [\d,]+ events, 0 lost\.\nExported \d+ connections, [\d,]+ exchanges, \d+ edges, \d+ windows\.\n$/,
        );
        expect(readdirSync(folder).sort()).toEqual(['a', 'x.dhr']);
        expect(readdirSync(join(folder, 'a', 'b')).sort()).toEqual(
          TABLES.map(({ name }) => `${name}.${format}`).sort(),
        );
      }),
  );

  it('takes the windows that analyze takes, and replaces what it wrote before', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const args = ['x.dhr', '--format', 'csv', '-o', '.'];
      const widths = (): Set<unknown> =>
        new Set(rowsOf(join(folder, 'windows.csv'), 'csv').map((row) => row['width_ns']));
      expect(runExport(folder, ...args).status).toBe(0);
      expect(widths()).toEqual(new Set([10e9]));
      const ran = runExport(folder, ...args, '--window', '2s', '--step', '500ms');
      expect(ran.status).toBe(0);
      expect(widths()).toEqual(new Set([2e9]));
    }));

  it.each<[string, string[], string]>([
    ['no format', ['x.dhr', '-o', 'out'], "required option '--format <format>' not specified"],
    [
      'no folder',
      ['x.dhr', '--format', 'csv'],
      "required option '-o, --out <folder>' not specified",
    ],
    [
      'an unknown format',
      ['x.dhr', '--format', 'xlsx', '-o', 'out'],
      '--format "xlsx" is not a format.\nWrite one of arrow, csv, jsonl.',
    ],
    [
      'a short window',
      ['x.dhr', '--format', 'csv', '-o', 'out', '--step', '1m'],
      '--window 10s is shorter than --step 1m.',
    ],
    ['two captures', ['a.dhr', 'b.dhr', '--format', 'csv', '-o', 'out'], 'too many arguments'],
  ])('ends with 2 and a sentence for %s', (_, args, sentence) =>
    withFolder((folder) => {
      const { status, out, err } = runExport(folder, ...args);
      expect(err).toContain(sentence);
      expect([status, out, readdirSync(folder)]).toEqual([2, '', []]);
    }),
  );

  it('ends with 4 for what is no capture, and makes no folder', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', '<!doctype html>');
      expect(runExport(folder, 'x.dhr', '--format', 'csv', '-o', 'out')).toEqual({
        status: 4,
        out: '',
        err:
          'dhrishti: x.dhr is not a dhrishti capture: it is an HTML page.\n' +
          'Name a .dhr file that `dhrishti record` wrote.\n',
      });
      expect(readdirSync(folder)).toEqual(['x.dhr']);
    }));

  it('ends with 1 for a capture that is not there', () =>
    withFolder((folder) => {
      const { status, err } = runExport(folder, 'x.dhr', '--format', 'csv', '-o', 'out');
      expect([status, err]).toEqual([
        1,
        'dhrishti: Cannot read x.dhr: no such file.\nLook at the name of the file.\n',
      ]);
      expect(readdirSync(folder)).toEqual([]);
    }));

  it.each([
    ['a file', 'x.dhr', 'it is a file'],
    ['below a file', 'x.dhr/out', 'part of its path is a file'],
    [
      'a folder in which a file cannot have its place',
      'taken',
      'one of the files to write is a folder there',
    ],
  ])('ends with 1 for %s instead of a folder', (_, out, why) =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      mkdirSync(join(folder, 'taken', 'connections.csv'), { recursive: true });
      expect(runExport(folder, 'x.dhr', '--format', 'csv', '-o', out)).toEqual({
        status: 1,
        out: '',
        err:
          `dhrishti: Cannot write into ${out}: ${why}.\n` +
          'Name another folder with -o, one that you may write to and with room for the export.\n',
      });
      expect(readdirSync(folder).sort()).toEqual(['taken', 'x.dhr']);
      expect(readdirSync(join(folder, 'taken'))).toEqual(['connections.csv']);
    }),
  );

  // In blocks of 512 bytes: too small for the passing database, and for exchanges.jsonl.
  it.each([
    ['8', 'disk I/O error'],
    ['1000', 'a file may not grow further'],
  ])('ends with 1 where no file may grow beyond %s blocks: %s', (blocks, why) =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr', CAPTURE);
      const command = `ulimit -f ${blocks}; exec "$0" "$1" export x.dhr --format jsonl -o out`;
      const ran = spawnSync('sh', ['-c', command, process.execPath, CLI], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([ran.status, ran.stdout]).toEqual([1, '']);
      expect(ran.stderr.split('\n')[0]).toBe(`dhrishti: Cannot write into out: ${why}.`);
      expect(readdirSync(join(folder, 'out'))).toEqual([]);
    }),
  );

  it('exports a cut capture as far as it is whole', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr.partial', CAPTURE.subarray(0, CAPTURE.length - 3));
      const { status, err } = runExport(folder, 'x.dhr.partial', '--format', 'csv', '-o', '.');
      expect(status).toBe(0);
      expect(err).toMatch(/^Capture torn at byte \d+: /);
    }));
});

describe('docs/export.md', () => {
  it('has every column, as the files have it', () => {
    const text = readFileSync(join(packageRoot, 'docs', 'export.md'), 'utf8');
    const rows = text
      .split('\n')
      .filter((line) => /^\| `/.test(line))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(rows).toEqual(
      TABLES.flatMap(({ columns }) =>
        columns.map(({ name, type, unit, meaning }) => [
          `\`${name}\``,
          type,
          unit === 'none' ? '' : unit,
          meaning,
        ]),
      ),
    );
  });
});
