/** Rule: connections of one edge that failed in the same way at about the same time. */
import type { Cell } from '../metrics/cells.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import type { Verdict } from '../model.js';
import { count, grouped, edgeName } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { between, cellsIn, spansOf, timesOf, total } from './facts.js';
import type { Rule } from './rule.js';

/** One or two failures among others happen to anybody, and stand in the table of failures. */
const LEAST = 3;
/** Failures this close together, in steps, are one burst. */
const GAP_STEPS = 2;
/** More bursts of one kind than this on one edge are told as one finding: five equal sentences say less than one. */
const MAX_BURSTS = 3;
/** From this share of the edge's connections on, the edge does not do its work. */
const SERIOUS_SHARE = 0.05;

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

export const failureBursts: Rule = {
  kinds: Object.keys(WORDS).map((verdict) => `failures_${verdict}`),
  tells: 'a burst of failed connections on an edge',
  when:
    `${LEAST} or more connections of one edge fail in the same way, no more than ${GAP_STEPS} steps apart; fewer only ` +
    `where they are all that the edge ever had. More than ${MAX_BURSTS} bursts of one kind are told together. Resets ` +
    'by a client that is silent ever after are its end, and no finding. ' +
    `High: every attempt of that time, or ${SERIOUS_SHARE * 100} % of the edge's connections.`,
  advice:
    'Refused: the server was not listening; look at its restarts. Timed out or no path: firewall, address or a dead ' +
    'host. Reset: read the evidence of the connections in the table of failures; unread bytes mean that a process ' +
    'closed without reading. Never accepted: see `queue_full`.',
  find: (facts) =>
    facts.edges.flatMap((edge) =>
      (Object.keys(WORDS) as Verdict[]).flatMap((verdict) => burstsOf(edge, verdict, facts)),
    ),
};

function burstsOf(edge: EdgeMetrics, verdict: Verdict, facts: Facts): Draft[] {
  const failed = edge.failuresByVerdict[verdict] ?? 0;
  if (failed === 0) return [];
  const all = failed === edge.connections;
  const cells = edge.cells;
  const failing = cells.filter(([, cell]) => (cell.verdicts?.[verdict] ?? 0) > 0);
  const spans = spansOf(
    failing.map(([step]) => step),
    GAP_STEPS,
  ).filter(
    (span) =>
      (all || failuresIn(edge, verdict, span) >= LEAST) &&
      (verdict !== 'reset_by_client' || worksOn(cells, span)),
  );
  const told: Span[] =
    spans.length > MAX_BURSTS ? [{ from: spans[0]!.from, to: spans.at(-1)!.to }] : spans;
  return told.map((span) =>
    burst(edge, verdict, span, told.length < spans.length ? spans.length : 1, facts),
  );
}

function failuresIn(edge: EdgeMetrics, verdict: Verdict, span: Span): number {
  return total(cellsIn(edge, span), (cell) => cell.verdicts?.[verdict] ?? 0);
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
  const failed = failuresIn(edge, verdict, span);
  const attempts = total(cellsIn(edge, span), (cell) => cell.connections);
  const times = timesOf(span, facts);
  const every = attempts > 0 && failed >= attempts;
  const share = !AT_CONNECT.has(verdict)
    ? ''
    : every
      ? ', every attempt in that time'
      : `, ${grouped(failed)} of ${grouped(attempts)} attempts in that time`;
  const inBursts = bursts > 1 ? `, in ${bursts} bursts` : '';
  const words = WORDS[verdict]!(edge);
  const serious = every || failed >= SERIOUS_SHARE * Math.max(1, edge.connections);
  return {
    severity: failed < LEAST ? 'low' : serious ? 'high' : 'medium',
    kind: `failures_${verdict}`,
    edge: edge.id,
    ...times,
    sentence: `${edgeName(edge)}: ${count(failed, 'connection')} ${words} ${between(times)}${ERRNO[verdict] ?? ''}${share}${inBursts}.`,
    evidence: `verdict ${verdict}: ${failed} of ${edge.connections} connections of this edge`,
    depth: 0,
    weight: failed,
  };
}
