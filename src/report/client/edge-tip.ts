/** What the tooltip says about an edge, and the same in one line for people who cannot see it. */
import { type Child, h, nameOf } from './dom.js';
import { count, duration, plural, rate, verdictWords } from './format.js';
import type { Page } from './page.js';
import { facts } from './tooltip.js';

/** Failures of an edge in words: `480 refused`; by verdict for the range where all rows are here. */
function failureWords(page: Page, index: number): string {
  const { failures } = page.stats(index);
  if (failures === 0) return 'none';
  const whole = page.whole();
  const { rows, total } = page.data.failures;
  const byVerdict = new Map<string, number>();
  if (whole) {
    for (const [verdict, n] of Object.entries(page.edge(index).failuresByVerdict))
      byVerdict.set(verdict, n);
  } else if (rows.length === total) {
    const { stepS } = page.data.series;
    const { from, to } = page.store.view;
    for (const row of rows) {
      const step = Math.floor(row.atS / stepS);
      if (row.edge !== index || step < from || step >= to) continue;
      byVerdict.set(row.verdict, (byVerdict.get(row.verdict) ?? 0) + 1);
    }
  }
  const parts = [...byVerdict].map(([verdict, n]) => `${count(n)} ${verdictWords(verdict)}`);
  return parts.length === 0 ? count(failures) : parts.join(', ');
}

/** The tooltip's content for edge `index` in the chosen range. */
export function edgeTip(page: Page, index: number): Child[] {
  const edge = page.edge(index);
  const stats = page.stats(index);
  const failures = failureWords(page, index);
  return [
    h('p', { class: 'tip-title' }, nameOf(page.edgeName(index))),
    h('p', { class: 'muted' }, page.whole() ? 'whole capture' : page.rangeText()),
    facts([
      ['Rate', `${rate(stats.rate)} (${plural(stats.exchanges, 'exchange')})`],
      ['p50 / p95 / p99', [stats.p50, stats.p95, stats.p99].map(duration).join(' / ')],
      ['Connections opened', count(stats.connections)],
      ['Open at the end', count(stats.open)],
      ['Failed', h('span', { class: stats.failures > 0 ? 'bad' : '' }, failures)],
      ['Retransmits', count(stats.retransmits)],
    ]),
    page.whole() ? null : h('p', { class: 'muted' }, 'whole capture'),
    facts([
      ['Connection life p50', edge.lifeP50 === null ? 'none has closed' : duration(edge.lifeP50)],
      ['Connect p95', duration(edge.connectP95)],
      ['Via', edge.via === null ? null : nameOf(edge.via)],
    ]),
  ];
}

/** Edge `index` in one sentence. */
export function edgeSentence(page: Page, index: number): string {
  const stats = page.stats(index);
  return [
    page.edgeName(index),
    rate(stats.rate).replace('/s', ' per second'),
    `p95 ${duration(stats.p95)}`,
    stats.failures === 0 ? 'no failures' : plural(stats.failures, 'failed connection'),
    plural(stats.open, 'open connection'),
  ].join(', ');
}

/**
 * Makes `element` show a tooltip on hover and on focus by keyboard.
 * @param edge gives the edge to mark everywhere meanwhile, if it is one.
 */
export function tipOn(
  page: Page,
  element: Element,
  content: () => Child[],
  edge: () => number | null,
): void {
  const { tooltip, store } = page;
  element.addEventListener('pointermove', (event) => {
    const { clientX, clientY } = event as PointerEvent;
    store.set({ hover: edge() });
    tooltip.show(content(), clientX, clientY);
  });
  element.addEventListener('focus', () => {
    // Only where the focus came by keyboard: after a click the pointer's own tooltip is there.
    if (!element.matches(':focus-visible')) return;
    const box = element.getBoundingClientRect();
    store.set({ hover: edge() });
    tooltip.show(content(), box.left + box.width / 2, box.top + box.height / 2);
  });
  const leave = (): void => {
    store.set({ hover: null });
    tooltip.hide();
  };
  element.addEventListener('pointerleave', leave);
  element.addEventListener('blur', leave);
}

/** Makes `element` show the tooltip of the edge that it stands for then on hover and focus, and mark it everywhere. */
export function tipOnEdge(page: Page, element: Element, edge: () => number): void {
  tipOn(page, element, () => edgeTip(page, edge()), edge);
}
