/** The rows of one group of failures. */
import type { FailureView } from '../data.js';
import { h, nameOf } from './dom.js';
import { NONE, duration } from './format.js';
import type { Page } from './page.js';
import { addressMemory } from './table/ask.js';
import { type Table, createTable } from './table/table.js';

const FIRST = { by: 'Time', down: false };

/** The table, without rows; `address` is the name that the page's address knows it by. */
export function failureTable(page: Page, label: string, address: string): Table<FailureView> {
  return createTable<FailureView>({
    label,
    sort: FIRST,
    memory: addressMemory(page.store, address, FIRST),
    empty: 'None.',
    columns: [
      {
        title: 'Time',
        numeric: true,
        unit: 's',
        value: ({ atS }) => atS,
        cell: ({ atS }) => page.clock(atS, 0.001),
      },
      {
        title: 'After',
        hint: 'From the first SYN to the failure',
        numeric: true,
        unit: 'µs',
        value: ({ durationS }) => (durationS === null ? null : Math.round(durationS * 1e6)),
        cell: ({ durationS }) => duration(durationS === null ? null : durationS * 1e6),
      },
      {
        title: 'errno',
        value: ({ errno }) => errno,
        cell: ({ errno }) => (errno === null ? NONE : h('code', {}, nameOf(errno))),
      },
      {
        title: 'conn_state',
        hint: "Zeek's name for the connection's history",
        value: ({ connState }) => connState,
        cell: ({ connState }) => h('code', {}, nameOf(connState)),
      },
      { title: 'Client', value: ({ client }) => client, cell: ({ client }) => nameOf(client) },
      { title: 'Server', value: ({ server }) => server, cell: ({ server }) => nameOf(server) },
      {
        title: 'Evidence',
        value: ({ evidence }) => evidence,
        cell: ({ evidence }) => nameOf(evidence, 'outside'),
      },
    ],
  });
}
