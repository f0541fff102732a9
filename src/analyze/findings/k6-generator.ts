/** Rule: k6 itself was the bottleneck: its time is not in the sockets. */
import { formatDuration } from '../../base/time.js';
import type { K6Facts } from '../k6/compare.js';
import { count, percent } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { cellsIn, timesOf, total } from './facts.js';
import { entryNames, spanOf } from './k6-counts.js';
import type { Rule } from './rule.js';

/** So much of k6's time for a request outside of the sockets … */
const SHARE = 0.2;
/** … and at least so much for each request, below which nobody waits. */
const LEAST_US = 1000;
/** So many requests that were never sent, or iterations that were never begun. */
const LEAST = 10;
const LOST_SHARE = 0.01;
/** VUs that wait for sockets for less than this share of their time were held up by something else. */
const BUSY = 0.5;

export const k6Generator: Rule = {
  kinds: ['generator_bottleneck'],
  tells: 'the load generator as the bottleneck: time of k6 that is not in the sockets',
  when:
    `${SHARE * 100} % or more of the time that k6 counts for its requests, and ${LEAST_US / 1000} ms a request or more, is not in its ` +
    'sockets: before there is a connection (http_req_blocked without connecting and TLS), or as http_req_waiting above the ' +
    `sockets' own time to first byte (not told with TLS). Or ${LEAST} requests or more, and ${LOST_SHARE * 100} % of all, failed in k6 before a packet left it: no local ` +
    `port, no free file, no such name (k6's error codes, less the connections that failed in its sockets). Or as many iterations were dropped while VUs spent less than ${BUSY * 100} % of their time ` +
    'waiting for sockets.',
  advice:
    'Do not judge the system by this run. Give the generator more: CPUs, local ports (net.ipv4.ip_local_port_range), open files, VUs; ' +
    'keep connections open instead of one for each request; or spread it over more machines.',
  find: ({ k6, ...facts }) =>
    k6 === null || k6.run.kind !== 'points' ? [] : bottleneck(k6, { k6, ...facts }),
};

function bottleneck(k6: K6Facts, facts: Facts): Draft[] {
  const span = spanOf(k6);
  if (span === null || k6.entry.length === 0) return [];
  if (facts.coverage.share(span.from, span.to) < 1) return [];
  const reasons = [unsent(k6, span), outside(k6, span), dropped(k6, span, facts)].filter(
    (one) => one !== null,
  );
  if (reasons.length === 0) return [];
  const names = entryNames(k6.entry);
  return [
    {
      severity: 'high',
      kind: 'generator_bottleneck',
      edge: k6.entry[0]!.id,
      ...timesOf(span, facts),
      sentence: `The load generator was the bottleneck, not what is behind ${names}: ${reasons.map(({ words }) => words).join('; ')}.`,
      evidence: reasons.map(({ evidence }) => evidence).join('; '),
      // What it says of the load holds for all other findings.
      depth: -1,
      weight: k6.run.totals.requests,
    },
  ];
}

interface Reason {
  words: string;
  evidence: string;
}

/** Requests that ended in k6 itself. */
function unsent({ run, entry }: K6Facts, span: Span): Reason | null {
  const { unopened, requests } = run.totals;
  const failed = entry.reduce(
    (sum, edge) => sum + total(cellsIn(edge, span), (cell) => cell.failures + cell.unansweredSyns),
    0,
  );
  const n = unopened - failed;
  if (n < LEAST || n < LOST_SHARE * requests) return null;
  return {
    words: `${count(n, 'request')} (${percent(n / requests)}) failed in k6 before a packet left it`,
    evidence: `k6 says: ${run.errors.join(' | ')}`,
  };
}

/** Time of k6's requests that its sockets do not have. */
function outside({ run, entry }: K6Facts, span: Span): Reason | null {
  const { blockedUs, connectingUs, tlsUs, waitingUs, durationUs, requests, unanswered } =
    run.totals;
  const answered = requests - unanswered;
  const cells = entry.flatMap((edge) => cellsIn(edge, span));
  const timed = total(cells, (cell) => cell.latency?.total ?? 0);
  if (timed === 0 || answered <= 0) return null;
  const before = Math.max(0, blockedUs - connectingUs - tlsUs);
  // Means, so that requests which one side does not have do not count as time.
  const firstByteUs = total(cells, (cell) => cell.sumUs) / timed;
  // The turns of TLS handshakes are among the exchanges, and shorter.
  const waiting = tlsUs > 0 ? 0 : Math.max(0, waitingUs / answered - firstByteUs) * answered;
  const us = before + waiting;
  const share = us / (blockedUs + durationUs);
  if (share < SHARE || us / requests < LEAST_US) return null;
  const mean = (sum: number, n: number): string => formatDuration((sum / n) * 1e3);
  return {
    words: `${percent(share)} of the time of its requests is not in the sockets (${mean(us, requests)} for each)`,
    evidence:
      `mean for each request: ${mean(before, requests)} before there was a connection, ` +
      `${mean(waitingUs, answered)} waiting by k6's clock, ${formatDuration(firstByteUs * 1e3)} to the first byte in the sockets`,
  };
}

/** Iterations that k6 could not begin, though its VUs were not waiting for the system. */
function dropped({ run, entry }: K6Facts, span: Span, { steps }: Facts): Reason | null {
  const { dropped: n, iterations, maxVus } = run.totals;
  if (n < LEAST || n < LOST_SHARE * (iterations + n) || maxVus === null) return null;
  const waitedUs = entry.reduce(
    (sum, edge) => sum + total(cellsIn(edge, span), (cell) => cell.sumUs),
    0,
  );
  let vuSeconds = 0;
  let vus = 0;
  for (let step = span.from; step < span.to; step++) {
    vus = run.steps.get(step)?.vus ?? vus;
    vuSeconds += (vus * steps.stepNs) / 1e9;
  }
  const busy = vuSeconds === 0 ? 1 : waitedUs / 1e6 / vuSeconds;
  if (busy >= BUSY) return null;
  return {
    words: `${count(n, 'iteration was', 'iterations were')} dropped, while its VUs waited for sockets for ${percent(busy)} of their time`,
    evidence: `${count(iterations, 'iteration')} ran, with ${maxVus} VUs at most`,
  };
}
