/** Failed connections of the chosen range, in groups of one edge and verdict, each row with evidence. */
import type { FailureView } from '../data.js';
import { type FailureGroup, groupsOf } from './failure-groups.js';
import { failureTable } from './failure-table.js';
import { h, nameOf, section } from './dom.js';
import { count, duration, plural, verdictWords } from './format.js';
import { whenInSight } from './in-sight.js';
import type { Page } from './page.js';
import { type View, rangeChanged } from './state.js';
import type { Table } from './table/table.js';

/** Groups that are listed at first: the largest. What somebody has opened is listed too. */
const FIRST_GROUPS = 20;

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

/** Keys of a group in the page's address: `failures.2.refused.open`, `failures.2.refused.sort`. */
const addressOf = ({ edge, verdict }: FailureGroup): string => `failures.${edge}.${verdict}`;

/** One group that opens: what its rows have in common, and the rows themselves. */
function details(page: Page, group: FailureGroup, open: boolean): HTMLDetailsElement {
  const { stepS } = page.data.series;
  const times = group.rows.map(({ atS }) => atS);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const range = `${page.clock(first, stepS / 10)} – ${page.clock(last, stepS / 10)}`;
  const name = page.edgeName(group.edge);
  const number = `${group.atLeast ? 'at least ' : ''}${count(group.failed)}`;
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
    h('div', { class: 'buttons' }, choose),
    some,
  );
  element.open = open;
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

/** Says that there are more groups, with a button for them; nothing where all are listed. */
function restOf(listed: number, groups: number, showAll: () => void): HTMLElement[] {
  if (listed >= groups) return [];
  const words = `${count(listed)} of ${count(groups)} groups of edge and verdict are listed, those with the most failures.`;
  const button = h('button', { type: 'button' }, `Show all ${count(groups)} groups`);
  button.addEventListener('click', showAll);
  return [h('p', { class: 'hint' }, words), h('div', { class: 'buttons' }, button)];
}

export function failures(page: Page): HTMLElement {
  const { rows, total } = page.data.failures;
  const list = h('div');
  let everything = false;
  // A table lives as long as the page: what was asked of it stays while the range moves.
  const tables = new Map<string, Table<FailureView>>();
  /** Rows are made when they are wanted: there may be a thousand of them. */
  const fill = (element: HTMLElement, group: FailureGroup): void => {
    const address = addressOf(group);
    const label = `${verdictWords(group.verdict)}: ${page.edgeName(group.edge)}`;
    const table = tables.get(address) ?? failureTable(page, label, address);
    tables.set(address, table);
    table.setRows(group.rows);
    element.append(table.element);
  };
  /** True while a reader's click is written down: the browser opens and closes by itself. */
  let opening = false;
  const draw = (): void => {
    const groups = groupsOf(page);
    const elements = groups.flatMap((group, i) => {
      const key = `${addressOf(group)}.open`;
      const asked = page.store.view.tables.get(key);
      const open = asked === undefined ? i === 0 : asked === '1';
      if (i >= FIRST_GROUPS && !open && !everything) return [];
      const element = details(page, group, open);
      if (open) fill(element, group);
      element.querySelector('summary')?.addEventListener('click', () => {
        // Before the browser opens or closes it.
        if (!element.open && element.querySelector('.table') === null) fill(element, group);
        opening = true;
        page.store.set({
          tables: new Map([...page.store.view.tables, [key, element.open ? '0' : '1']]),
        });
        opening = false;
      });
      return element;
    });
    list.replaceChildren(
      ...(elements.length === 0 ? [nothing(page)] : elements),
      ...restOf(elements.length, groups.length, () => {
        everything = true;
        draw();
      }),
    );
  };
  draw();
  const follow = whenInSight(page, list, draw);
  const openedOf = ({ tables }: View): string =>
    [...tables].filter(([key]) => /^failures\..*\.open$/.test(key)).join();
  page.store.subscribe((view, before) => {
    const reopened =
      !opening && view.tables !== before.tables && openedOf(view) !== openedOf(before);
    if (rangeChanged(view, before) || view.zone !== before.zone || reopened) follow();
  });
  const hint =
    rows.length < total
      ? `${count(rows.length)} of ${count(total)} failed connections have a row here: some of every edge and verdict.`
      : 'Failed connections of the chosen range, by edge and verdict.';
  return section('failures', 'Failures', total === 0 ? null : hint, list);
}
