/** Rule: requests that k6 counts and no socket shows, and the reverse. */
import type { K6Facts } from '../k6/compare.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import { count, grouped, percent, edgeName } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { cellsIn, timesOf, total } from './facts.js';
import type { Rule } from './rule.js';

/** A handful of requests may be under way when either side begins or ends … */
const LEAST = 10;
/** … and less than this share of all is no difference that anybody must explain. */
const SHARE = 0.01;

export const k6Counts: Rule = {
  kinds: ['k6_unseen_requests', 'k6_uncounted_exchanges'],
  tells: 'requests that k6 counts and no socket shows, or the reverse',
  when:
    `k6's requests that got an answer and the exchanges on the edges of its own differ by ${LEAST} or more and by ` +
    `${SHARE * 100} % or more, in the time in which k6 sent requests. Where events were lost there is no finding: the ` +
    'sockets are lower bounds then. An edge is k6’s where its client is a process or container that runs k6, or ' +
    'where its server is what k6’s addresses name. With TLS only the first is told: handshakes are exchanges too.',
  advice:
    'Unseen: a filter of the recording leaves them out, a proxy or cache answers them, or they go over HTTP/2, where one ' +
    'connection carries many at a time. Uncounted: somebody else calls the same service from the same place ' +
    '(health checks, a second load generator), or the k6 file is not the whole run.',
  find: ({ k6, ...facts }) =>
    k6 === null || k6.run.kind !== 'points' ? [] : difference(k6, { k6, ...facts }),
};

/** The steps in which k6 sent requests. */
export function spanOf({ run }: K6Facts): Span | null {
  const busy = [...run.steps].filter(([, step]) => step.requests > 0).map(([index]) => index);
  if (busy.length === 0) return null;
  return { from: Math.min(...busy), to: Math.max(...busy) + 1 };
}

/** `load → gateway:8080`, or several of them. */
export function entryNames(entry: readonly EdgeMetrics[]): string {
  return entry.slice(0, 3).map(edgeName).join(', ');
}

function difference(k6: K6Facts, facts: Facts): Draft[] {
  const span = spanOf(k6);
  if (span === null || facts.coverage.share(span.from, span.to) < 1) return [];
  let answered = 0;
  for (const { requests, unanswered } of k6.run.steps.values()) answered += requests - unanswered;
  const seen = k6.entry.reduce(
    (sum, edge) => sum + total(cellsIn(edge, span), (cell) => cell.exchanges),
    0,
  );
  const more = Math.max(answered, seen);
  const apart = Math.abs(answered - seen);
  if (apart < LEAST || apart < SHARE * more) return [];
  const unseen = answered > seen;
  // A TLS handshake is turns on the connection too.
  if (!unseen && k6.run.totals.tlsUs > 0) return [];
  const sockets =
    k6.entry.length === 0
      ? 'no edge of this capture is its own'
      : `the sockets of ${entryNames(k6.entry)} show ${count(seen, 'exchange')}`;
  return [
    {
      severity: 'medium',
      kind: unseen ? 'k6_unseen_requests' : 'k6_uncounted_exchanges',
      edge: k6.entry[0]?.id ?? null,
      ...timesOf(span, facts),
      sentence:
        `k6 counts ${count(answered, 'answered request')}, and ${sockets}: ${grouped(apart)} ` +
        `(${percent(apart / more)}) ${unseen ? 'are in no socket' : 'are not k6’s'}.`,
      evidence: `${grouped(k6.run.totals.unanswered)} more of k6's requests got no answer`,
      depth: 0,
      weight: apart,
    },
  ];
}
