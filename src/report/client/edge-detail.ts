/** All about the chosen edge: where its time goes, its heatmap, its numbers in the chosen range. */
import { h, nameOf, section } from './dom.js';
import { bytes, count, duration, percent, plural, rate } from './format.js';
import { heatmap } from './heatmap.js';
import { splitOf } from './histogram.js';
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

/** The client's time in the chosen range, split; averages of the same exchanges add up. */
function shares(page: Page, index: number): HTMLElement {
  const { from, to } = page.store.view;
  const split = splitOf(page.data, index, from, to);
  const { connectP95, server } = page.edge(index);
  const downstream = split === null ? null : downstreamUs(page, server, split.server);
  const full = Math.max(1, split?.client ?? 0, connectP95 ?? 0);
  return h(
    'div',
    { class: 'shares' },
    h('h4', {}, "Where the client's time goes: averages of the chosen range"),
    bar('response', 'Response', split?.client ?? null, full),
    bar('network', 'network, until read', split?.pickup ?? null, full),
    bar('server', 'in the server', split?.server ?? null, full),
    bar('downstream', 'of it, downstream', downstream, full),
    bar('network', 'network, back', split?.back ?? null, full),
    bar('connect', 'Connect, p95', connectP95, full),
    h(
      'p',
      { class: 'hint' },
      split === null
        ? "No exchange of this range was timed at both ends, so the server's part is not known."
        : "Downstream is what the server's own calls took for each exchange it served, at most: calls at the same time count twice. A connect happens once for each connection; its p95 is of the whole capture.",
    ),
  );
}

/** What the calls of `service` took for each exchange that it served in the chosen range, µs; at most `most`. */
function downstreamUs(page: Page, service: number, most: number): number {
  let [served, called] = [0, 0];
  for (const [index, stats] of page.allStats().entries()) {
    const edge = page.edge(index);
    if (edge.server === service) served += stats.exchanges;
    if (edge.client === service && edge.server !== service) called += stats.sumUs;
  }
  return served === 0 ? 0 : Math.min(most, called / served);
}

/** The slowest exchanges of the edge; a button chooses the time around one. */
function slowest(page: Page, index: number): HTMLElement | null {
  const rows = page.data.slowest.filter(({ edge }) => edge === index);
  if (rows.length === 0) return null;
  const { stepS } = page.data.series;
  return h(
    'div',
    { class: 'slowest' },
    h('h4', {}, 'Slowest exchanges of the whole capture'),
    h(
      'ol',
      {},
      ...rows.map(({ atS, us, serverUs }) => {
        const button = h('button', { type: 'button', class: 'link' }, page.clock(atS, 0.001));
        button.setAttribute('aria-label', `Choose the time around ${page.clock(atS, 0.001)}`);
        button.addEventListener('click', () => {
          const step = Math.floor(atS / stepS);
          page.store.set({ from: step, to: step + 1, playing: false });
        });
        const server = serverUs === null ? '' : `, ${duration(serverUs)} of it in the server`;
        return h('li', {}, h('b', {}, duration(us)), ' at ', button, server);
      }),
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
  const parts = h('div');
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
    parts.replaceChildren(shares(page, index));
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
          parts,
          slowest(page, index),
        ),
        side,
      ),
    );
  };
  draw();
  page.store.subscribe((view, before) => {
    if (view.edge !== before.edge || view.zone !== before.zone) draw();
    else if (view.edge !== null && (view.from !== before.from || view.to !== before.to)) {
      side.replaceChildren(numbers(page, view.edge));
      parts.replaceChildren(shares(page, view.edge));
    }
  });
  return section('detail', 'Chosen edge', null, body);
}
