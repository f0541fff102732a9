/** CSV and JSON Lines: a table's rows as text. */
import type { Row, Value } from './source.js';
import type { Table } from './tables.js';

/** Yes and no as words; all else as SQLite gave it. */
function plain(table: Table, row: Row, i: number): Value | boolean {
  const value = row[i] ?? null;
  return value !== null && table.columns[i]!.type === 'bool' ? value !== 0 : value;
}

/** A field as RFC 4180 has it. Nothing stands for null; an empty text is quoted, so that it is not null. */
function csvField(value: Value | boolean): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The line of names. */
export function csvHeader(table: Table): string {
  return `${table.columns.map(({ name }) => name).join(',')}\r\n`;
}

export function csvLines(table: Table, rows: readonly Row[]): string {
  return rows
    .map((row) => `${row.map((_, i) => csvField(plain(table, row, i))).join(',')}\r\n`)
    .join('');
}

/** One object a line; each has all columns, so that a reader may learn them from the first. */
export function jsonLines(table: Table, rows: readonly Row[]): string {
  const names = table.columns.map(({ name }) => name);
  return rows
    .map((row) => {
      const fields = names.map((name, i) => [name, plain(table, row, i)] as const);
      return `${JSON.stringify(Object.fromEntries(fields))}\n`;
    })
    .join('');
}
