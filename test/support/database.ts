/** Reading what an analysis wrote, as rows. */
import Database from 'better-sqlite3';
import { analyze } from '../../src/analyze/analyze.js';

/** A row of any query. */
export type Row = Record<string, unknown>;

/** A database that is read; it is for the caller to close. */
export interface OpenDatabase {
  query: (sql: string) => Row[];
  close: () => void;
}

/** Opens what an analysis wrote. */
export function openDatabase(file: string): OpenDatabase {
  const database = new Database(file, { readonly: true });
  return {
    query: (sql) => database.prepare<unknown[], Row>(sql).all(),
    close: () => {
      database.close();
    },
  };
}

/** Analyzes a capture as the command line does by default, into `capture`.sqlite. */
export async function analyzeCapture(
  capture: string,
  options: { exchanges?: boolean; staleAfterNs?: number } = {},
): Promise<OpenDatabase> {
  const db = `${capture}.sqlite`;
  await analyze({
    capture,
    db,
    windowNs: 10e9,
    stepNs: 1e9,
    staleAfterNs: options.staleAfterNs ?? 30e9,
    exchanges: options.exchanges ?? false,
  });
  return openDatabase(db);
}
