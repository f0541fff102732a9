/** The load test beside the sockets: chart, both sides' numbers, thresholds, stages and checks. */
import type { K6Section } from '../../data.js';
import { type Child, h, nameOf, onWidth, section } from '../dom.js';
import { NONE, count, duration } from '../format.js';
import type { Page } from '../page.js';
import { drawChart } from './chart.js';

type Rows = readonly (readonly Child[])[];

/** A small table; the first column names the row. */
function facts(label: string, titles: readonly string[], rows: Rows): HTMLElement | null {
  if (rows.length === 0) return null;
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label },
    h('h3', {}, label),
    h(
      'table',
      { class: 'k6-facts' },
      h('thead', {}, h('tr', {}, ...titles.map((title) => h('th', { scope: 'col' }, title)))),
      h(
        'tbody',
        {},
        ...rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, cell)))),
      ),
    ),
  );
}

const VERDICTS = { pass: '✓ pass', fail: '✕ fail' } as const;

function verdictOf(verdict: 'pass' | 'fail' | null): HTMLElement {
  return h(
    'b',
    { class: `k6-verdict ${verdict ?? 'open'}` },
    verdict === null ? 'not judged' : VERDICTS[verdict],
  );
}

function thresholdRows({ thresholds }: K6Section): Rows {
  return thresholds.map(({ metric, expression, value, verdict, judge }) => [
    h('code', {}, nameOf(metric)),
    h('code', {}, nameOf(expression)),
    value === null ? NONE : String(Number(value.toPrecision(4))),
    verdictOf(verdict),
    judge === 'k6' ? 'k6' : "k6's points",
  ]);
}

function stageTable(page: Page, { stages }: K6Section): HTMLElement[] {
  const { stepS } = page.data.series;
  const table = facts(
    'Stages',
    ['Stage', 'Time', 'Requests', 'p95'],
    stages.map(({ name, fromS, toS, requests, p95 }) => [
      nameOf(name),
      `${page.clock(fromS, stepS)} – ${page.clock(toS, stepS)}`,
      count(requests),
      duration(p95),
    ]),
  );
  return table === null ? [] : [table];
}

export function k6Section(page: Page, k6: K6Section): HTMLElement {
  const shown = (unit: 'count' | 'us', value: number | null): string =>
    value === null ? NONE : unit === 'us' ? duration(value) : count(value);
  const edges = k6.entry.map((index) => page.edgeName(index)).join(', ');
  const holder = h('div', {
    class: 'k6-chart',
    role: 'img',
    'aria-label':
      "Virtual users, k6's p95 and the p95 of its own edge over time; the tables below have the numbers.",
  });
  const stages = h('div');
  // Times are shown in the zone that the reader chose.
  const tellStages = (): void => stages.replaceChildren(...stageTable(page, k6));
  tellStages();
  let redraw: () => void = () => undefined;
  page.store.subscribe((view, before) => {
    if (view.zone === before.zone) return;
    tellStages();
    redraw();
  });
  if (k6.at.length > 0) {
    onWidth(holder, (width) => {
      redraw = () => holder.replaceChildren(drawChart(page, k6, width));
      redraw();
    });
  }
  return section(
    'k6',
    'Load test (k6)',
    edges === '' ? 'No edge of this capture is k6’s own.' : `k6's requests went over ${edges}.`,
    k6.at.length > 0 ? holder : null,
    k6.at.length === 0
      ? null
      : h(
          'div',
          { class: 'legend' },
          h('span', { class: 'key k6-key' }, "k6's p95"),
          h('span', { class: 'key k6-edge-key' }, 'p95 of its edge'),
        ),
    h('p', { class: 'hint' }, k6.offset),
    h(
      'div',
      { class: 'k6-tables' },
      facts(
        'k6 and its sockets',
        ['Number', 'k6', 'sockets'],
        k6.beside.map(({ what, unit, k6: told, sockets }) => [
          what,
          shown(unit, told),
          shown(unit, sockets),
        ]),
      ),
      facts('Thresholds', ['Metric', 'Threshold', 'Value', 'Verdict', 'By'], thresholdRows(k6)),
      stages,
      facts(
        'Checks',
        ['Check', 'Passed', 'Failed'],
        k6.checks.map(({ name, passes, fails }) => [
          nameOf(name),
          count(passes),
          fails === 0 ? '0' : h('b', { class: 'k6-verdict fail' }, count(fails)),
        ]),
      ),
    ),
  );
}
