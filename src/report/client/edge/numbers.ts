/** The numbers of one edge, of the chosen range and of the whole capture. */
import { h } from '../dom.js';
import { bytesOf } from '../edge-bytes.js';
import { bytes, count, duration, percent, rate } from '../format.js';
import type { Page } from '../page.js';
import { facts } from '../tooltip.js';

export function numbers(page: Page, index: number): HTMLElement {
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
      [
        'Sent, received',
        bytesOf(edge) === null
          ? 'not known'
          : `${bytes(edge.bytesSent)}, ${bytes(edge.bytesReceived)}`,
      ],
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
