/** The connections one by one: those of the chosen range, as a table to search and sort. */
import type { Maybe } from '../data.js';
import { h, nameOf, section } from './dom.js';
import { NONE, bytes, count, duration, verdictWords } from './format.js';
import { whenInSight } from './in-sight.js';
import type { Page } from './page.js';
import { rangeChanged } from './state.js';
import { addressMemory } from './table/ask.js';
import type { Unit } from './table/field.js';
import { type Column, createTable } from './table/table.js';

const FIRST = { by: 'Opened', down: false };
/** The address's word for the rows of the chosen edge alone. */
const ONLY = 'connections.only';

interface Row {
  at: number;
  edge: string;
  verdict: string;
  client: string;
  server: string;
}

/** The rows of the chosen range; their texts are put together once. */
function allRows(page: Page): Row[] {
  const { connections } = page.data;
  const text = (at: number | undefined): string => connections.texts[at ?? 0] ?? '';
  return connections.id.map((_, at) => {
    const port = connections.clientPort[at] ?? 0;
    return {
      at,
      edge: page.edgeName(connections.edge[at] ?? 0),
      verdict: text(connections.verdict[at]),
      client: `${text(connections.client[at])}${port === 0 ? '' : `:${port}`}`,
      server: text(connections.server[at]),
    };
  });
}

/** Chooses the edge of the row. */
function edgeButton(page: Page, { at, edge }: Row): HTMLElement {
  const button = h('button', { type: 'button', class: 'link' }, nameOf(edge));
  button.addEventListener('click', () => {
    page.store.set({ edge: page.data.connections.edge[at] ?? null });
  });
  return button;
}

function columnsOf(page: Page): Column<Row>[] {
  const { connections } = page.data;
  const at = (values: readonly Maybe[], row: Row): Maybe => values[row.at] ?? null;
  const time = (title: string, values: readonly Maybe[], none: string): Column<Row> => ({
    title,
    numeric: true,
    unit: 's',
    value: (row) => at(values, row),
    cell: (row) => {
      const seconds = at(values, row);
      return seconds === null ? none : page.clock(seconds, 0.001);
    },
  });
  const number = (
    title: string,
    values: readonly Maybe[],
    show: (n: number) => string,
    unit?: Unit,
  ) => ({
    title,
    numeric: true,
    ...(unit === undefined ? {} : { unit }),
    value: (row: Row) => at(values, row),
    cell: (row: Row) => {
      const value = at(values, row);
      return value === null ? NONE : show(value);
    },
  });
  return [
    { title: 'Edge', value: ({ edge }) => edge, cell: (row) => edgeButton(page, row) },
    time('Opened', connections.openedS, 'before'),
    time('Closed', connections.closedS, 'open'),
    {
      title: 'Verdict',
      value: ({ verdict }) => verdict,
      cell: ({ verdict }) => verdictWords(verdict),
      bad: ({ verdict }) => page.failing.has(verdict),
    },
    number('Connect', connections.connectUs, duration, 'µs'),
    number('Exchanges', connections.exchanges, count),
    number('Sent', connections.sent, bytes, 'B'),
    number('Received', connections.received, bytes, 'B'),
    number('Retransmits', connections.retransmits, count),
    { title: 'Client', value: ({ client }) => client, cell: ({ client }) => nameOf(client) },
    { title: 'Server', value: ({ server }) => server, cell: ({ server }) => nameOf(server) },
  ];
}

export function connections(page: Page): HTMLElement {
  const { connections: all, series } = page.data;
  const rows = allRows(page);
  const only = h('input', { type: 'checkbox' });
  const table = createTable<Row>({
    label: 'connections',
    columns: columnsOf(page),
    sort: FIRST,
    memory: addressMemory(page.store, 'connections', FIRST),
    search: (row) => `${row.edge} ${row.verdict} ${row.client} ${row.server}`,
    empty: 'No connection was there in the chosen range.',
  });
  const fill = (): void => {
    const { from, to, edge } = page.store.view;
    const [fromS, toS] = [from * series.stepS, to * series.stepS];
    table.setRows(
      rows.filter(
        ({ at }) =>
          (all.openedS[at] ?? 0) < toS &&
          (all.closedS[at] ?? Infinity) >= fromS &&
          (!only.checked || all.edge[at] === edge),
      ),
    );
  };
  const refill = whenInSight(page, table.element, fill);
  let waiting = false;
  // Thousands of rows are sorted once a frame at most, however fast the brush moves.
  const later = (): void => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      refill();
    });
  };
  const follow = (): void => {
    only.checked = page.store.view.tables.has(ONLY);
  };
  only.addEventListener('change', () => {
    const tables = new Map(page.store.view.tables);
    if (only.checked) tables.set(ONLY, '1');
    else tables.delete(ONLY);
    page.store.set({ tables });
    fill();
  });
  follow();
  fill();
  page.store.subscribe((view, before) => {
    if (view.tables.has(ONLY) !== only.checked) {
      follow();
      later();
    }
    if (rangeChanged(view, before) || view.zone !== before.zone) later();
    else if (only.checked && view.edge !== before.edge) later();
  });
  return section(
    'connections',
    'Connections',
    all.id.length < all.total
      ? `Those of the chosen range, out of ${count(all.id.length)} of ${count(all.total)} connections: some of every edge have a row here.`
      : 'Those of the chosen range.',
    h('label', { class: 'check' }, only, ' only the chosen edge'),
    table.element,
  );
}
