/** Rules: connections that one end has closed and the other never does, and connections that nobody ever closes. */
import { formatDuration } from '../../base/time.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import { count, edgeName } from '../words.js';
import type { Draft, Facts } from './facts.js';
import { between } from './facts.js';
import type { Rule } from './rule.js';

/** Fewer may be a pool. */
const LEAST_IDLE = 10;
/** A pool is filled within moments; a leak goes on: so much of the capture lies between the first and the last. */
const SPREAD = 0.5;

export const leaks: Rule = {
  kinds: ['leak', 'leak_idle'],
  tells: 'connections that are never closed',
  when:
    '`leak`: a FIN came in more than `--stale-after` ago, none was sent, and the last census found the socket in a process. ' +
    `\`leak_idle\`: ${LEAST_IDLE} or more connections of one edge were opened during the capture, fell silent for longer ` +
    'than `--stale-after` and are still open, and at least ' +
    `${SPREAD * 100} % of the capture lies between the first and the last of them. A pool is filled within moments, and is none.`,
  advice:
    'A process forgets to close its sockets: read its error paths. The end whose peer has closed is in CLOSE_WAIT ' +
    '(`ss -tp state close-wait`).',
  find: (facts) =>
    facts.edges.flatMap((edge) => [...leftBehind(edge, facts), ...neverClosed(edge, facts)]),
};

function leftBehind(edge: EdgeMetrics, { capture }: Facts): Draft[] {
  const { count: n, sinceNs } = edge.leftBehind;
  if (n === 0) return [];
  const longest = formatDuration(capture.durationNs - sinceNs);
  return [
    {
      severity: 'medium',
      kind: 'leak',
      edge: edge.id,
      startNs: sinceNs,
      endNs: capture.durationNs,
      sentence:
        `${edgeName(edge)}: ${count(n, 'connection')} closed by one end and still held open by the other ` +
        `when the capture ended, for up to ${longest}.`,
      evidence: 'a FIN came in, none was sent, and the last census found the socket in a process',
      depth: 0,
      weight: n,
    },
  ];
}

function neverClosed(edge: EdgeMetrics, { capture }: Facts): Draft[] {
  const { count: n, firstNs, lastNs } = edge.idle;
  if (n < LEAST_IDLE || lastNs - firstNs < SPREAD * capture.durationNs) return [];
  const times = { startNs: firstNs, endNs: lastNs };
  return [
    {
      severity: 'medium',
      kind: 'leak_idle',
      edge: edge.id,
      startNs: firstNs,
      endNs: capture.durationNs,
      sentence:
        `${edgeName(edge)}: ${count(n, 'connection')} opened one after the other ${between(times)}, ` +
        'used no more and never closed.',
      evidence: `${edge.open} of ${edge.connections} connections of this edge are open at the end`,
      depth: 0,
      weight: n,
    },
  ];
}
