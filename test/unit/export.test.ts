/** What `dhrishti export` writes, read by Polars and held against SQLite's own tables. */
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportTables } from '../../src/analyze/export/export.js';
import type { Format } from '../../src/analyze/export/export.js';
import { BATCH_ROWS, selectOf } from '../../src/analyze/export/source.js';
import { TABLES } from '../../src/analyze/export/tables.js';
import { csvLines } from '../../src/analyze/export/text.js';
import { packageRoot } from '../../src/base/paths.js';
import type { Row } from '../support/database.js';
import { analyzeCapture } from '../support/database.js';
import { rowsOf, streamOf } from '../support/polars.js';
import { syntheticShop } from '../support/synthetic-shop.js';

const FORMATS: Format[] = ['arrow', 'csv', 'jsonl'];
const SHOP = join(packageRoot, 'fixtures', 'shop.dhr');

/** The expected rows, written out apart from the exporter's own list of columns. */
const EXPECTED: Record<string, string> = {
  connections: `SELECT k.id, k.edge, e.client, e.server, e.via, k.client_workload,
    c.name AS client_name, k.server_workload, s.name AS server_name,
    client_addr, client_port, server_addr, server_port,
    opened_ns, established_ns, accepted_ns, closed_ns, verdict, conn_state, errno, closed_by,
    k.bytes_sent, k.bytes_received, k.retransmits, rtt_us, connect_us, k.exchanges,
    iif(paired, 'yes', 'no') AS paired, iif(preexisting, 'yes', 'no') AS preexisting, grade
    FROM connection k, edge e, workload c, workload s
    WHERE e.id = k.edge AND c.id = client_workload AND s.id = server_workload ORDER BY k.id`,
  exchanges: `SELECT x.connection, k.edge, e.client, e.server, e.port, started_ns, ttfb_us, total_us,
    server_us, request_bytes, response_bytes, iif(flags & 1024, 'no', 'yes') AS answered,
    iif(flags & 1024 = 0 AND flags & (256 | 512 | 65536), 'yes', 'no') AS flagged, flags
    FROM exchange x, connection k, edge e
    WHERE k.id = x.connection AND e.id = k.edge ORDER BY x.rowid`,
  edges: 'SELECT * FROM edge ORDER BY id',
  windows: `SELECT edge, client, server, port, start_ns, width_ns, w.connections, w.failures, w.exchanges,
    w.avg_us, w.p50_us, w.p95_us, w.p99_us, open, w.retransmits, w.coverage
    FROM edge_window w, edge e WHERE e.id = w.edge ORDER BY edge, start_ns`,
};

/** Yes and no in words, as EXPECTED has them. */
const inWords = (rows: Row[]): Row[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'boolean' ? (value ? 'yes' : 'no') : value,
      ]),
    ),
  );

let folder: string;
const made = new Map<string, Awaited<ReturnType<typeof analyzeCapture>>>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dhr-test-'));
  syntheticShop().write(join(folder, 'synthetic.dhr'));
  copyFileSync(SHOP, join(folder, 'shop.dhr'));
  for (const name of ['synthetic', 'shop']) {
    made.set(name, await analyzeCapture(join(folder, `${name}.dhr`), { exchanges: true }));
  }
});

afterAll(() => {
  for (const { close } of made.values()) close();
  rmSync(folder, { recursive: true, force: true });
});

/** A copy of the synthetic capture's database, changed by `change`. */
function changedDatabase(name: string, change: (database: Database.Database) => void): string {
  copyFileSync(join(folder, 'synthetic.dhr.sqlite'), join(folder, name));
  const database = new Database(join(folder, name));
  database.pragma('foreign_keys = OFF');
  change(database);
  database.close();
  return name;
}

async function exportInto(into: string, db: string, format: Format): Promise<void> {
  const aside = mkdtempSync(join(folder, 'aside-'));
  await exportTables({ db: join(folder, db), folder: into, aside, format, version: '1.2.3' });
  expect(readdirSync(aside)).toEqual([]);
}

/** Exports into a folder of its own, and gives its path. */
async function exported(db: string, format: Format): Promise<string> {
  const into = mkdtempSync(join(folder, 'out-'));
  await exportInto(into, db, format);
  return into;
}

describe.each(['synthetic', 'shop'])('the %s capture', (name) => {
  it.each(FORMATS)('as %s has every row of SQLite', async (format) => {
    const into = await exported(`${name}.dhr.sqlite`, format);
    expect(readdirSync(into).sort()).toEqual(
      ['connections', 'edges', 'exchanges', 'windows'].map((table) => `${table}.${format}`),
    );
    for (const [table, sql] of Object.entries(EXPECTED)) {
      const expected = made.get(name)!.query(sql);
      expect(expected.length).toBeGreaterThan(3);
      expect(inWords(rowsOf(join(into, `${table}.${format}`), format))).toEqual(expected);
    }
  });

  it('adds up: exchanges to edges, by answered and flagged', async () => {
    const into = await exported(`${name}.dhr.sqlite`, 'arrow');
    const sums = new Map<unknown, [answered: number, flagged: number]>();
    for (const { edge, answered, flagged } of rowsOf(join(into, 'exchanges.arrow'), 'arrow')) {
      const [a, f] = sums.get(edge) ?? [0, 0];
      sums.set(edge, [a + Number(answered), f + Number(flagged)]);
    }
    const edges = rowsOf(join(into, 'edges.arrow'), 'arrow').filter((e) => e['exchanges'] !== 0);
    expect(edges.map((e) => [e['id'], [e['exchanges'], e['flagged']]])).toEqual(
      [...sums].sort((a, b) => Number(a[0]) - Number(b[0])),
    );
  });
});

describe('an Arrow file', () => {
  it('says what the capture was, and what each column means', async () => {
    const into = await exported('synthetic.dhr.sqlite', 'arrow');
    for (const table of TABLES) {
      const { schema } = tableFromIPC(readFileSync(join(into, `${table.name}.arrow`)));
      const [capture] = made.get('synthetic')!.query('SELECT * FROM capture');
      const facts = Object.entries(capture!)
        .filter(([, value]) => value !== null)
        .map(([fact, value]) => [fact, String(value)]);
      expect(Object.fromEntries(schema.metadata)).toEqual({
        ...Object.fromEntries(facts),
        version: '1.2.3',
        table: table.name,
      });
      expect(
        schema.fields.map((field) => [
          field.name,
          field.metadata.get('unit'),
          field.metadata.get('meaning'),
        ]),
      ).toEqual(table.columns.map((column) => [column.name, column.unit, column.meaning]));
      const types = schema.fields.map((field) => String(field.type));
      expect(new Set(types)).toEqual(
        new Set(
          [...types].filter((type) => /^(Int32|Int64|Float64|Bool|Dictionary.*Utf8.*)$/.test(type)),
        ),
      );
    }
  });
});

describe('an Arrow file read from front to back', () => {
  it('is a stream behind its magic, also where a table has no rows', async () => {
    const db = changedDatabase('stream.sqlite', (database) =>
      database.exec('DELETE FROM edge_window'),
    );
    const into = await exported(db, 'arrow');
    for (const { name, columns } of TABLES) {
      const path = join(into, `${name}.arrow`);
      const stream = streamOf(readFileSync(path).subarray('ARROW1'.length + 2));
      expect(stream.columns).toEqual(columns.map((column) => column.name));
      expect(stream.rows).toEqual(rowsOf(path, 'arrow'));
    }
  });
});

describe('many rows', () => {
  const ROWS = 2 * BATCH_ROWS + 5;

  it.each(FORMATS)('as %s are all there, in more than one batch', async (format) => {
    let expected: Row | undefined;
    const db = changedDatabase(`many-${format}.sqlite`, (database) => {
      database.exec(`DELETE FROM exchange;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
        INSERT INTO exchange
        SELECT 1 + i % 3, i * 1000, iif(i % 5, i / 8.0, NULL), i, NULL, i % 7, i, 0 FROM n`);
      expected = database
        .prepare<[], Row>(
          `SELECT count(*) rows, sum(started_ns) started, sum(ttfb_us) ttfb,
             sum(request_bytes) bytes FROM exchange`,
        )
        .get();
    });
    const into = await exported(db, format);
    const rows = rowsOf(join(into, `exchanges.${format}`), format);
    const sum = (column: string): number => rows.reduce((all, row) => all + Number(row[column]), 0);
    expect({
      rows: rows.length,
      started: sum('started_ns'),
      ttfb: sum('ttfb_us'),
      bytes: sum('request_bytes'),
    }).toEqual(expected);
    if (format === 'arrow') {
      const table = tableFromIPC(readFileSync(join(into, 'exchanges.arrow')));
      expect(table.batches.map((batch) => batch.numRows)).toEqual([BATCH_ROWS, BATCH_ROWS, 5]);
    }
  });

  it('are read without sorting, so that memory does not grow with them', () => {
    const database = new Database(join(folder, 'synthetic.dhr.sqlite'), { readonly: true });
    for (const table of TABLES) {
      const plan = database
        .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${selectOf(table)}`)
        .all();
      expect(plan.map((step) => step.detail).join('\n')).not.toContain('TEMP B-TREE');
    }
    database.close();
  });
});

describe('hostile names', () => {
  const NAMES = ['a,b', 'say "hi"', 'two\nlines', 'cr\r\nlf', ' spaced ', 'naïve €', '🦀', '', "'"];

  it.each(FORMATS)('come back from %s as they were', async (format) => {
    const db = changedDatabase(`hostile-${format}.sqlite`, (database) => {
      database.exec('DELETE FROM edge_window; DELETE FROM edge');
      const insert = database.prepare(
        `INSERT INTO edge VALUES (?, ?, 'x', 1, NULL, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL,
           0, 0, 0, 1)`,
      );
      NAMES.forEach((name, i) => insert.run(i + 1, name));
    });
    const into = await exported(db, format);
    const clients = rowsOf(join(into, `edges.${format}`), format).map((row) => row['client']);
    expect(clients).toEqual(NAMES);
    // A table without rows is a file that can be read all the same.
    if (format === 'arrow') expect(rowsOf(join(into, 'windows.arrow'), 'arrow')).toEqual([]);
    if (format === 'csv') {
      expect(readFileSync(join(into, 'windows.csv'), 'utf8')).toMatch(
        /^edge,client,[a-z0-9_,]+\r\n$/,
      );
    }
    if (format === 'jsonl') expect(readFileSync(join(into, 'windows.jsonl'), 'utf8')).toBe('');
  });

  it('come back from CSV whatever they hold', () => {
    const table = { name: 'edges', from: '', columns: [TABLES[0]!.columns[2]!] } as const;
    const seed = 20_261_123;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = csvLines(table, [[text]]);
        expect(line.endsWith('\r\n')).toBe(true);
        const field = line.slice(0, -2);
        const quoted = /^"([^"]|"")*"$/.test(field);
        expect(quoted || (field !== '' && !/[",\r\n]/.test(field))).toBe(true);
        expect(quoted ? field.slice(1, -1).replaceAll('""', '"') : field).toBe(text);
      }),
      { seed },
    );
    expect(csvLines(table, [[null]])).toBe('\r\n');
  });
});

describe('a failing export', () => {
  it('leaves no half of a file, and keeps what is there', async () => {
    const into = mkdtempSync(join(folder, 'out-'));
    writeFileSync(join(into, 'connections.csv'), 'before\n');
    // The last table cannot be read: three have been written by then.
    const db = changedDatabase('broken.sqlite', (database) =>
      database.exec('DROP TABLE edge_window'),
    );
    await expect(exportInto(into, db, 'csv')).rejects.toThrow('no such table: edge_window');
    expect(readdirSync(into)).toEqual(['connections.csv']);
    expect(readFileSync(join(into, 'connections.csv'), 'utf8')).toBe('before\n');
  });
});
