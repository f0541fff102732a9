/** The edges of the chosen service in two short tables, and the findings on them. Each row chooses its edge. */
import { h, nameOf } from './dom.js';
import { edgeSentence, tipOnEdge } from './edge-tip.js';
import { count, duration, plural, rate } from './format.js';
import type { Page } from './page.js';
import type { ServiceNumbers } from './service-numbers.js';

/** Rows of each table: the busiest. */
const MOST_ROWS = 30;
const HEADS = ['Rate', 'p50', 'p95', 'p99', 'Failed', 'Open'];

function row(page: Page, index: number): HTMLElement {
  const stats = page.stats(index);
  const button = h(
    'button',
    { type: 'button', class: 'edge-button', 'aria-label': edgeSentence(page, index) },
    h('i', { class: `dot ${page.speed.className(stats.p95)}`, 'aria-hidden': 'true' }),
    nameOf(page.edgeName(index)),
  );
  const number = (text: string, bad = false): HTMLElement =>
    h('td', { class: bad ? 'number bad' : 'number' }, text);
  const element = h(
    'tr',
    { class: page.store.view.edge === index ? 'chosen' : null },
    h('td', {}, button),
    number(rate(stats.rate)),
    ...[stats.p50, stats.p95, stats.p99].map((us) => number(duration(us))),
    number(count(stats.failures), stats.failures > 0),
    number(count(stats.open)),
  );
  element.addEventListener('click', () => {
    page.store.set({ edge: index });
    for (const each of element.parentElement?.children ?? []) {
      each.classList.toggle('chosen', each === element);
    }
  });
  tipOnEdge(page, element, index);
  return element;
}

function list(page: Page, title: string, edges: readonly number[], inbound: boolean): HTMLElement {
  const busiest = [...edges]
    .sort((a, b) => page.stats(b).exchanges - page.stats(a).exchanges || a - b)
    .slice(0, MOST_ROWS);
  const rows = busiest.map((index) => row(page, index));
  const cut = edges.length - busiest.length;
  return h(
    'div',
    { class: 'service-edges' },
    h('h4', {}, `${title}: ${plural(edges.length, 'edge')}`),
    edges.length === 0
      ? h('p', { class: 'empty' }, inbound ? 'Nobody called it.' : 'It called nobody.')
      : h(
          'div',
          { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Rows: ${title}` },
          h(
            'table',
            {},
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                h('th', { scope: 'col' }, 'Edge'),
                ...HEADS.map((head) => h('th', { scope: 'col', class: 'number' }, head)),
              ),
            ),
            h('tbody', {}, ...rows),
          ),
        ),
    cut > 0 ? h('p', { class: 'hint' }, `${plural(cut, 'quieter edge')} not listed here.`) : null,
  );
}

/** Inbound and outbound edges, the busiest first. */
export function edgeLists(page: Page, { inbound, outbound }: ServiceNumbers): HTMLElement[] {
  return [list(page, 'Called by', inbound, true), list(page, 'Calls', outbound, false)];
}

/** The findings on the service's edges as buttons that choose edge and time; null where there are none. */
export function findingList(page: Page, service: number): HTMLElement | null {
  const found = page.data.findings.filter(({ edge }) => {
    if (edge === null) return false;
    const { client, server } = page.edge(edge);
    return client === service || server === service;
  });
  if (found.length === 0) return null;
  const { stepS } = page.data.series;
  return h(
    'div',
    { class: 'service-findings' },
    h('h4', {}, plural(found.length, 'finding')),
    h(
      'ul',
      {},
      ...found.map(({ sentence, fromS, toS, edge }) => {
        const button = h('button', { type: 'button', class: 'link' }, nameOf(sentence, 'outside'));
        button.addEventListener('click', () =>
          page.store.set({
            edge,
            from: Math.floor(fromS / stepS + 1e-6),
            to: Math.ceil(toS / stepS - 1e-6),
            playing: false,
          }),
        );
        return h(
          'li',
          {},
          button,
          h('span', { class: 'muted' }, ` ${page.clock(fromS, stepS)} – ${page.clock(toS, stepS)}`),
        );
      }),
    ),
  );
}
