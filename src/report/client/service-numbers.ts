/** What some services do in the chosen range: the edges that come in, go out, and stay among them. */
import type { Page } from './page.js';

export interface ServiceNumbers {
  /** Indexes of edges. */
  inbound: number[];
  outbound: number[];
  within: number[];
  /** Exchanges per second that others ask of them, and that they ask of others. */
  called: number;
  calls: number;
  /** Connections to them that failed. */
  failed: number;
  /** The highest p95 of the inbound edges, µs. */
  slowest: number | null;
}

/** Adds up the edges of `services` (indexes). A single service's calls to itself count as inbound and outbound. */
export function serviceNumbers(page: Page, services: readonly number[]): ServiceNumbers {
  const among = new Set(services);
  const sum: ServiceNumbers = {
    inbound: [],
    outbound: [],
    within: [],
    called: 0,
    calls: 0,
    failed: 0,
    slowest: null,
  };
  for (const [index, stats] of page.allStats().entries()) {
    const { client, server } = page.edge(index);
    const [from, to] = [among.has(client), among.has(server)];
    if (!from && !to) continue;
    if (from && to && services.length > 1) {
      sum.within.push(index);
      continue;
    }
    if (from) {
      sum.outbound.push(index);
      sum.calls += stats.rate;
    }
    if (!to) continue;
    sum.inbound.push(index);
    sum.called += stats.rate;
    sum.failed += stats.failures;
    if (stats.p95 !== null) sum.slowest = Math.max(sum.slowest ?? 0, stats.p95);
  }
  return sum;
}

/**
 * What the calls of a service took for each exchange that it served, µs, and what it took itself; null
 * where it served none. Calls at the same time count twice, so it is an upper bound.
 */
export function downstreamUs(page: Page, service: number): number | null {
  let [served, called] = [0, 0];
  for (const [index, stats] of page.allStats().entries()) {
    const { client, server } = page.edge(index);
    if (server === service) served += stats.exchanges;
    if (client === service && server !== service) called += stats.sumUs;
  }
  return served === 0 ? null : called / served;
}
