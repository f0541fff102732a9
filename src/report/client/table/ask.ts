/** What a reader asked of a table, and the rows that answer it. */
import type { Store, View } from '../state.js';
import type { Field, Value } from './field.js';
import { parseFilter } from './filter.js';

/** Sorting, search and filters of one table. */
export interface Ask {
  /** Title of the column to sort by, and whether downwards. */
  by: string;
  down: boolean;
  search: string;
  /** By title of the column. */
  filters: ReadonlyMap<string, string>;
}

/** Where a table keeps what was asked of it, so that a link brings it back. */
export interface Memory {
  read(): Ask;
  write(ask: Ask): void;
  /** Calls `listener` when it was changed by something else than `write`. */
  onChange(listener: () => void): void;
}

const compareTexts = new Intl.Collator('en', { numeric: true }).compare;

function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareTexts(String(a), String(b));
}

/** What the cell of a column shows, as text without the spaces that never break. */
export function shownText<Row>(column: Field<Row>, row: Row): string {
  if (column.numeric !== true) return String(column.value(row) ?? '');
  const cell = column.cell(row);
  const text = typeof cell === 'string' ? cell : (cell?.textContent ?? '');
  return text.replaceAll('\u00a0', ' ');
}

/** The rows that are wanted, in the order that is wanted; rows without a value come last. */
export function answer<Row>(
  rows: readonly Row[],
  columns: readonly Field<Row>[],
  ask: Ask,
  textOf: ((row: Row) => string) | undefined,
): Row[] {
  const search = ask.search.trim().toLowerCase();
  const filters = columns.flatMap((column) => {
    const text = ask.filters.get(column.title) ?? '';
    return text.trim() === '' ? [] : [{ column, filter: parseFilter(text, column) }];
  });
  const wanted = rows.filter(
    (row) =>
      (search === '' || textOf === undefined || textOf(row).toLowerCase().includes(search)) &&
      filters.every(({ column, filter }) => filter(column.value(row), shownText(column, row))),
  );
  const by = columns.find(({ title }) => title === ask.by);
  if (by === undefined) return wanted;
  const sign = ask.down ? -1 : 1;
  return wanted
    .map((row) => ({ row, value: by.value(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return Number(a.value === null) - Number(b.value === null);
      return sign * compare(a.value, b.value);
    })
    .map(({ row }) => row);
}

/** A memory that ends with the page. */
export function ownMemory(first: Pick<Ask, 'by' | 'down'>): Memory {
  let ask: Ask = { ...first, search: '', filters: new Map() };
  return {
    read: () => ask,
    write: (next) => (ask = next),
    onChange: () => undefined,
  };
}

const FILTER = 'filter.';

/** A memory in the page's address, under `name`: `name.sort=-Rate`, `name.search=…`, `name.filter.p95=> 10 ms`. */
export function addressMemory(store: Store, name: string, first: Pick<Ask, 'by' | 'down'>): Memory {
  const prefix = `${name}.`;
  const own = ({ tables }: View): Map<string, string> => {
    const entries = [...tables].filter(([key]) => key.startsWith(prefix));
    return new Map(entries.map(([key, value]) => [key.slice(prefix.length), value]));
  };
  const asText = (view: View): string => JSON.stringify([...own(view)]);
  let writing = false;
  return {
    read() {
      const parts = own(store.view);
      const sort = parts.get('sort');
      return {
        by: sort?.replace(/^-/, '') ?? first.by,
        down: sort?.startsWith('-') ?? first.down,
        search: parts.get('search') ?? '',
        filters: new Map(
          [...parts]
            .filter(([key]) => key.startsWith(FILTER))
            .map(([key, value]) => [key.slice(FILTER.length), value]),
        ),
      };
    },
    write({ by, down, search, filters }) {
      const kept = [...store.view.tables].filter(
        ([key]) =>
          !/^(sort|search|filter\.)/.test(key.slice(prefix.length)) || !key.startsWith(prefix),
      );
      const next = new Map(kept);
      if (by !== first.by || down !== first.down)
        next.set(`${prefix}sort`, `${down ? '-' : ''}${by}`);
      if (search !== '') next.set(`${prefix}search`, search);
      for (const [title, text] of filters) {
        if (text !== '') next.set(`${prefix}${FILTER}${title}`, text);
      }
      writing = true;
      store.set({ tables: next });
      writing = false;
    },
    onChange(listener) {
      store.subscribe((view, before) => {
        if (writing || view.tables === before.tables) return;
        if (asText(view) !== asText(before)) listener();
      });
    },
  };
}
