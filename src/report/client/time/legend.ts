/** What the marks of the charts over time mean. */
import { h } from '../dom.js';
import type { Page } from '../page.js';
import type { Band } from './band.js';

/** @param band what stands for the busiest edges, if anything does. */
export function timeLegend(page: Page, band: Band | null): HTMLElement {
  const { findings, series } = page.data;
  const key = (name: string, words: string): HTMLElement =>
    h('span', { class: `key ${name}` }, words);
  return h(
    'div',
    { class: 'legend' },
    key('all', 'all edges'),
    ...(band === null
      ? [key('each', 'each edge')]
      : [
          key('band', `p95 of the ${band.edges} busiest edges, from the least to the greatest`),
          key('middle', 'their median'),
          key('each', 'edges of findings and the busiest'),
        ]),
    key('chosen', 'chosen edge, its p95'),
    key('p99', 'its p99'),
    key('p50', 'its p50'),
    key('failed', 'failed'),
    findings.length === 0 ? null : key('found', 'numbered: time of a finding'),
    series.coverage.some((share) => share < 1)
      ? key('lost', 'events were lost: counts are too low')
      : null,
  );
}
