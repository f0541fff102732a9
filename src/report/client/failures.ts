/** Failed connections of the chosen range, in groups of one edge and verdict, each row with evidence. */
import type { FailureView } from '../data.js';
import { h, nameOf, section } from './dom.js';
import { NONE, count, duration, plural, verdictWords } from './format.js';
import type { Page } from './page.js';
import { rangeChanged } from './state.js';
import { createTable } from './table.js';

interface Group {
  edge: number;
  verdict: string;
  rows: FailureView[];
}

function groupsOf(page: Page): Group[] {
  const { stepS } = page.data.series;
  const { from, to } = page.store.view;
  const groups = new Map<string, Group>();
  for (const row of page.data.failures.rows) {
    const step = Math.min(page.store.steps - 1, Math.floor(row.atS / stepS));
    if (step < from || step >= to) continue;
    const key = `${row.edge} ${row.verdict}`;
    const group = groups.get(key) ?? { edge: row.edge, verdict: row.verdict, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.rows.length - a.rows.length || a.edge - b.edge);
}

function rowsTable(page: Page, label: string, rows: readonly FailureView[]): HTMLElement {
  const table = createTable<FailureView>({
    label,
    sort: { by: 'Time', down: false },
    empty: 'None.',
    columns: [
      {
        title: 'Time',
        numeric: true,
        value: ({ atS }) => atS,
        cell: ({ atS }) => page.clock(atS, 0.001),
      },
      {
        title: 'After',
        hint: 'From the first SYN to the failure',
        numeric: true,
        value: ({ durationS }) => durationS,
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
  table.setRows(rows);
  return table.element;
}

function details(page: Page, group: Group, open: boolean): HTMLElement {
  const { stepS } = page.data.series;
  const times = group.rows.map(({ atS }) => atS);
  const range = `${page.clock(Math.min(...times), stepS / 10)} – ${page.clock(Math.max(...times), stepS / 10)}`;
  const name = page.edgeName(group.edge);
  const element = h(
    'details',
    { class: 'failure-group' },
    h(
      'summary',
      {},
      h('b', { class: 'bad' }, `✕ ${count(group.rows.length)} ${verdictWords(group.verdict)}`),
      ' ',
      nameOf(name),
      h('span', { class: 'muted' }, ` ${range}`),
    ),
  );
  // Rows are made when they are wanted: there may be a thousand of them.
  const fill = (): void => {
    if (element.querySelector('.table') === null) {
      element.append(rowsTable(page, `${verdictWords(group.verdict)}: ${name}`, group.rows));
    }
  };
  element.addEventListener('toggle', () => {
    if (element.open) fill();
  });
  element.open = open;
  if (open) fill();
  return element;
}

export function failures(page: Page): HTMLElement {
  const { rows, total } = page.data.failures;
  const list = h('div');
  const draw = (): void => {
    const groups = groupsOf(page);
    const failed = page.allStats().reduce((sum, stats) => sum + stats.failures, 0);
    list.replaceChildren(
      ...(groups.length === 0
        ? [
            h(
              'p',
              { class: 'empty' },
              failed > 0
                ? `${plural(failed, 'connection')} failed in the chosen range; none of them has a row of its own.`
                : page.whole()
                  ? 'No connection failed.'
                  : 'No connection failed in the chosen range.',
            ),
          ]
        : groups.map((group, i) => details(page, group, i === 0))),
    );
  };
  draw();
  page.store.subscribe((view, before) => {
    if (rangeChanged(view, before) || view.zone !== before.zone) draw();
  });
  const hint =
    rows.length < total
      ? `${count(rows.length)} of ${count(total)} failed connections have a row here: some of every edge and verdict.`
      : 'Failed connections of the chosen range, by edge and verdict.';
  return section('failures', 'Failures', total === 0 ? null : hint, list);
}
