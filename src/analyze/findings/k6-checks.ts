/** Rule: checks of k6's that failed, and what failed behind them at that moment. */
import type { K6Facts } from '../k6/compare.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import type { Verdict } from '../model.js';
import { count, grouped, percent, edgeName } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { between, cellsIn, spansOf, timesOf, total } from './facts.js';
import type { Rule } from './rule.js';

const LEAST = 3;
const SHARE = 0.01;
/** Failed checks this close together, in steps, are one burst. */
const GAP_STEPS = 2;
const MAX_BURSTS = 3;
/** Most of the failed checks. */
const MOST = 0.5;

export const k6Checks: Rule = {
  kinds: ['k6_failed_checks'],
  tells: 'checks of the load test that failed, and the connections that failed behind them',
  when:
    `${LEAST} or more checks failed in k6, no more than ${GAP_STEPS} steps apart, and ${SHARE * 100} % of the checks of that time. The edge ` +
    'with the most failed connections in those steps is named, the service farthest from k6 first where several have as many. ' +
    'High: a connection failed meanwhile. Otherwise the answers themselves were wrong or late, which no socket shows, or the requests never left k6.',
  advice:
    'Look at the named edge in that range: its failures table has each connection with verdict and evidence. Where no ' +
    'connection failed, read the logs of the service that k6 calls: the answer came, and it was the wrong one.',
  find: ({ k6, ...facts }) => {
    if (k6 === null) return [];
    const failing = [...k6.run.steps].filter(([, step]) => step.checksFailed > 0).map(([i]) => i);
    const spans = spansOf(
      failing.sort((a, b) => a - b),
      GAP_STEPS,
    ).filter((span) => isBurst(k6, span));
    const told =
      spans.length > MAX_BURSTS ? [{ from: spans[0]!.from, to: spans.at(-1)!.to }] : spans;
    return told.map((span) => draft(k6, span, { k6, ...facts }));
  },
};

function checksIn(
  { run }: K6Facts,
  { from, to }: Span,
): { failed: number; all: number; names: string[] } {
  let failed = 0;
  let all = 0;
  const names = new Map<string, number>();
  for (const [index, step] of run.steps) {
    if (index < from || index >= to) continue;
    failed += step.checksFailed;
    all += step.checksFailed + step.checksPassed;
    for (const [name, n] of step.failedChecks) names.set(name, (names.get(name) ?? 0) + n);
  }
  const most = [...names].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return { failed, all, names: most };
}

function isBurst(k6: K6Facts, span: Span): boolean {
  const { failed, all } = checksIn(k6, span);
  return failed >= LEAST && failed >= SHARE * all;
}

function draft(k6: K6Facts, span: Span, facts: Facts): Draft {
  const { failed, all, names } = checksIn(k6, span);
  // A check follows its answer: what failed in the step before may be behind it.
  const behind = worst(facts.edges, { from: span.from - 1, to: span.to }, k6.entry);
  const times = timesOf(span, facts);
  const quoted = names
    .slice(0, 2)
    .map((name) => `"${name}"`)
    .join(', ');
  const said = `${count(failed, 'check')} of k6's failed ${between(times)} (${quoted})`;
  const inside = unopenedIn(k6, span) >= MOST * failed;
  const cause = inside
    ? 'their requests ended in k6 itself, before a packet left it'
    : behind === null
      ? 'no connection failed meanwhile, so the answers themselves were wrong or late'
      : `behind them ${edgeName(behind.edge)} had ${count(behind.failures, 'failed connection')} (${behind.verdict})`;
  return {
    severity: behind === null ? 'medium' : 'high',
    kind: 'k6_failed_checks',
    edge: (behind?.edge ?? k6.entry[0])?.id ?? null,
    ...times,
    sentence: `${said}: ${cause}.`,
    evidence: `${grouped(failed)} of ${grouped(all)} checks of that time (${percent(failed / all)})`,
    depth: 1,
    weight: failed,
  };
}

/** Requests that ended in k6 itself: a check follows its request, at most a step later. */
function unopenedIn({ run }: K6Facts, { from, to }: Span): number {
  let n = 0;
  for (const [index, { unopened }] of run.steps) if (index >= from - 1 && index < to) n += unopened;
  return n;
}

interface Behind {
  edge: EdgeMetrics;
  failures: number;
  verdict: Verdict;
}

/** The edge with the most failed connections; of those alike, the farthest from k6. */
function worst(
  edges: readonly EdgeMetrics[],
  span: Span,
  entry: readonly EdgeMetrics[],
): Behind | null {
  const depths = depthsFrom(edges, entry);
  const failing = edges
    .map((edge) => ({ edge, failures: total(cellsIn(edge, span), (cell) => cell.failures) }))
    .filter(({ edge, failures }) => failures > 0 && depths.has(edge.client));
  failing.sort(
    (a, b) =>
      b.failures - a.failures ||
      depths.get(b.edge.client)! - depths.get(a.edge.client)! ||
      a.edge.id - b.edge.id,
  );
  const [first] = failing;
  return first === undefined ? null : { ...first, verdict: verdictOf(first.edge, span) };
}

function verdictOf(edge: EdgeMetrics, span: Span): Verdict {
  const sums = new Map<Verdict, number>();
  for (const { verdicts } of cellsIn(edge, span)) {
    for (const [verdict, n] of Object.entries(verdicts ?? {}) as [Verdict, number][]) {
      sums.set(verdict, (sums.get(verdict) ?? 0) + n);
    }
  }
  return [...sums].sort((a, b) => b[1] - a[1])[0]![0];
}

/** Services that k6's requests may reach, and over how many edges. */
function depthsFrom(
  edges: readonly EdgeMetrics[],
  entry: readonly EdgeMetrics[],
): Map<string, number> {
  const depths = new Map(entry.map(({ client }) => [client, 0]));
  for (const [service, depth] of depths) {
    for (const { client, server } of edges) {
      if (client === service && !depths.has(server)) depths.set(server, depth + 1);
    }
  }
  return depths;
}
