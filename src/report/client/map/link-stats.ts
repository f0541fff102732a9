/** Numbers of a link in the chosen range: one edge's, or several edges' together. */
import type { Page } from '../page.js';
import type { MapLink } from './model.js';

export interface LinkStats {
  exchanges: number;
  connections: number;
  failures: number;
  retransmits: number;
  open: number;
  /** Exchanges per second. */
  rate: number;
  /** The edge's p95 in µs; of several edges, the slowest one's: percentiles do not add up. */
  p95: number | null;
  /** The edge whose p95 that is. */
  slowest: number | null;
}

/** Adds up the edges of `link`. */
export function linkStats(page: Page, { edges }: MapLink): LinkStats {
  const sum: LinkStats = {
    exchanges: 0,
    connections: 0,
    failures: 0,
    retransmits: 0,
    open: 0,
    rate: 0,
    p95: null,
    slowest: null,
  };
  for (const index of edges) {
    const stats = page.stats(index);
    sum.exchanges += stats.exchanges;
    sum.connections += stats.connections;
    sum.failures += stats.failures;
    sum.retransmits += stats.retransmits;
    sum.open += stats.open;
    sum.rate += stats.rate;
    if (stats.p95 !== null && stats.p95 > (sum.p95 ?? -1)) {
      sum.p95 = stats.p95;
      sum.slowest = index;
    }
  }
  return sum;
}
