/** The button that stands for an edge in a row of a table. */
import { h, nameOf } from './dom.js';
import { edgeSentence } from './edge-tip.js';
import type { Page } from './page.js';

/** With a dot in the colour of `p95`, µs; the row does what is chosen. */
export function edgeRowButton(page: Page, index: number, p95: number | null): HTMLButtonElement {
  return h(
    'button',
    { type: 'button', class: 'edge-button', 'aria-label': edgeSentence(page, index) },
    h('i', { class: `dot ${page.speed.className(p95)}`, 'aria-hidden': 'true' }),
    nameOf(page.edgeName(index)),
  );
}
