/**
 * Reads the rows of a table out of an analysis' database, a batch at a time: memory does not grow with the
 * number of rows.
 */
import Database from 'better-sqlite3';
import type { Column } from './column.js';
import { SOURCES } from './column.js';
import type { Table } from './tables.js';

/** What SQLite gives for one field; a `bool` is 0 or 1. */
export type Value = string | number | null;

/** One row, its values in the order of the table's columns. */
export type Row = readonly Value[];

/** Rows in one batch. */
export const BATCH_ROWS = 16_384;

export class Source {
  /** What is known of the capture as a whole, as text, by name. */
  readonly facts: ReadonlyMap<string, string>;
  readonly #db: Database.Database;

  /** Opens a database that `analyze` wrote; `close` it. */
  constructor(path: string) {
    this.#db = new Database(path, { readonly: true, fileMustExist: true });
    const facts =
      this.#db.prepare<[], Record<string, unknown>>('SELECT * FROM capture').get() ?? {};
    const known = Object.entries(facts).filter(([, value]) => value !== null);
    this.facts = new Map(known.map(([name, value]) => [name, String(value)]));
  }

  /** All rows, at most BATCH_ROWS at once. */
  *batches(table: Table): Generator<Row[], void> {
    const rows = this.#db.prepare<[], Row>(selectOf(table)).raw(true);
    let batch: Row[] = [];
    for (const row of rows.iterate()) {
      batch.push(row);
      if (batch.length < BATCH_ROWS) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  /** Each word that a `text` column may hold, once, in order. */
  words(column: Column): string[] {
    const alias = column.sql.split('.')[0] as keyof typeof SOURCES;
    return this.#db
      .prepare<[], string>(
        `SELECT DISTINCT ${column.sql} FROM ${SOURCES[alias]} ${alias}
         WHERE ${column.sql} IS NOT NULL ORDER BY 1`,
      )
      .pluck()
      .all();
  }

  close(): void {
    this.#db.close();
  }
}

/** The query that gives a table's rows. */
export function selectOf(table: Table): string {
  const values = table.columns.map(({ name, sql }) => `${sql} AS ${name}`).join(', ');
  return `SELECT ${values} FROM ${table.from}`;
}
