/** DuckDB reads every exported table, and for each column its sum equals that of SQLite. */
import { copyFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Format } from '../../src/analyze/export/export.js';
import { exportTables } from '../../src/analyze/export/export.js';
import { selectOf } from '../../src/analyze/export/source.js';
import type { Table } from '../../src/analyze/export/tables.js';
import { TABLES } from '../../src/analyze/export/tables.js';
import { packageRoot } from '../../src/base/paths.js';
import type { Row } from '../support/database.js';
import { analyzeCapture } from '../support/database.js';
import type { Sums } from '../support/duckdb.js';
import { sumsOf } from '../support/duckdb.js';
import { scratchFolder } from '../support/recording.js';

const FORMATS: Format[] = ['arrow', 'csv', 'jsonl'];

/** What is summed up for each type of column, and what DuckDB may call it. */
const AS: Record<string, { sql: (column: string) => string; types: string[] }> = {
  int64: { sql: (column) => `coalesce(sum(${column}), 0)`, types: ['whole'] },
  int32: { sql: (column) => `coalesce(sum(${column}), 0)`, types: ['whole'] },
  // A column of numbers that all happen to be whole is called whole where types are guessed.
  float64: { sql: (column) => `coalesce(sum(${column}), 0)`, types: ['number', 'whole'] },
  bool: { sql: (column) => `coalesce(sum(${column}), 0)`, types: ['bool'] },
  text: { sql: (column) => `count(DISTINCT ${column})`, types: ['text'] },
};

describe('DuckDB', () => {
  const scratch = scratchFolder();
  const capture = join(scratch.path, 'shop.dhr');
  let query: (sql: string) => Row[];
  let close: () => void;

  beforeAll(async () => {
    copyFileSync(join(packageRoot, 'fixtures', 'shop.dhr'), capture);
    ({ query, close } = await analyzeCapture(capture, { exchanges: true }));
  });
  afterAll(() => {
    close();
    scratch.remove();
  });

  function expectSums(table: Table, found: Sums): void {
    expect(Object.keys(found)).toEqual(table.columns.map(({ name }) => name));
    for (const { name, type } of table.columns) {
      const column = `"${name}"`;
      const [row] = query(
        `SELECT count(${column}) AS n, ${AS[type]!.sql(column)} AS sum FROM (${selectOf(table)})`,
      );
      const { values, sum, type: seen } = found[name]!;
      expect([name, values]).toEqual([name, row!['n']]);
      // Sums of floating-point numbers depend on the order in the last digits.
      const expected = Number(row!['sum']);
      if (type === 'float64') {
        expect(Math.abs(sum - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
      } else {
        expect([name, sum]).toEqual([name, expected]);
      }
      // Of a column without a value nobody can guess the type.
      if (values > 0) expect(AS[type]!.types, `type of ${name}`).toContain(seen);
    }
  }

  it.each(FORMATS)(
    'reads every table as %s, and its sums equal those of SQLite',
    async (format) => {
      const folder = join(scratch.path, format);
      mkdirSync(folder);
      const aside = mkdtempSync(join(scratch.path, 'aside-'));
      await exportTables({ db: `${capture}.sqlite`, folder, aside, format, version: '1.2.3' });
      for (const table of TABLES) {
        const { rows, sums } = await sumsOf(join(folder, `${table.name}.${format}`), format);
        expect(rows).toBe(query(`SELECT count(*) AS n FROM (${selectOf(table)})`)[0]!['n']);
        expect(rows).toBeGreaterThan(3);
        expectSums(table, sums);
      }
    },
  );
});
