/** What the tooltip says about a link of the map, and the same in one line for people who cannot see it. */
import { type Child, h, nameOf } from '../dom.js';
import { edgeSentence, edgeTip, tipOn } from '../edge-tip.js';
import { count, duration, plural, rate } from '../format.js';
import type { Page } from '../page.js';
import { facts } from '../tooltip.js';
import { type LinkStats, linkStats } from './link-stats.js';
import type { MapLink } from './model.js';

/** Length of life of the connections of several edges, as far as it is known. */
function lifeWords(page: Page, edges: readonly number[]): string {
  const lives = edges.map((index) => page.edge(index).lifeP50).filter((us) => us !== null);
  if (lives.length === 0) return 'none has closed';
  const [least, most] = [Math.min(...lives), Math.max(...lives)];
  return least === most ? duration(least) : `${duration(least)} to ${duration(most)}`;
}

function slowestOf(page: Page, edges: readonly number[]): number | null {
  const known = edges.map((index) => page.edge(index).connectP95).filter((us) => us !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function bundleTip(page: Page, link: MapLink, name: string): Child[] {
  const stats = linkStats(page, link);
  return [
    h('p', { class: 'tip-title' }, nameOf(name), `: ${plural(link.edges.length, 'edge')}`),
    h('p', { class: 'muted' }, page.whole() ? 'whole capture' : page.rangeText()),
    facts([
      ['Rate', `${rate(stats.rate)} (${plural(stats.exchanges, 'exchange')})`],
      ['Slowest p95', duration(stats.p95)],
      ['of', stats.slowest === null ? null : nameOf(page.edgeName(stats.slowest))],
      ['Connections opened', count(stats.connections)],
      ['Open at the end', count(stats.open)],
      ['Failed', h('span', { class: stats.failures > 0 ? 'bad' : '' }, count(stats.failures))],
      ['Retransmits', count(stats.retransmits)],
      ['Connection life p50 *', lifeWords(page, link.edges)],
      ['Slowest connect p95 *', duration(slowestOf(page, link.edges))],
    ]),
    h('p', { class: 'muted' }, '* whole capture. Choose it to open its groups.'),
  ];
}

/** A link in one sentence. */
export function linkSentence(page: Page, link: MapLink, name: string, stats: LinkStats): string {
  const [only] = link.edges;
  if (only !== undefined && link.edges.length === 1) return edgeSentence(page, only);
  return [
    `${name}, ${plural(link.edges.length, 'edge')}`,
    rate(stats.rate).replace('/s', ' per second'),
    `slowest p95 ${duration(stats.p95)}`,
    stats.failures === 0 ? 'no failures' : plural(stats.failures, 'failed connection'),
    plural(stats.open, 'open connection'),
    'opens its groups',
  ].join(', ');
}

/** Makes `element` show the tooltip of a link on hover and focus; a link of one edge marks that edge everywhere. */
export function tipOnLink(page: Page, element: Element, link: MapLink, name: string): void {
  const [only] = link.edges;
  const single = only !== undefined && link.edges.length === 1;
  tipOn(
    page,
    element,
    () => (single ? edgeTip(page, only) : bundleTip(page, link, name)),
    () => (single ? only : null),
  );
}
