/** The one edge that stands for all edges that were folded away. */
import type { Analysis, Edge, Verdict } from '../analyze/model.js';

/** The name that the folded edges' services share. */
const OTHER = 'other';

/**
 * Adds up `folded`. Counts are exact; times are the ones that adding up can give (the average), while
 * quantiles of the whole are not known and stay null.
 */
export function otherEdge(analysis: Analysis, folded: readonly Edge[]): Edge {
  const total = (value: (edge: Edge) => number): number =>
    folded.reduce((sum, edge) => sum + value(edge), 0);
  const failuresByVerdict: Partial<Record<Verdict, number>> = {};
  for (const edge of folded) {
    for (const [verdict, n] of Object.entries(edge.failuresByVerdict) as [Verdict, number][]) {
      failuresByVerdict[verdict] = (failuresByVerdict[verdict] ?? 0) + n;
    }
  }
  const exchanges = total((edge) => edge.exchanges);
  const flagged = total((edge) => edge.flagged);
  const measuredUs = total((edge) => (edge.avgUs ?? 0) * (edge.exchanges - edge.flagged));
  return {
    // Below every real id, so that it can never be taken for one.
    id: Math.min(0, ...analysis.edges.map((edge) => edge.id)) - 1,
    client: OTHER,
    server: OTHER,
    port: 0,
    via: null,
    connections: total((edge) => edge.connections),
    failures: total((edge) => edge.failures),
    failuresByVerdict,
    exchanges,
    flagged,
    avgUs: exchanges > flagged ? measuredUs / (exchanges - flagged) : null,
    p50Us: null,
    p95Us: null,
    p99Us: null,
    connectP95Us: null,
    serverP95Us: null,
    retransmits: total((edge) => edge.retransmits),
    bytesSent: total((edge) => edge.bytesSent),
    bytesReceived: total((edge) => edge.bytesReceived),
    coverage: Math.min(1, ...folded.map((edge) => edge.coverage)),
    lifeP50Us: null,
    open: total((edge) => edge.open),
  };
}
