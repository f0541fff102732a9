/** What a reader may ask of a table: filters of columns, sorting, search, and the address that brings them back. */
import { describe, expect, test } from 'vitest';
import { fromFragment, toFragment } from '../../src/report/client/fragment.js';
import { createStore } from '../../src/report/client/state.js';
import { type Ask, addressMemory, answer } from '../../src/report/client/table/ask.js';
import type { Field } from '../../src/report/client/table/field.js';
import { parseFilter } from '../../src/report/client/table/filter.js';

describe('a filter', () => {
  const us = { numeric: true, unit: 'µs' } as const;
  test.each([
    ['> 10 ms', us, [10_000, 10_001], [false, true]],
    ['>=10ms', us, [9_999, 10_000], [false, true]],
    ['<1.5 s', us, [1_499_999, 1_500_000], [true, false]],
    ['= 7', us, [7, 8], [true, false]],
    ['10 .. 20 ms', us, [9_999, 10_000, 20_000, 20_001], [false, true, true, false]],
    ['10µs–1ms', us, [9, 10, 1_000, 1_001], [false, true, true, false]],
    ['!> 10 ms', us, [10_000, 10_001], [true, false]],
    ['> 1,000', { numeric: true }, [1_000, 1_001], [false, true]],
    ['> 500 ms', { numeric: true, unit: 's' }, [0.5, 0.51], [false, true]],
    ['> 1.5 kB', { numeric: true, unit: 'B' }, [1_500, 1_501], [false, true]],
    ['> 2 /s', { numeric: true, unit: '/s' }, [2, 3], [false, true]],
    ['> 1', us, [null], [false]],
  ] as const)('%s', (text, column, values, wanted) => {
    const filter = parseFilter(text, column);
    expect(values.map((value) => filter(value, ''))).toEqual(wanted);
  });

  test('looks for anything else in what the cell shows', () => {
    const shown = (text: string, column: { numeric?: boolean }, cell: string): boolean =>
      parseFilter(text, column)(1, cell);
    expect(shown(' Refused', {}, 'refused')).toBe(true);
    expect(shown('!refused', {}, 'refused')).toBe(false);
    expect(shown('!', {}, 'what!')).toBe(true);
    expect(shown('> 3', {}, 'a > 3')).toBe(true);
    expect(shown('> 3 parsecs', { numeric: true }, '12')).toBe(false);
    expect(shown('12.', { numeric: true }, '12.3 ms')).toBe(true);
    expect(shown('constructor', { numeric: true }, '5 ms')).toBe(false);
    expect(shown('> 5 constructor', { numeric: true }, '5 ms')).toBe(false);
  });
});

interface Row {
  name: string;
  ms: number | null;
}
const rows: Row[] = [
  { name: 'b2', ms: 5 },
  { name: 'b10', ms: null },
  { name: 'a', ms: 700 },
];
const columns: Field<Row>[] = [
  { title: 'Name', value: ({ name }) => name, cell: ({ name }) => name },
  { title: 'Time', numeric: true, value: ({ ms }) => ms, cell: ({ ms }) => String(ms) },
];

function names(ask: Partial<Ask>): string {
  const whole = { by: 'Name', down: false, search: '', filters: new Map<string, string>(), ...ask };
  return answer(rows, columns, whole, ({ name }) => name)
    .map(({ name }) => name)
    .join(' ');
}

test('rows are sorted as people count, unknown ones last whichever way', () => {
  expect(names({})).toBe('a b2 b10');
  expect(names({ by: 'Time' })).toBe('b2 a b10');
  expect(names({ by: 'Time', down: true })).toBe('a b2 b10');
  expect(names({ by: 'gone' })).toBe('b2 b10 a');
});

test('search and filters narrow together', () => {
  expect(names({ search: ' B' })).toBe('b2 b10');
  expect(names({ search: 'b', filters: new Map([['Time', '< 6']]) })).toBe('b2');
  expect(names({ filters: new Map([['Gone', 'x']]) })).toBe('a b2 b10');
});

test('the address keeps what was asked of each table, and nothing that is as it was at first', () => {
  const store = createStore(60, 3, 2);
  const first = { by: 'Rate', down: true };
  const edges = addressMemory(store, 'edges', first);
  const others = addressMemory(store, 'connections', first);
  let heard = 0;
  edges.onChange(() => heard++);
  edges.write({ by: 'p95', down: true, search: 'auth', filters: new Map([['p95', '> 10 ms']]) });
  others.write({ by: 'Rate', down: false, search: '', filters: new Map([['p95', '']]) });
  expect(heard, 'what is asked of another table is nothing to it').toBe(0);
  const fragment = toFragment(store.view, store.first, 1);
  expect(fragment).toBe(
    'edges.sort=-p95&edges.search=auth&edges.filter.p95=%3E+10+ms&connections.sort=Rate',
  );
  const again = createStore(60, 3, 2);
  again.set(fromFragment(`#${fragment}`, again.first, 1));
  expect(addressMemory(again, 'edges', first).read()).toEqual({
    by: 'p95',
    down: true,
    search: 'auth',
    filters: new Map([['p95', '> 10 ms']]),
  });
  store.set({ tables: new Map([...store.view.tables, ['edges.search', 'orders']]) });
  expect(heard).toBe(1);
  edges.write({ ...first, search: '', filters: new Map() });
  others.write({ ...first, search: '', filters: new Map() });
  expect(toFragment(store.view, store.first, 1)).toBe('');
});
