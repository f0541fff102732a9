/** What a column of an exported table is: its name and type, its unit and meaning, and where it comes from. */

/** Types as the formats know them. `text` is for words that repeat: Arrow keeps each once. */
export type ColumnType = 'int64' | 'int32' | 'float64' | 'bool' | 'text';

/** `none` for what is not measured: ids, names, words, yes and no. */
export type Unit = 'ns' | 'us' | 'bytes' | 'count' | 'share' | 'none';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit: Unit;
  /** One sentence for whoever opens the file; what an empty field means, where one is possible. */
  readonly meaning: string;
  /** The value, as an expression over the aliases of SOURCES. A `text` is a plain column of one alias. */
  readonly sql: string;
}

/** The short name of each of the database's tables in `sql`. */
export const SOURCES = {
  k: 'connection',
  x: 'exchange',
  e: 'edge',
  w: 'edge_window',
  c: 'workload',
  s: 'workload',
} as const;

type Make = (name: string, sql: string, meaning: string) => Column;

const maker =
  (type: ColumnType, unit: Unit): Make =>
  (name, sql, meaning) => ({ name, type, unit, meaning, sql });

export const id = maker('int64', 'none');
export const count = maker('int64', 'count');
export const bytes = maker('int64', 'bytes');
export const port = maker('int32', 'none');
export const bits = maker('int32', 'none');
export const text = maker('text', 'none');
export const yes = maker('bool', 'none');
export const share = maker('float64', 'share');
/** A length of time in microseconds. */
export const us = maker('float64', 'us');
/** A length of time in nanoseconds. */
export const ns = maker('int64', 'ns');

/** A moment, as nanoseconds since the capture's start. */
export const moment: Make = (name, sql, meaning) =>
  ns(name, sql, `${meaning}, since the capture's start`);
