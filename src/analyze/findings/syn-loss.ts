/** Rule: handshakes that took a second or more, because a SYN or its answer was lost on the way. */
import { formatDuration } from '../../base/time.js';
import { count, grouped, edgeName } from '../words.js';
import type { Draft } from './facts.js';
import { between, cellsIn, spansOf, timesOf, total } from './facts.js';
import { hasFullQueue } from './queues.js';
import type { Rule } from './rule.js';

/** Two may be chance on any network. */
const LEAST = 3;
/** Late handshakes this close together, in steps, belong together: each takes one to several seconds itself. */
const GAP_STEPS = 5;
/** From this share of the connections of that time on, users notice. */
const SERIOUS_SHARE = 0.01;

export const synLoss: Rule = {
  kinds: ['syn_loss'],
  tells: 'connects that took 1 s, 3 s or longer because SYNs were lost',
  when:
    `${LEAST} or more handshakes of one edge took 0.95 s or longer and had segments sent again: the kernel sends a SYN ` +
    'again after 1 s, and after 2 s more (Linux 6.5 and newer: after 1 s more). Handshakes that were merely slow do ' +
    'not count, and where the queue of the listener was full that is the finding. ' +
    `High: ${SERIOUS_SHARE * 100} % of the connections of that time.`,
  advice:
    'Packets are dropped between the two: look at the drops of interfaces and bridges, at conntrack (a full table drops SYNs ' +
    'silently) and at firewalls that limit rates.',
  find: (facts) =>
    facts.edges.flatMap((edge) => {
      if (hasFullQueue(edge, facts.overflows)) return [];
      const late = edge.cells.filter(([, cell]) => cell.lateConnects > 0);
      return spansOf(
        late.map(([step]) => step),
        GAP_STEPS,
      ).flatMap((span): Draft[] => {
        const cells = cellsIn(edge, span);
        const n = total(cells, (cell) => cell.lateConnects);
        if (n < LEAST) return [];
        const all = total(cells, (cell) => cell.connections);
        const times = timesOf(span, facts);
        return [
          {
            severity: n >= SERIOUS_SHARE * all ? 'high' : 'medium',
            kind: 'syn_loss',
            edge: edge.id,
            ...times,
            sentence:
              `${edgeName(edge)}: ${grouped(n)} of ${count(all, 'connect')} ${between(times)} took 1 s or longer, up to ` +
              `${formatDuration(edge.latestConnectUs * 1e3)}, because SYNs or their answers were lost.`,
            evidence: `${total(cells, (cell) => cell.synRetransmits)} SYNs sent again in that time`,
            depth: 0,
            weight: n,
          },
        ];
      });
    }),
};
