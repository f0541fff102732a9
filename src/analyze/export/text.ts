/** CSV and JSON Lines: a table's rows as text. Written field by field, as a table may have many rows. */
import type { Column } from './column.js';
import type { Row, Value } from './source.js';
import type { Table } from './tables.js';

/** Yes and no as such; all else as SQLite gave it. */
function plain(column: Column, value: Value): Value | boolean {
  return column.type === 'bool' && value !== null ? value !== 0 : value;
}

/** A field as RFC 4180 has it. Nothing stands for null; an empty text is quoted, so that it is not null. */
function csvField(value: Value | boolean): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** The line of names. */
export function csvHeader(table: Table): string {
  return `${table.columns.map(({ name }) => name).join(',')}\r\n`;
}

export function csvLines(table: Table, rows: readonly Row[]): string {
  let lines = '';
  for (const row of rows) {
    table.columns.forEach((column, i) => {
      lines += (i === 0 ? '' : ',') + csvField(plain(column, row[i] ?? null));
    });
    lines += '\r\n';
  }
  return lines;
}

/** One object a line; each has all columns, so that a reader may learn them from the first. */
export function jsonLines(table: Table, rows: readonly Row[]): string {
  const names = table.columns.map(
    ({ name }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`,
  );
  let lines = '';
  for (const row of rows) {
    table.columns.forEach((column, i) => {
      lines += names[i]! + JSON.stringify(plain(column, row[i] ?? null));
    });
    lines += '}\n';
  }
  return lines;
}
