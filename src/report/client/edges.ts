/** The edges as a table that follows the chosen range. A row chooses its edge. */
import { h, nameOf, section } from './dom.js';
import { edgeRowButton } from './edge-button.js';
import { bytesOf } from './edge-bytes.js';
import { tipOnEdge } from './edge-tip.js';
import { NONE, bytes, count, duration, percent, rate } from './format.js';
import type { EdgeStats } from './edge-stats.js';
import { whenInSight } from './in-sight.js';
import type { Page } from './page.js';
import { addressMemory } from './table/ask.js';
import { type Column, createTable } from './table/table.js';
import { rangeChanged } from './state.js';

const FIRST = { by: 'Exchanges', down: true };

interface Row {
  index: number;
  stats: EdgeStats;
}

function columnsOf(page: Page): Column<Row>[] {
  const time = (title: string, of: (row: Row) => number | null, hint?: string): Column<Row> => ({
    title,
    ...(hint === undefined ? {} : { hint }),
    numeric: true,
    unit: 'µs',
    value: of,
    cell: (row) => duration(of(row)),
  });
  const number = (title: string, of: (row: Row) => number, hint?: string): Column<Row> => ({
    title,
    ...(hint === undefined ? {} : { hint }),
    numeric: true,
    value: of,
    cell: (row) => count(of(row)),
  });
  const edge = (row: Row) => page.edge(row.index);
  return [
    {
      title: 'Edge',
      value: (row) => page.edgeName(row.index),
      cell: (row) => {
        const button = edgeRowButton(page, row.index, row.stats.p95);
        button.setAttribute('aria-pressed', String(page.store.view.edge === row.index));
        const { via } = edge(row);
        return h(
          'span',
          {},
          button,
          via === null ? null : h('span', { class: 'muted via' }, ' via ', nameOf(via)),
        );
      },
    },
    {
      title: 'Rate',
      hint: 'Exchanges per second',
      numeric: true,
      unit: '/s',
      value: ({ stats }) => stats.rate,
      cell: ({ stats }) => rate(stats.rate),
    },
    number('Exchanges', ({ stats }) => stats.exchanges, 'Requests with their responses'),
    {
      ...number('Failed', ({ stats }) => stats.failures, 'Connections that failed'),
      bad: ({ stats }) => stats.failures > 0,
    },
    time('p50', ({ stats }) => stats.p50, 'Half of the responses began within this time'),
    time('p95', ({ stats }) => stats.p95),
    time('p99', ({ stats }) => stats.p99),
    number('Opened', ({ stats }) => stats.connections, 'Connections opened'),
    number('Open', ({ stats }) => stats.open, 'Connections open at the end of the range'),
    number('Retransmits', ({ stats }) => stats.retransmits, 'Segments that were sent again'),
    time('Connect p95 *', (row) => edge(row).connectP95, 'Time of the handshake, whole capture'),
    time(
      'Server p95 *',
      (row) => edge(row).serverP95,
      'Part of the response time spent in the server, whole capture',
    ),
    {
      title: 'Bytes *',
      hint: 'Sent and received by the client, whole capture',
      numeric: true,
      unit: 'B',
      value: (row) => bytesOf(edge(row)),
      cell: (row) => {
        const all = bytesOf(edge(row));
        return all === null ? NONE : bytes(all);
      },
    },
    ...(page.data.edges.some(({ flagged }) => flagged > 0)
      ? [
          {
            title: 'Not measurable *',
            hint: 'Exchanges whose times cannot be told truthfully, for example pipelined ones: kept out of the percentiles',
            numeric: true,
            value: (row: Row) => edge(row).flagged,
            cell: (row: Row) => percent(edge(row).flagged / Math.max(1, edge(row).exchanges)),
          },
        ]
      : []),
  ];
}

export function edgeTable(page: Page): HTMLElement {
  const { store, data } = page;
  const table = createTable<Row>({
    label: 'edges',
    columns: columnsOf(page),
    sort: FIRST,
    memory: addressMemory(store, 'edges', FIRST),
    ...(data.edges.length > 8 ? { search: ({ index }) => page.edgeName(index) } : {}),
    empty: 'No connection was seen.',
    reuse: true,
    decorate(element, shown) {
      const edge = (): number => shown().index;
      tipOnEdge(page, element, edge);
      element.addEventListener('click', () => store.set({ edge: edge() }));
    },
    mark(element, { index, stats }) {
      element.dataset['edge'] = String(index);
      element.classList.toggle('chosen', store.view.edge === index);
      element.classList.toggle('hovered', store.view.hover === index);
      element.classList.toggle('silent', stats.exchanges + stats.connections + stats.open === 0);
    },
  });
  const fill = (): void => table.setRows(page.allStats().map((stats, index) => ({ index, stats })));
  fill();
  const follow = whenInSight(page, table.element, fill);
  store.subscribe((view, before) => {
    if (rangeChanged(view, before)) follow();
    if (view.edge === before.edge && view.hover === before.hover) return;
    for (const row of table.element.querySelectorAll<HTMLElement>('tr[data-edge]')) {
      const index = Number(row.dataset['edge']);
      row.classList.toggle('chosen', index === view.edge);
      row.classList.toggle('hovered', index === view.hover);
      row.querySelector('button')?.setAttribute('aria-pressed', String(index === view.edge));
    }
  });
  return section(
    'edges',
    'Edges',
    'Numbers of the chosen range; columns marked * are of the whole capture.',
    table.element,
  );
}
