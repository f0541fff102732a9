/** What a table can sort, filter and save of a column: all but how it is drawn. */

/** A cell as the table sorts, filters and saves it. */
export type Value = number | string | null;

/** What a column's numbers count: microseconds, seconds, bytes, things a second. */
export type Unit = 'µs' | 's' | 'B' | '/s';

export interface Field<Row> {
  title: string;
  numeric?: boolean;
  unit?: Unit;
  /** What the column sorts by; `null` sorts last in either direction. */
  value: (row: Row) => Value;
  /** What the cell shows. */
  cell: (row: Row) => string | { readonly textContent: string | null } | null;
}

/** The column's title for a file, where numbers stand without their unit. */
export function fileTitle<Row>({ title, unit }: Field<Row>): string {
  return unit === undefined ? title : `${title} (${unit})`;
}
