/** The same capture and version give the same database and the same page, wherever and however they are made. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowChecksum } from '../../src/analyze/checksum.js';
import type { Undigested } from '../../src/analyze/digest.js';
import { digestOf } from '../../src/analyze/digest.js';
import { packageRoot } from '../../src/base/paths.js';
import type { Analyzed } from '../support/analysis.js';
import { analyzed } from '../support/analysis.js';
import type { Row } from '../support/database.js';
import { toCsv } from '../support/golden.js';
import { K6Lines } from '../support/k6-lines.js';
import { scratchFolder } from '../support/recording.js';
import { shopK6 } from '../support/report-k6.js';

const CLI = join(packageRoot, 'dist', 'cli.js');
const SHOP = join(packageRoot, 'fixtures', 'shop.dhr');

/** Places that differ in what a careless program takes from its surroundings. */
const PLACES = {
  here: { TZ: 'UTC', LANG: 'C', LC_ALL: 'C' },
  istanbul: { TZ: 'Europe/Istanbul', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  chatham: { TZ: 'Pacific/Chatham', LANG: 'ar_EG.UTF-8', LC_ALL: 'ar_EG.UTF-8' },
};

interface Made {
  digest: string;
  page: string;
  database: string;
}

/** Every table and view of a database, as text. */
function dump(path: string): string {
  const db = new Database(path, { readonly: true });
  const rows = (sql: string): Row[] => db.prepare<unknown[], Row>(sql).all();
  const names = rows(`SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY 1`);
  const text = names.map(
    ({ name }) => `${String(name)}\n${toCsv(rows(`SELECT * FROM ${String(name)}`))}`,
  );
  db.close();
  return text.join('\n');
}

/** A k6 file that goes with a capture: 10 s of requests and a threshold. */
function loadOf(startedMs: number): string {
  const k6 = new K6Lines(startedMs).metric('http_req_duration', 'trend', ['p(95)<20']);
  for (let i = 0; i < 500; i++) {
    if (i % 50 === 0) k6.vus(1000 + 20 * i, 1 + i / 50);
    k6.request(1000 + 20 * i, 5 + (i % 17)).check(1030 + 20 * i, 'status is 200', i % 90 !== 0);
  }
  return k6.text();
}

describe('the same capture, analyzed in three places', () => {
  const scratch = scratchFolder();
  const made = new Map<string, Made>();
  const load = loadOf(analyzed(readFileSync(SHOP)).capture.startedWallMs);

  beforeAll(() => {
    for (const [place, env] of Object.entries(PLACES)) {
      const folder = join(scratch.path, place);
      mkdirSync(folder);
      copyFileSync(SHOP, join(folder, 'shop.dhr'));
      writeFileSync(join(folder, 'k6.json'), load);
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        [CLI, 'analyze', 'shop.dhr', '--k6', 'k6.json', '--exchanges', '--json'],
        { cwd: folder, encoding: 'utf8', env: { PATH: '/usr/bin:/bin', ...env } },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      made.set(place, {
        digest: (JSON.parse(stdout) as { digest: string }).digest,
        page: readFileSync(join(folder, 'shop.html'), 'utf8'),
        database: dump(join(folder, 'shop.sqlite')),
      });
    }
  });
  afterAll(() => scratch.remove());

  it.each(['istanbul', 'chatham'])('gives in %s what it gives here', (place) => {
    const [here, there] = [made.get('here')!, made.get(place)!];
    expect(there.digest).toBe(here.digest);
    expect(there.database).toBe(here.database);
    expect(there.page === here.page).toBe(true);
  });

  it('has its digest on the page, in the database, and in the words of analyze', () => {
    const { digest, page, database } = made.get('here')!;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(page).toContain(`data-digest="${digest}"`);
    expect(database).toContain(digest);
    const { stderr } = spawnSync(
      process.execPath,
      [CLI, 'analyze', 'shop.dhr', '--k6', 'k6.json'],
      {
        cwd: join(scratch.path, 'here'),
        encoding: 'utf8',
      },
    );
    expect(stderr).toContain(`Digest: ${digest}\n`);
  });
});

describe('a digest', () => {
  const shop = analyzed(readFileSync(SHOP));
  const digest = (change: (analysis: Analyzed) => void = () => undefined): string => {
    const { visitCells, visitWindows, ...plain } = shop;
    const copy: Analyzed = { ...structuredClone(plain), visitCells, visitWindows };
    change(copy);
    const { connections, windows, ...rest } = copy;
    const checksum = new RowChecksum();
    for (const row of connections) checksum.add(row);
    return digestOf(
      {
        ...rest,
        connections: [],
        visitWindows: (visit) => windows.forEach(visit),
        exchanges: [],
        digest: '',
      } as Undigested,
      checksum,
    );
  };

  it('is the same under another name', () => {
    expect(digest(({ capture }) => (capture.file = 'copy.dhr'))).toBe(digest());
  });

  it.each<[string, (analysis: Analyzed) => void]>([
    ['an edge', ({ edges }) => edges[0]!.failures++],
    ['a window', ({ windows }) => (windows[3]!.p99Us = null)],
    [
      'a cell',
      (analysis) => {
        const { visitCells } = analysis;
        analysis.visitCells = (edge, visit) =>
          visitCells(edge, (cell) => visit({ ...cell, open: cell.open + 1 }));
      },
    ],
    ['a finding', ({ findings }) => (findings[0]!.sentence += ' ')],
    ['a workload', ({ workloads }) => workloads[0]!.firstSeenNs++],
    ['the evidence of a failure', ({ failures }) => (failures[0]!.evidence = '')],
    ['a time of a connection', ({ connections }) => (connections[7]!.openedNs = 1)],
    ['a word of a connection', ({ connections }) => (connections[7]!.closedBy = 'both')],
    ['the order of connections', ({ connections }) => connections.reverse()],
    ['the k6 run', (analysis) => (analysis.k6 = shopK6())],
    ['the capture', ({ capture }) => (capture.sha256 = 'ff')],
  ])('is another where %s is another', (_, change) => {
    expect(digest(change)).not.toBe(digest());
  });
});
