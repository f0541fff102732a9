/** Reads exported files with Polars, which shares no code with what wrote them. */
import { readFileSync } from 'node:fs';
import pl from 'nodejs-polars';
import type { Row } from './database.js';

type Format = 'arrow' | 'csv' | 'jsonl';

/** Types are guessed from all rows of a text, not from the first hundred. */
const ALL = 1_000_000;

/** The rows of a file; numbers and truth values as such, null for what is missing. */
export function rowsOf(path: string, format: Format): Row[] {
  const bytes = readFileSync(path);
  switch (format) {
    case 'arrow':
      return pl.readIPC(bytes).toRecords();
    case 'csv':
      return pl.readCSV(bytes.toString(), { inferSchemaLength: ALL }).toRecords();
    case 'jsonl':
      return pl.readJSON(bytes, { format: 'lines', inferSchemaLength: ALL }).toRecords();
  }
}

/** The columns and rows of an Arrow stream. */
export function streamOf(bytes: Buffer): { columns: string[]; rows: Row[] } {
  const frame = pl.readIPCStream(bytes);
  return { columns: frame.columns, rows: frame.toRecords() };
}
