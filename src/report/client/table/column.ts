/** What a column of a table is. */
import type { Child } from '../dom.js';
import type { Field } from './field.js';

export interface Column<Row> extends Field<Row> {
  /** Longer explanation, shown on hover. */
  hint?: string;
  cell: (row: Row) => Child;
  /** True where the cell tells of a failure. */
  bad?: (row: Row) => boolean;
}
