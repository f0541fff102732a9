/**
 * A table that can be sorted by any column, searched, and taken away as CSV; its rows may change while it
 * is shown. Rows are made as they come into sight, so that thousands of them cost no more than a screenful.
 */
import { csvButtons } from './csv-buttons.js';
import { type Child, h } from './dom.js';
import { count } from './format.js';

export interface Column<Row> {
  title: string;
  /** Longer explanation, shown on hover. */
  hint?: string;
  numeric?: boolean;
  /** What the column sorts by; `null` sorts last in either direction. */
  value: (row: Row) => number | string | null;
  cell: (row: Row) => Child;
  /** True where the cell tells of a failure. */
  bad?: (row: Row) => boolean;
}

export interface TableOptions<Row> {
  /** What the table is, for people who cannot see it. */
  label: string;
  columns: readonly Column<Row>[];
  /** Title of the column to sort by at first, and whether downwards. */
  sort: { by: string; down: boolean };
  /** What the search field looks through; without it there is no field. */
  search?: (row: Row) => string;
  /** Called for each row that is drawn. */
  decorate?: (element: HTMLTableRowElement, row: Row) => void;
  empty: string;
}

export interface Table<Row> {
  element: HTMLElement;
  setRows(rows: readonly Row[]): void;
}

/** Rows made at once, at first and when the end comes near; and how near, pixels. */
const FIRST_ROWS = 40;
const MORE_ROWS = 80;
const AHEAD = 800;

function compare(a: number | string | null, b: number | string | null): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

export function createTable<Row>(options: TableOptions<Row>): Table<Row> {
  const { columns } = options;
  let rows: readonly Row[] = [];
  let { by, down } = options.sort;
  let wanted = '';
  let sorted: readonly Row[] = [];
  /** Rows that have been made: those from the top to a little below what is in sight. */
  let made = 0;

  const heads = columns.map((column) => {
    const button = h('button', { type: 'button', title: column.hint ?? null }, column.title);
    const head = h(
      'th',
      { scope: 'col', class: column.numeric === true ? 'number' : null },
      button,
    );
    button.addEventListener('click', () => {
      // Numbers are looked at from the largest down, names from A on.
      down = by === column.title ? !down : column.numeric === true;
      by = column.title;
      draw();
    });
    return head;
  });
  const body = h('tbody');
  const found = h('span', { class: 'muted', 'aria-live': 'polite' });
  const field = h('input', {
    type: 'search',
    placeholder: 'Search',
    'aria-label': `Search ${options.label}`,
  });
  field.addEventListener('input', () => {
    wanted = field.value.trim().toLowerCase();
    draw();
  });

  const draw = (): void => {
    const column = columns.find(({ title }) => title === by);
    const matching = rows.filter(
      (row) => wanted === '' || (options.search?.(row).toLowerCase().includes(wanted) ?? true),
    );
    sorted = matching
      .map((row) => ({ row, value: column?.value(row) ?? null }))
      .sort((a, b) => {
        if (a.value === null || b.value === null)
          return Number(a.value === null) - Number(b.value === null);
        return (down ? -1 : 1) * compare(a.value, b.value);
      })
      .map(({ row }) => row);
    for (const [i, head] of heads.entries()) {
      const current = columns[i]?.title === by;
      head.setAttribute('aria-sort', current ? (down ? 'descending' : 'ascending') : 'none');
    }
    made = Math.min(sorted.length, FIRST_ROWS);
    body.replaceChildren(...sorted.slice(0, made).map(rowElement));
    if (sorted.length === 0) {
      body.append(
        h(
          'tr',
          {},
          h(
            'td',
            { colspan: columns.length, class: 'empty' },
            rows.length === 0 ? options.empty : 'Nothing matches the search.',
          ),
        ),
      );
    }
    grid.setAttribute('aria-rowcount', String(sorted.length + 1));
    found.textContent =
      wanted === ''
        ? `${count(rows.length)} rows`
        : `${count(sorted.length)} of ${count(rows.length)} rows`;
  };
  const reach = (): void => {
    if (made >= sorted.length) return;
    if (scroll.scrollTop + scroll.clientHeight < scroll.scrollHeight - AHEAD) return;
    const next = sorted.slice(made, made + MORE_ROWS);
    made += next.length;
    body.append(...next.map(rowElement));
  };
  const rowElement = (row: Row): HTMLTableRowElement => {
    const element = h(
      'tr',
      {},
      ...columns.map((column) => {
        const classes = [
          column.numeric === true ? 'number' : '',
          column.bad?.(row) === true ? 'bad' : '',
        ];
        return h('td', { class: classes.join(' ').trim() || null }, column.cell(row));
      }),
    );
    options.decorate?.(element, row);
    return element;
  };

  const grid = h('table', {}, h('thead', {}, h('tr', {}, ...heads)), body);
  const scroll = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Rows: ${options.label}` },
    grid,
  );
  scroll.addEventListener('scroll', reach);
  const element = h(
    'div',
    { class: 'table' },
    h(
      'div',
      { class: 'table-tools' },
      options.search === undefined ? null : field,
      found,
      ...csvButtons(options.label, () => [
        columns.map(({ title }) => title),
        ...sorted.map((row) => columns.map((column) => column.value(row))),
      ]),
    ),
    scroll,
  );
  return {
    element,
    setRows(next) {
      rows = next;
      draw();
    },
  };
}
