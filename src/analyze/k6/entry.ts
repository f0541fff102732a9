/** Which edges are k6's own: whose client is k6, or the container that it ran in. */
import type { EdgeMetrics } from '../metrics/edges.js';
import type { Workload } from '../model.js';
import type { K6Run } from './model.js';

/** An edge is not k6's where it has less than this share of k6's requests, or more than its inverse. */
const ALIKE = 0.5;

/** Edges of one client service, busiest first; empty where none looks like k6's. */
export function entryEdges(
  run: K6Run,
  edges: readonly EdgeMetrics[],
  workloads: readonly Workload[],
): EdgeMetrics[] {
  const named = new Set(
    workloads.filter(({ comm, name }) => comm === 'k6' || name === 'k6').map((w) => w.service),
  );
  const called = edges.filter((edge) => isTarget(edge, run.targets));
  const from = (pool: readonly EdgeMetrics[]): EdgeMetrics[] =>
    closest(pool, run.totals.requests).sort((a, b) => b.exchanges - a.exchanges || a.id - b.id);
  const own = edges.filter(({ client }) => named.has(client));
  const ownCalled = own.filter((edge) => called.includes(edge));
  if (ownCalled.length > 0) return from(ownCalled);
  if (own.length > 0) return from(own);
  if (called.length > 0) return from(called);
  const served = new Set(edges.map(({ server }) => server));
  const first = from(edges.filter(({ client }) => !served.has(client)));
  const seen = first.reduce((sum, { exchanges }) => sum + exchanges, 0);
  const { requests } = run.totals;
  return seen >= ALIKE * requests && ALIKE * seen <= requests ? first : [];
}

function isTarget(edge: EdgeMetrics, targets: readonly string[]): boolean {
  return targets.includes(`${edge.server}:${edge.port}`);
}

/** The edges of the one client whose exchanges are nearest to k6's requests. */
function closest(pool: readonly EdgeMetrics[], requests: number): EdgeMetrics[] {
  const byClient = new Map<string, EdgeMetrics[]>();
  for (const edge of pool) byClient.set(edge.client, [...(byClient.get(edge.client) ?? []), edge]);
  const distance = (edges: readonly EdgeMetrics[]): number =>
    Math.abs(edges.reduce((sum, { exchanges }) => sum + exchanges, 0) - requests);
  return [...byClient.values()].sort((a, b) => distance(a) - distance(b))[0] ?? [];
}
