/**
 * A table that can be sorted and filtered by any column, searched, and taken away as CSV; its rows may
 * change while it is shown.
 */
import { h } from '../dom.js';
import { count } from '../format.js';
import { type Ask, type Memory, answer, ownMemory } from './ask.js';
import { tableBody } from './body.js';
import type { Column } from './column.js';
import { csvButtons } from './csv-buttons.js';
import { fileTitle } from './field.js';
import { tableHead } from './head.js';
import { type RowOptions, rowMaker } from './row.js';

export type { Column };

export interface TableOptions<Row> extends RowOptions<Row> {
  columns: readonly Column<Row>[];
  /** What the table is, for people who cannot see it. */
  label: string;
  /** Title of the column to sort by at first, and whether downwards. */
  sort: { by: string; down: boolean };
  /** Keeps sorting, search and filters; without it they end with the page. */
  memory?: Memory;
  /** What the search field looks through; without it there is no field. */
  search?: (row: Row) => string;
  empty: string;
}

export interface Table<Row> {
  element: HTMLElement;
  setRows(rows: readonly Row[]): void;
}

export function createTable<Row>(options: TableOptions<Row>): Table<Row> {
  const { columns, label } = options;
  const memory = options.memory ?? ownMemory(options.sort);
  let rows: readonly Row[] = [];
  let answered: readonly Row[] = [];

  const change = (part: Partial<Ask>): void => {
    memory.write({ ...memory.read(), ...part });
    draw(true);
  };
  const head = tableHead(label, columns, () => memory.read(), change);
  const found = h('span', { class: 'muted', 'aria-live': 'polite' });
  const clear = h(
    'button',
    { type: 'button', 'aria-label': `Show all rows: ${label}` },
    'Show all',
  );
  clear.addEventListener('click', () => change({ search: '', filters: new Map() }));
  const field = h('input', {
    type: 'search',
    placeholder: 'Search',
    'aria-label': `Search ${label}`,
  });
  field.addEventListener('input', () => change({ search: field.value }));

  const body = tableBody(label, columns.length, rowMaker(options));
  const draw = (rewind: boolean): void => {
    const ask = memory.read();
    answered = answer(rows, columns, ask, options.search);
    head.show(ask);
    if (field.value !== ask.search) field.value = ask.search;
    const narrowed =
      ask.search.trim() !== '' || [...ask.filters.values()].some((text) => text.trim() !== '');
    clear.hidden = !narrowed;
    found.textContent = narrowed
      ? `${count(answered.length)} of ${count(rows.length)} rows`
      : `${count(rows.length)} rows`;
    const none = rows.length === 0 ? options.empty : 'No row matches the search and the filters.';
    body.show(answered, rewind, none);
    grid.setAttribute('aria-rowcount', String(answered.length + 1));
  };

  const grid = h('table', {}, head.element, body.element);
  const scroll = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Rows: ${label}` },
    grid,
  );
  scroll.addEventListener('scroll', () => body.reach(scroll));
  memory.onChange(() => draw(true));
  const tools = h(
    'div',
    { class: 'table-tools' },
    options.search === undefined ? null : field,
    head.toggle,
    clear,
    found,
    body.pager,
    ...csvButtons(label, () => [
      columns.map(fileTitle),
      ...answered.map((row) => columns.map((column) => column.value(row))),
    ]),
  );
  return {
    element: h('div', { class: 'table' }, tools, scroll, body.paper),
    setRows(next) {
      rows = next;
      draw(false);
    },
  };
}
