/** docs/schema.md names every table, view and column as it is; docs/queries.md has queries that answer what it says. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import type { Row } from '../support/database.js';
import { analyzeCapture } from '../support/database.js';
import { rebaselined, toCsv } from '../support/golden.js';
import { scratchFolder } from '../support/recording.js';

const docs = (name: string): string => join(packageRoot, 'docs', name);
const SCHEMA = readFileSync(docs('schema.md'), 'utf8');
const QUERIES = readFileSync(docs('queries.md'), 'utf8');

/** Names and types of the columns in the tables of each section, by the section's name. */
function documented(): Record<string, [name: string, type: string][]> {
  const sections = SCHEMA.split(/^## /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => [
      /^\w+/.exec(section)![0],
      [...section.matchAll(/^\| `(\w+)` *\| (\w*) *\|/gm)].map(([, name, type]) => [name!, type!]),
    ]),
  );
}

/** Each query and the place of its answer: behind it, before the next heading. */
const QUERY = /(## \d+\. [^\n]+\n[^]*?```sql\n)([^]*?)(```\n)(?:\n```csv\n[^]*?```\n)?/g;

describe('the documentation of the database', () => {
  const scratch = scratchFolder();
  let query: (sql: string) => Row[];
  let close: () => void;

  beforeAll(async () => {
    const capture = join(scratch.path, 'shop.dhr');
    copyFileSync(join(packageRoot, 'fixtures', 'shop.dhr'), capture);
    ({ query, close } = await analyzeCapture(capture, { exchanges: true }));
  });
  afterAll(() => {
    close();
    scratch.remove();
  });

  it('has every table, view and column, with its type', () => {
    const names = query(
      `SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY rowid`,
    );
    const real = names.map(({ name, type }) => [
      name,
      query(`PRAGMA table_info(${String(name)})`).map((column) => [
        column['name'],
        type === 'view' ? '' : column['type'],
      ]),
    ]);
    expect(documented()).toEqual(Object.fromEntries(real));
  });

  it('says what each column means', () => {
    const rows = [...SCHEMA.matchAll(/^\| `\w+` .*$/gm)].map(([row]) => row.split('|').at(-2)!);
    expect(rows.filter((meaning) => meaning.trim().length < 5)).toEqual([]);
  });

  it('has ten queries, and their answers', () => {
    expect([...QUERIES.matchAll(QUERY)]).toHaveLength(10);
    const answered = QUERIES.replace(
      QUERY,
      (_, head: string, sql: string, end: string) =>
        `${head}${sql}${end}\n\`\`\`csv\n${toCsv(query(sql))}\`\`\`\n`,
    );
    expect(answered).toBe(rebaselined(docs('queries.md'), answered));
  });
});
