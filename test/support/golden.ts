/** Golden tests: the rows of a query against a small CSV file that a person can review. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import type { Row } from './database.js';

/** Rows as CSV: a line of names, then a line a row; an empty field is NULL. */
export function toCsv(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => field(row[column])).join(','));
  return [columns.join(','), ...lines].join('\n') + '\n';
}

function field(value: unknown): string {
  const text = value === null || value === undefined ? '' : `${value as string | number}`;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Compares with the file, or writes it where REBASELINE is set.
 * @param command prints in a failure: how to accept the new rows.
 */
export function expectGolden(path: string, rows: readonly Row[], command: string): void {
  const csv = toCsv(rows);
  expect(csv, `differs from ${path}; if the new rows are right: ${command}`).toBe(
    rebaselined(path, csv),
  );
}

/** What the file holds, after writing `text` into it where REBASELINE is set; empty where there is none. */
export function rebaselined(path: string, text: string): string {
  if (process.env['REBASELINE'] !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
