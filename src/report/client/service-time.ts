/** What a service itself takes, told from the exchanges that both ends timed. */
import { splitOf } from './histogram.js';
import type { Page } from './page.js';

/** Average time in the server on the edges `inbound` in the chosen range, µs, weighted by exchanges; null where no end timed it. */
export function serverUs(page: Page, inbound: readonly number[]): number | null {
  const { from, to } = page.store.view;
  let [sum, weight] = [0, 0];
  for (const index of inbound) {
    const split = splitOf(page.data, index, from, to);
    if (split === null) continue;
    const { exchanges } = page.stats(index);
    sum += split.server * exchanges;
    weight += exchanges;
  }
  return weight === 0 ? null : sum / weight;
}
