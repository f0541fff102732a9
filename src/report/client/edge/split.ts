/** Where the client's time goes on one edge, in the chosen range: one bar, cut where the time was spent. */
import { h } from '../dom.js';
import { duration, percent } from '../format.js';
import { splitOf } from '../histogram.js';
import type { Page } from '../page.js';
import { downstreamUs } from '../service-numbers.js';

function row(
  className: string,
  name: string,
  us: number | null,
  share: number | null,
): HTMLElement {
  return h(
    'div',
    { class: 'share' },
    h('i', { class: `swatch-box ${className}`, 'aria-hidden': 'true' }),
    h('span', {}, name),
    h('b', {}, duration(us)),
    h('span', { class: 'muted' }, share === null ? '' : percent(share)),
  );
}

/** The split of edge `index`; averages of the same exchanges, so its parts add up. */
export function splitView(page: Page, index: number): HTMLElement {
  const { from, to } = page.store.view;
  const split = splitOf(page.data, index, from, to);
  const { connectP95, server } = page.edge(index);
  const connect = row('connect', 'Connect, p95 of the whole capture', connectP95, null);
  const title = h('h4', {}, "Where the client's time goes: average exchange of the chosen range");
  if (split === null) {
    const words =
      "No exchange of this range was timed at both ends, so the server's part is not known.";
    return h('div', { class: 'shares' }, title, connect, h('p', { class: 'hint' }, words));
  }
  const downstream = Math.min(split.server, downstreamUs(page, server) ?? 0);
  const parts = [
    ['pickup', 'Network and waiting, until the server reads the request', split.pickup],
    ['server', 'Server itself', split.server - downstream],
    ['downstream', "Downstream: the server's own calls, at most", downstream],
    ['network', 'Network, back', split.back],
  ] as const;
  const full = Math.max(1e-9, split.client);
  const bar = h(
    'div',
    { class: 'stack', 'aria-hidden': 'true' },
    ...parts.map(([className, , us]) => {
      const piece = h('i', { class: className });
      piece.style.width = `${(100 * us) / full}%`;
      return piece;
    }),
  );
  return h(
    'div',
    { class: 'shares' },
    title,
    bar,
    ...parts.map(([className, name, us]) => row(className, name, us, us / full)),
    row('none', 'Whole response', split.client, null),
    connect,
    h(
      'p',
      { class: 'hint' },
      'Calls of the server at the same time count twice in downstream. A connect happens once for each connection.',
    ),
  );
}
