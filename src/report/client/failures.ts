/** Failed connections of the chosen range, in groups of one edge and verdict, each row with evidence. */
import type { FailureView } from '../data.js';
import { type FailureGroup, groupsOf } from './failure-groups.js';
import { failureTable } from './failure-table.js';
import { h, nameOf, section } from './dom.js';
import { count, duration, plural, verdictWords } from './format.js';
import { whenInSight } from './in-sight.js';
import type { Page } from './page.js';
import { rangeChanged } from './state.js';

/** The median of the known times from first SYN to failure, µs. */
function medianUs(rows: readonly FailureView[]): number | null {
  const known = rows.flatMap(({ durationS }) => (durationS === null ? [] : [durationS]));
  const middle = known.sort((a, b) => a - b)[known.length >> 1];
  return middle === undefined ? null : middle * 1e6;
}

/** What the rows of a group have in common: `ECONNREFUSED, REJ, after 35 µs (median)`. */
function evidenceOf(rows: readonly FailureView[]): string {
  const distinct = (values: (string | null)[]): string[] =>
    [...new Set(values.filter((value) => value !== null && value !== ''))] as string[];
  const errnos = distinct(rows.map(({ errno }) => errno));
  const states = distinct(rows.map(({ connState }) => connState));
  const median = medianUs(rows);
  const after = median === null ? [] : [`after ${duration(median)} (median)`];
  return [...errnos.slice(0, 3), ...states.slice(0, 3), ...after].join(', ');
}

function details(page: Page, group: FailureGroup, open: boolean): HTMLDetailsElement {
  const { stepS } = page.data.series;
  const times = group.rows.map(({ atS }) => atS);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const range = `${page.clock(first, stepS / 10)} – ${page.clock(last, stepS / 10)}`;
  const name = page.edgeName(group.edge);
  const number = `${group.atLeast ? 'at least ' : ''}${count(group.failed)}`;
  const element = h(
    'details',
    { class: 'failure-group' },
    h(
      'summary',
      {},
      h('b', { class: 'bad' }, `✕ ${number} ${verdictWords(group.verdict)}`),
      ' ',
      nameOf(name),
      h('span', { class: 'muted' }, ` ${range} · `, nameOf(evidenceOf(group.rows), 'outside')),
    ),
  );
  const choose = h('button', { type: 'button' }, 'Show this edge and time');
  choose.setAttribute(
    'aria-label',
    `Show this edge and time: ${number} ${verdictWords(group.verdict)}, ${name}`,
  );
  choose.addEventListener('click', () => {
    page.store.set({
      edge: group.edge,
      from: Math.floor(first / stepS),
      to: Math.floor(last / stepS) + 1,
      playing: false,
    });
  });
  const some =
    group.rows.length < group.failed || group.atLeast
      ? h(
          'p',
          { class: 'hint' },
          `${plural(group.rows.length, 'row')} of ${number} failed connections.`,
        )
      : null;
  // Rows are made when they are wanted: there may be a thousand of them.
  const fill = (): void => {
    if (element.querySelector('.table') !== null) return;
    const table = failureTable(page, `${verdictWords(group.verdict)}: ${name}`, group.rows);
    element.append(h('div', { class: 'buttons' }, choose), ...(some === null ? [] : [some]), table);
  };
  element.addEventListener('toggle', () => {
    if (element.open) fill();
  });
  element.open = open;
  if (open) fill();
  return element;
}

function nothing(page: Page): HTMLElement {
  const failed = page.allStats().reduce((sum, stats) => sum + stats.failures, 0);
  const words =
    failed > 0
      ? `${plural(failed, 'connection')} failed in the chosen range; none of them has a row of its own.`
      : page.whole()
        ? 'No connection failed.'
        : 'No connection failed in the chosen range.';
  return h('p', { class: 'empty' }, words);
}

export function failures(page: Page): HTMLElement {
  const { rows, total } = page.data.failures;
  const list = h('div');
  /** What the reader opened and closed stays so while the range moves. */
  const opened = new Map<string, boolean>();
  const draw = (): void => {
    const groups = groupsOf(page);
    const elements = groups.map((group, i) => {
      const key = `${group.edge} ${group.verdict}`;
      const element = details(page, group, opened.get(key) ?? i === 0);
      element.querySelector('summary')?.addEventListener('click', () => {
        opened.set(key, !element.open);
      });
      return element;
    });
    list.replaceChildren(...(groups.length === 0 ? [nothing(page)] : elements));
  };
  draw();
  const follow = whenInSight(page, list, draw);
  page.store.subscribe((view, before) => {
    if (rangeChanged(view, before) || view.zone !== before.zone) follow();
  });
  const hint =
    rows.length < total
      ? `${count(rows.length)} of ${count(total)} failed connections have a row here: some of every edge and verdict.`
      : 'Failed connections of the chosen range, by edge and verdict.';
  return section('failures', 'Failures', total === 0 ? null : hint, list);
}
