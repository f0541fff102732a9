/** What a column of a table is. */
import type { Child } from '../dom.js';

/** A cell as the table sorts, filters and saves it. */
export type Value = number | string | null;

/** What a column's numbers count: microseconds, seconds, bytes, things a second. */
export type Unit = 'µs' | 's' | 'B' | '/s';

export interface Column<Row> {
  title: string;
  /** Longer explanation, shown on hover. */
  hint?: string;
  numeric?: boolean;
  unit?: Unit;
  /** What the column sorts by; `null` sorts last in either direction. */
  value: (row: Row) => Value;
  cell: (row: Row) => Child;
  /** True where the cell tells of a failure. */
  bad?: (row: Row) => boolean;
}

/** The column's title for a file, where numbers stand without their unit. */
export function fileTitle<Row>({ title, unit }: Column<Row>): string {
  return unit === undefined ? title : `${title} (${unit})`;
}
