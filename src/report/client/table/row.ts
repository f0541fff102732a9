/** One row of a table: made once, and shown anew by what differs, as that is all the browser then lays out and paints. */
import { type Child, h } from '../dom.js';
import type { Column } from './column.js';

/** What a column does to its cells. */
export type Cells<Row> = Pick<Column<Row>, 'cell' | 'numeric' | 'bad'>;

export interface RowOptions<Row> {
  columns: readonly Cells<Row>[];
  /** What a row is about: a row in the place of one with the same key is shown in its element. */
  key?: (row: Row) => unknown;
  /** Called once for each element that is made; all rows with its key do the same. */
  decorate?: (element: HTMLTableRowElement, row: Row) => void;
  /** Called each time an element shows a row. */
  mark?: (element: HTMLTableRowElement, row: Row) => void;
}

/** Gives the element that shows `row`: `old`, where that is about the same, else a new one. */
export type RowMaker<Row> = (row: Row, old: HTMLTableRowElement | undefined) => HTMLTableRowElement;

function classesOf<Row>({ numeric, bad }: Cells<Row>, row: Row): string {
  return [numeric === true ? 'number' : '', bad?.(row) === true ? 'bad' : ''].join(' ').trim();
}

function holds(cell: HTMLTableCellElement, content: Child): boolean {
  const { firstChild } = cell;
  if (content === null || firstChild === null) return content === firstChild;
  if (typeof content !== 'string') return firstChild.isEqualNode(content);
  return firstChild instanceof Text && firstChild.data === content;
}

export function rowMaker<Row>({ columns, key, decorate, mark }: RowOptions<Row>): RowMaker<Row> {
  const keys = new WeakMap<HTMLTableRowElement, unknown>();
  const make = (row: Row): HTMLTableRowElement => {
    const cells = columns.map((column) =>
      h('td', { class: classesOf(column, row) || null }, column.cell(row)),
    );
    const element = h('tr', {}, ...cells);
    if (key !== undefined) keys.set(element, key(row));
    decorate?.(element, row);
    return element;
  };
  const update = (element: HTMLTableRowElement, row: Row): void => {
    for (const [i, column] of columns.entries()) {
      const cell = element.cells[i]!;
      const content = column.cell(row);
      if (!holds(cell, content)) cell.replaceChildren(content ?? '');
      const classes = classesOf(column, row);
      if (cell.className !== classes) cell.className = classes;
    }
  };
  return (row, old) => {
    const kept = old !== undefined && key !== undefined && keys.get(old) === key(row);
    if (kept) update(old, row);
    const element = kept ? old : make(row);
    mark?.(element, row);
    return element;
  };
}

/** Shows `rows` and no others, in the elements that are there where these are about the same. */
export function showRows<Row>(
  body: HTMLTableSectionElement,
  rows: readonly Row[],
  make: RowMaker<Row>,
): void {
  const before = [...body.rows];
  const now = rows.map((row, i) => make(row, before[i]));
  for (const [i, row] of now.entries()) {
    if (i >= before.length) body.append(row);
    else if (before[i] !== row) before[i]!.replaceWith(row);
  }
  for (const row of before.slice(now.length)) row.remove();
}
