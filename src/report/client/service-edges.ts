/** The edges of the chosen service in two short tables, and the findings on them. Each row chooses its edge. */
import { h, nameOf } from './dom.js';
import { edgeRowButton } from './edge-button.js';
import { tipOnEdge } from './edge-tip.js';
import { count, duration, plural, rate } from './format.js';
import type { Page } from './page.js';
import type { ServiceNumbers } from './service-numbers.js';
import { rowMaker, showRows } from './table/row.js';

/** Rows of each table at first: the busiest. All are there when they are asked for. */
const FIRST_ROWS = 6;
const HEADS = ['Rate', 'p50', 'p95', 'p99', 'Failed', 'Open'];

/** One of the two tables; its rows are indexes of edges. */
interface EdgeList {
  element: HTMLElement;
  /** @param anew of another service than before. */
  show(edges: readonly number[], anew: boolean): void;
}

function rows(page: Page) {
  const number = (text: (index: number) => string, bad?: (index: number) => boolean) => ({
    cell: text,
    ...(bad === undefined ? {} : { bad }),
    numeric: true,
  });
  return rowMaker<number>({
    columns: [
      { cell: (index) => edgeRowButton(page, index, page.stats(index).p95) },
      number((index) => rate(page.stats(index).rate)),
      number((index) => duration(page.stats(index).p50)),
      number((index) => duration(page.stats(index).p95)),
      number((index) => duration(page.stats(index).p99)),
      number(
        (index) => count(page.stats(index).failures),
        (index) => page.stats(index).failures > 0,
      ),
      number((index) => count(page.stats(index).open)),
    ],
    reuse: true,
    decorate(element, shown) {
      element.addEventListener('click', () => {
        page.store.set({ edge: shown() });
        for (const each of element.parentElement?.children ?? []) {
          each.classList.toggle('chosen', each === element);
        }
      });
      tipOnEdge(page, element, shown);
    },
    mark(element, index) {
      element.classList.toggle('chosen', page.store.view.edge === index);
    },
  });
}

function edgeList(page: Page, title: string, none: string, fewer: () => void): EdgeList {
  const make = rows(page);
  const head = h('h4');
  const body = h('tbody');
  const table = h(
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
          ...HEADS.map((text) => h('th', { scope: 'col', class: 'number' }, text)),
        ),
      ),
      body,
    ),
  );
  const empty = h('p', { class: 'empty' }, none);
  const more = h('button', { type: 'button', class: 'link' });
  let sorted: number[] = [];
  let all = false;
  const draw = (): void => {
    showRows(body, all ? sorted : sorted.slice(0, FIRST_ROWS), make);
    more.hidden = sorted.length <= FIRST_ROWS;
    const words = all
      ? `Show the ${FIRST_ROWS} busiest`
      : `Show all ${plural(sorted.length, 'edge')}`;
    more.textContent = words;
    more.setAttribute('aria-label', `${words}: ${title}`);
  };
  more.addEventListener('click', () => {
    all = !all;
    draw();
    if (!all) fewer();
  });
  return {
    element: h('div', { class: 'service-edges' }, head, empty, table, more),
    show(edges, anew) {
      if (anew) all = false;
      sorted = [...edges].sort(
        (a, b) => page.stats(b).exchanges - page.stats(a).exchanges || a - b,
      );
      head.textContent = `${title}: ${plural(edges.length, 'edge')}`;
      empty.hidden = edges.length > 0;
      table.hidden = edges.length === 0;
      draw();
    },
  };
}

/**
 * Inbound and outbound edges, the busiest first.
 * @param fewer called when the reader has rows taken away.
 */
export function edgeLists(
  page: Page,
  fewer: () => void,
): {
  elements: HTMLElement[];
  /** @param anew of another service than before. */
  show(numbers: ServiceNumbers, anew: boolean): void;
} {
  const callers = edgeList(page, 'Called by', 'Nobody called it.', fewer);
  const called = edgeList(page, 'Calls', 'It called nobody.', fewer);
  return {
    elements: [callers.element, called.element],
    show({ inbound, outbound }, anew) {
      callers.show(inbound, anew);
      called.show(outbound, anew);
    },
  };
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
