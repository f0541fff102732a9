/** All about the chosen edge: where its time goes, its heatmap, its numbers in the chosen range. */
import { h, nameOf, section } from './dom.js';
import { bytes, count, duration, percent, plural, rate } from './format.js';
import { heatmap } from './heatmap.js';
import type { Page } from './page.js';
import { facts } from './tooltip.js';

/** One bar of the shares, with its name and value beside it. */
function bar(className: string, name: string, us: number | null, full: number): HTMLElement {
  const fill = h('i', { class: className });
  fill.style.width = us === null ? '0' : `${Math.min(100, Math.max(0.5, (100 * us) / full))}%`;
  return h(
    'div',
    { class: 'share' },
    h('span', { class: 'share-name' }, name),
    h('span', { class: 'share-track', 'aria-hidden': 'true' }, fill),
    h('span', { class: 'share-value' }, duration(us)),
  );
}

/** Connect against server against the rest. p95s of parts do not add up exactly; the page says so. */
function shares(page: Page, index: number): HTMLElement {
  const { p95, serverP95, connectP95 } = page.edge(index);
  const rest = p95 === null || serverP95 === null ? null : Math.max(0, p95 - serverP95);
  const full = Math.max(1, p95 ?? 0, serverP95 ?? 0, connectP95 ?? 0);
  return h(
    'div',
    { class: 'shares' },
    h('h4', {}, 'Where the time goes, p95 of the whole capture'),
    bar('response', 'Response', p95, full),
    bar('server', 'in the server', serverP95, full),
    bar('network', 'network and queues', rest, full),
    bar('connect', 'Connect', connectP95, full),
    h(
      'p',
      { class: 'hint' },
      serverP95 === null
        ? "The server's end of this edge was not seen, so its part of the time is not known."
        : 'Network and queues is the difference of the two p95s above it: a good guide, not a sum. A connect happens once for each connection.',
    ),
  );
}

function numbers(page: Page, index: number): HTMLElement {
  const stats = page.stats(index);
  const edge = page.edge(index);
  return h(
    'div',
    { class: 'numbers' },
    h('h4', {}, page.whole() ? 'Whole capture' : page.rangeText()),
    facts([
      ['Rate', rate(stats.rate)],
      ['Exchanges', count(stats.exchanges)],
      ['Response p50', duration(stats.p50)],
      ['Response p95', duration(stats.p95)],
      ['Response p99', duration(stats.p99)],
      ['Response, average', duration(stats.avg)],
      ['Connections opened', count(stats.connections)],
      ['Open at the end', count(stats.open)],
      ['Failed', h('span', { class: stats.failures > 0 ? 'bad' : '' }, count(stats.failures))],
      ['Retransmits', count(stats.retransmits)],
    ]),
    h('h4', {}, 'Whole capture'),
    facts([
      ['Connection life p50', edge.lifeP50 === null ? 'none has closed' : duration(edge.lifeP50)],
      ['Sent, received', `${bytes(edge.bytesSent)}, ${bytes(edge.bytesReceived)}`],
      [
        'Not measurable',
        edge.flagged === 0
          ? null
          : `${count(edge.flagged)} (${percent(edge.flagged / Math.max(1, edge.exchanges))})`,
      ],
      ['Events recorded', edge.coverage < 1 ? percent(edge.coverage) : null],
    ]),
  );
}

export function edgeDetail(page: Page): HTMLElement {
  const body = h('div', { class: 'detail' });
  const side = h('div');
  const draw = (): void => {
    const { edge: index } = page.store.view;
    if (index === null) {
      body.replaceChildren(
        h(
          'p',
          { class: 'empty' },
          'No edge is chosen. Choose one in the map, the table or the findings.',
        ),
      );
      return;
    }
    const { via, exchanges } = page.edge(index);
    side.replaceChildren(numbers(page, index));
    body.replaceChildren(
      h(
        'h3',
        {},
        nameOf(page.edgeName(index)),
        via === null ? null : h('span', { class: 'muted' }, ' via ', nameOf(via)),
      ),
      h(
        'div',
        { class: 'detail-grid' },
        h(
          'div',
          {},
          exchanges === 0
            ? h(
                'p',
                { class: 'empty' },
                `No exchange was seen on ${plural(page.edge(index).connections, 'connection')}.`,
              )
            : heatmap(page, index),
          shares(page, index),
        ),
        side,
      ),
    );
  };
  draw();
  page.store.subscribe((view, before) => {
    if (view.edge !== before.edge) draw();
    else if (view.edge !== null && (view.from !== before.from || view.to !== before.to)) {
      side.replaceChildren(numbers(page, view.edge));
    }
  });
  return section('detail', 'Chosen edge', null, body);
}
