/** One row of a table: its element shows one row after another by what differs, as that is all the browser then lays out and paints. */
import { type Child, h, set } from '../dom.js';
import type { Column } from './column.js';

/** What a column does to its cells. */
export type Cells<Row> = Pick<Column<Row>, 'cell' | 'numeric' | 'bad'>;

export interface RowOptions<Row> {
  columns: readonly Cells<Row>[];
  /** Whether an element may come to show another row: what its cells hold must have no listeners of its own. */
  reuse?: boolean;
  /** Called once for each element that is made; `shown` gives the row that it shows when it is asked. */
  decorate?: (element: HTMLTableRowElement, shown: () => Row) => void;
  /** Called each time an element shows a row. */
  mark?: (element: HTMLTableRowElement, row: Row) => void;
}

/** Gives the element that shows `row`: `old`, where rows are reused, else a new one. */
export type RowMaker<Row> = (row: Row, old: HTMLTableRowElement | undefined) => HTMLTableRowElement;

function classesOf<Row>({ numeric, bad }: Cells<Row>, row: Row): string {
  return [numeric === true ? 'number' : '', bad?.(row) === true ? 'bad' : ''].join(' ').trim();
}

/** Makes `old` look as `now` does; false where more than attributes and texts differs. */
function becomes(old: Node, now: Node): boolean {
  if (old instanceof Text && now instanceof Text) {
    if (old.data !== now.data) old.data = now.data;
    return true;
  }
  if (!(old instanceof Element && now instanceof Element)) return false;
  if (old.tagName !== now.tagName || old.childNodes.length !== now.childNodes.length) return false;
  for (const name of new Set([...old.getAttributeNames(), ...now.getAttributeNames()])) {
    set(old, name, now.getAttribute(name));
  }
  return [...old.childNodes].every((child, i) => becomes(child, now.childNodes[i]!));
}

function fill(cell: HTMLTableCellElement, content: Child): void {
  const { firstChild } = cell;
  const now = typeof content === 'string' ? new Text(content) : content;
  if (now === null) cell.replaceChildren();
  else if (firstChild === null || !becomes(firstChild, now)) cell.replaceChildren(now);
}

export function rowMaker<Row>(options: RowOptions<Row>): RowMaker<Row> {
  const { columns, reuse = false, decorate, mark } = options;
  const rows = new WeakMap<HTMLTableRowElement, Row>();
  const make = (row: Row): HTMLTableRowElement => {
    const cells = columns.map((column) =>
      h('td', { class: classesOf(column, row) || null }, column.cell(row)),
    );
    const element = h('tr', {}, ...cells);
    decorate?.(element, () => rows.get(element) ?? row);
    return element;
  };
  const update = (element: HTMLTableRowElement, row: Row): void => {
    for (const [i, column] of columns.entries()) {
      const cell = element.cells[i]!;
      fill(cell, column.cell(row));
      const classes = classesOf(column, row);
      if (cell.className !== classes) cell.className = classes;
    }
  };
  return (row, old) => {
    const kept = reuse && old !== undefined && rows.has(old) ? old : null;
    if (kept !== null) update(kept, row);
    const element = kept ?? make(row);
    rows.set(element, row);
    mark?.(element, row);
    return element;
  };
}

/** Shows `rows` and no others, in the elements that are there where these are reused. */
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
