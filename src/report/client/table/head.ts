/** The head of a table: buttons that sort, and under them, when asked for, a filter for each column. */
import { h } from '../dom.js';
import type { Ask } from './ask.js';
import type { Column } from './column.js';

export interface TableHead {
  element: HTMLTableSectionElement;
  /** Shows and hides the filters. */
  toggle: HTMLButtonElement;
  /** Shows what was asked. */
  show(ask: Ask): void;
}

const PLACEHOLDERS = { µs: '> 10 ms', s: '> 10 s', B: '> 10 kB', '/s': '> 10' } as const;

function hintOf<Row>({ title, numeric, unit }: Column<Row>): string {
  return numeric === true
    ? `${title}: > 10, <= 5, 10 .. 20, or a part of what is shown${unit === undefined || unit === '/s' ? '' : `; with a unit, or in ${unit}`}`
    : `${title} contains; with ! before it: does not contain`;
}

/** @param change is given what changes in the ask. */
export function tableHead<Row>(
  label: string,
  columns: readonly Column<Row>[],
  read: () => Ask,
  change: (change: Partial<Ask>) => void,
): TableHead {
  const heads = columns.map((column) => {
    const button = h('button', { type: 'button', title: column.hint ?? null }, column.title);
    button.addEventListener('click', () => {
      const { by, down } = read();
      // Numbers are looked at from the largest down, names from A on.
      change({ by: column.title, down: by === column.title ? !down : column.numeric === true });
    });
    return h('th', { scope: 'col', class: column.numeric === true ? 'number' : null }, button);
  });
  const fields = columns.map((column) => {
    const { title, numeric, unit } = column;
    const field = h('input', {
      type: 'search',
      'aria-label': `Filter ${label} by ${title}`,
      title: hintOf(column),
      placeholder:
        numeric === true ? (unit === undefined ? '> 10' : PLACEHOLDERS[unit]) : 'contains',
    });
    field.addEventListener('input', () => {
      change({ filters: new Map(read().filters).set(title, field.value) });
    });
    return field;
  });
  const filters = h(
    'tr',
    { class: 'filters', hidden: true },
    ...fields.map((field) => h('td', {}, field)),
  );
  const toggle = h('button', { type: 'button', 'aria-expanded': 'false' }, 'Filter columns');
  const open = (wanted: boolean): void => {
    filters.hidden = !wanted;
    toggle.setAttribute('aria-expanded', String(wanted));
  };
  toggle.addEventListener('click', () => {
    open(filters.hasAttribute('hidden'));
    if (!filters.hasAttribute('hidden')) fields[0]?.focus();
  });
  return {
    element: h('thead', {}, h('tr', {}, ...heads), filters),
    toggle,
    show(ask) {
      for (const [i, { title }] of columns.entries()) {
        const current = title === ask.by;
        const order = ask.down ? 'descending' : 'ascending';
        heads[i]?.setAttribute('aria-sort', current ? order : 'none');
        const field = fields[i];
        const text = ask.filters.get(title) ?? '';
        if (field !== undefined && field.value !== text) field.value = text;
        if (text !== '') open(true);
      }
    },
  };
}
