/** A capture of known truth → analyze → SQL → CSV. The CSV files are the contract with people's queries. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import { analyze } from '../../src/analyze/analyze.js';
import type { Row } from '../support/database.js';
import { expectGolden } from '../support/golden.js';
import { scratchFolder } from '../support/recording.js';
import { syntheticShop } from '../support/synthetic-shop.js';

const COMMAND = 'REBASELINE=1 npx vitest run test/golden/analyze.test.ts';

/** Every table; long ones by what sums them up. */
const QUERIES: Record<string, string> = {
  capture: 'SELECT file, host, kernel, started_utc, duration_s, verdict, events, lost FROM capture',
  workload: 'SELECT * FROM workload ORDER BY id',
  edge: 'SELECT * FROM edge ORDER BY id',
  verdicts: `SELECT e.client, e.server, c.verdict, c.conn_state, c.errno, c.closed_by, c.grade, c.paired,
      count(*) AS connections, sum(c.exchanges) AS exchanges, min(c.opened_ns) AS first_ns
    FROM connection c JOIN edge e ON e.id = c.edge
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3`,
  edge_window: `SELECT e.client, e.server, w.start_ns, w.connections, w.failures, w.exchanges, w.p95_us, w.open, w.coverage
    FROM edge_window w JOIN edge e ON e.id = w.edge
    WHERE e.server IN ('auth', 'inventory') ORDER BY e.id, w.start_ns`,
  exchange: `SELECT e.client, e.server, count(*) AS n, sum(x.request_bytes) AS request_bytes,
      sum(x.response_bytes) AS response_bytes, count(x.server_us) AS with_server, round(max(x.ttfb_us), 1) AS max_us
    FROM exchange x JOIN connection c ON c.id = x.connection JOIN edge e ON e.id = c.edge
    GROUP BY 1, 2 ORDER BY 1, 2`,
  finding: 'SELECT * FROM finding ORDER BY rank',
  quality: 'SELECT * FROM quality ORDER BY name, sentence',
  v_edges: 'SELECT * FROM v_edges',
  v_failures: 'SELECT * FROM v_failures',
  v_findings: 'SELECT * FROM v_findings',
  v_worst_windows: 'SELECT * FROM v_worst_windows',
};

describe('the synthetic shop', () => {
  const folder = scratchFolder();
  const capture = join(folder.path, 'shop.dhr');
  const options = {
    capture,
    windowNs: 5e9,
    stepNs: 1e9,
    staleAfterNs: 30e9,
    exchanges: true,
  };
  let db: Database.Database;

  beforeAll(async () => {
    syntheticShop().write(capture);
    const path = join(folder.path, 'shop.sqlite');
    await analyze({ ...options, db: path });
    db = new Database(path, { readonly: true });
  });
  afterAll(() => {
    db.close();
    folder.remove();
  });

  const rows = (sql: string): Row[] => db.prepare<unknown[], Row>(sql).all();

  it.each(Object.entries(QUERIES))('%s', (name, sql) => {
    const path = join(import.meta.dirname, 'expected', `${name}.csv`);
    expectGolden(path, rows(sql), COMMAND);
  });

  it('is sound, and has its version', () => {
    expect(rows('PRAGMA user_version')).toEqual([{ user_version: 1 }]);
    expect(rows('PRAGMA foreign_key_check')).toEqual([]);
    expect(rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });

  it('is analyzed as far as it is whole when it was cut', async () => {
    const cut = join(folder.path, 'cut.dhr');
    const bytes = readFileSync(capture);
    writeFileSync(cut, bytes.subarray(0, Math.floor(bytes.length / 2)));
    const analysis = await analyze({
      ...options,
      capture: cut,
      db: join(folder.path, 'cut.sqlite'),
    });
    expect(analysis.capture.verdict).toMatch(/^torn at byte \d+$/);
    expect(analysis.edges.map((e) => `${e.client} → ${e.server}:${e.port}`)).toContain(
      'gateway → auth:8081',
    );
    expect(analysis.quality.find((q) => q.name === 'capture')?.severity).toBe('warning');
  });

  it('leaves no database behind for what is no capture', async () => {
    const text = join(folder.path, 'notes.txt');
    writeFileSync(text, 'nothing to see here, and rather a lot of it: '.repeat(20));
    const path = join(folder.path, 'notes.sqlite');
    await expect(analyze({ ...options, capture: text, db: path })).rejects.toMatchObject({
      code: 'NOT_A_CAPTURE',
    });
    expect(execFileSync('ls', [folder.path], { encoding: 'utf8' })).not.toContain('notes.sqlite');
  });
});
