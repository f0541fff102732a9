/**
 * `export`: an analysis' database as files that other tools read. The files are written aside and get their
 * places once the last one is whole, so that nobody ever sees half of one.
 */
import { closeSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeArrow } from './arrow.js';
import { Source } from './source.js';
import type { Table } from './tables.js';
import { TABLES } from './tables.js';
import { csvHeader, csvLines, jsonLines } from './text.js';

export type Format = 'arrow' | 'csv' | 'jsonl';

export interface ExportOptions {
  /** Database that `analyze` wrote, with exchanges. */
  db: string;
  /** Folder to write to; it exists. */
  folder: string;
  /** Folder on the same file system for what is not whole yet; whoever made it removes it. */
  aside: string;
  format: Format;
  /** Version of dhrishti, for the files that can tell it. */
  version: string;
}

export interface ExportedTable {
  name: string;
  path: string;
  rows: number;
}

/**
 * Writes all tables to `folder`/TABLE.FORMAT.
 * @throws Node's or SQLite's error as it is.
 */
export async function exportTables(options: ExportOptions): Promise<ExportedTable[]> {
  const { folder, aside, format } = options;
  const source = new Source(options.db);
  try {
    const facts = new Map([...source.facts, ['version', options.version]]);
    const exported: ExportedTable[] = [];
    for (const table of TABLES) {
      const file = `${table.name}.${format}`;
      const rows = await writeTable(source, table, facts, format, join(aside, file));
      exported.push({ name: table.name, path: join(folder, file), rows });
    }
    for (const { path } of exported) renameSync(join(aside, basename(path)), path);
    return exported;
  } finally {
    source.close();
  }
}

/** Gives the number of rows. */
async function writeTable(
  source: Source,
  table: Table,
  facts: ReadonlyMap<string, string>,
  format: Format,
  path: string,
): Promise<number> {
  const file = openSync(path, 'w');
  const put = (piece: string | Uint8Array): void => writeFileSync(file, piece);
  try {
    if (format === 'arrow') return await writeArrow(source, table, facts, put);
    if (format === 'csv') put(csvHeader(table));
    const lines = format === 'csv' ? csvLines : jsonLines;
    let count = 0;
    for (const rows of source.batches(table)) {
      put(lines(table, rows));
      count += rows.length;
    }
    return count;
  } finally {
    closeSync(file);
  }
}
