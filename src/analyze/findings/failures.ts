/** Rule: connections of one edge that failed in the same way at about the same time. */
import type { Cell, EdgeMetrics } from '../metrics/edges.js';
import type { Verdict } from '../model.js';
import { count, grouped, seconds } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { edgeName, spansOf, timesOf } from './facts.js';

/** Failures this close together, in steps, are one burst. */
const GAP_STEPS = 2;

/** More bursts of one kind than this on one edge are told as one finding. */
const MAX_BURSTS = 3;

const WORDS: Partial<Record<Verdict, (edge: EdgeMetrics) => string>> = {
  refused: () => 'refused',
  timeout: () => 'timed out',
  unreachable: () => 'found no path to the server',
  reset_by_client: (edge) => `reset by ${edge.client}`,
  reset_by_server: (edge) => `reset by ${edge.server}`,
  never_accepted: (edge) => `never accepted by ${edge.server}`,
};

const ERRNO: Partial<Record<Verdict, string>> = {
  refused: ' (ECONNREFUSED)',
  timeout: ' (ETIMEDOUT)',
};

/** Verdicts that end an attempt, so that the attempts of the same time are the right measure. */
const AT_CONNECT: ReadonlySet<Verdict> = new Set<Verdict>(['refused', 'timeout', 'unreachable']);

export function failureBursts(facts: Facts): Draft[] {
  return facts.edges.flatMap((edge) =>
    (Object.keys(WORDS) as Verdict[]).flatMap((verdict) => burstsOf(edge, verdict, facts)),
  );
}

function burstsOf(edge: EdgeMetrics, verdict: Verdict, facts: Facts): Draft[] {
  if ((edge.failuresByVerdict[verdict] ?? 0) === 0) return [];
  const cells = edge.cells;
  const failing = cells.filter(([, cell]) => (cell.verdicts?.[verdict] ?? 0) > 0);
  const spans = spansOf(
    failing.map(([step]) => step),
    GAP_STEPS,
  );
  const told: Span[] =
    spans.length > MAX_BURSTS ? [{ from: spans[0]!.from, to: spans.at(-1)!.to }] : spans;
  return told
    .filter((span) => verdict !== 'reset_by_client' || worksOn(cells, span))
    .map((span) =>
      burst(edge, verdict, span, told.length < spans.length ? spans.length : 1, facts),
    );
}

/** A client that resets its connections and then falls silent has ended; that is no trouble. */
function worksOn(cells: readonly [number, Cell][], span: Span): boolean {
  return cells.some(([step, cell]) => step >= span.to && cell.exchanges + cell.connections > 0);
}

function burst(
  edge: EdgeMetrics,
  verdict: Verdict,
  span: Span,
  bursts: number,
  facts: Facts,
): Draft {
  let failed = 0;
  let attempts = 0;
  for (const [step, cell] of edge.cells) {
    if (step < span.from || step >= span.to) continue;
    failed += cell.verdicts?.[verdict] ?? 0;
    attempts += cell.connections;
  }
  const times = timesOf(span, facts);
  const when = `between ${seconds(times.startNs)} and ${seconds(times.endNs)}`;
  const total = attempts > 0 && failed >= attempts;
  const measured = AT_CONNECT.has(verdict);
  const share = !measured
    ? ''
    : total
      ? ', every attempt in that time'
      : `, ${grouped(failed)} of ${grouped(attempts)} attempts in that time`;
  const inBursts = bursts > 1 ? `, in ${bursts} bursts` : '';
  const words = WORDS[verdict]!(edge);
  const serious = total || failed >= 0.05 * Math.max(1, edge.connections);
  return {
    severity: failed >= 3 && serious ? 'high' : failed >= 3 ? 'medium' : 'low',
    kind: `failures_${verdict}`,
    edge: edge.id,
    ...times,
    sentence: `${edgeName(edge)}: ${count(failed, 'connection')} ${words} ${when}${ERRNO[verdict] ?? ''}${share}${inBursts}.`,
    evidence: `verdict ${verdict}: ${failed} of ${edge.connections} connections of this edge`,
    weight: failed,
  };
}

/** Rule: attempts that nobody answered, given up by the application before the kernel did. */
export function silentServers(facts: Facts): Draft[] {
  const drafts: Draft[] = [];
  for (const edge of facts.edges) {
    const silent = edge.cells.filter(([, cell]) => cell.unansweredSyns > 0);
    for (const span of spansOf(
      silent.map(([step]) => step),
      GAP_STEPS,
    )) {
      const given = silent
        .filter(([step]) => step >= span.from && step < span.to)
        .reduce((sum, [, cell]) => sum + cell.unansweredSyns, 0);
      const times = timesOf(span, facts);
      drafts.push({
        severity: given >= 3 ? 'high' : 'medium',
        kind: 'no_answer',
        edge: edge.id,
        ...times,
        sentence:
          `${edgeName(edge)}: ${count(given, 'attempt')} to connect got no answer between ` +
          `${seconds(times.startNs)} and ${seconds(times.endNs)}, and ${edge.client} gave up.`,
        evidence: 'SYN sent more than once, then closed by the application without an error',
        weight: given,
      });
    }
  }
  return drafts;
}
