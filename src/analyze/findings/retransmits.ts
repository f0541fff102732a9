/** Rule: many segments had to be sent again on established connections. */
import type { Cell } from '../metrics/cells.js';
import { count, percent, edgeName } from '../words.js';
import type { Draft } from './facts.js';
import { between, cellsIn, spansOf, timesOf, total } from './facts.js';
import type { Rule } from './rule.js';

/** Fewer are lost on a healthy path now and then. */
const LEAST = 10;
/** As a share of the exchanges and connections of that time, each of which is at least one segment each way. */
const SHARE = 0.02;
/** Segments sent again this close together, in steps, are one burst. */
const GAP_STEPS = 2;

export const retransmitBursts: Rule = {
  kinds: ['retransmits'],
  tells: 'a burst of retransmitted segments',
  when:
    `${LEAST} or more segments of established connections of one edge are sent again, no more than ${GAP_STEPS} steps ` +
    `apart, and at least ${SHARE * 100} for each 100 exchanges and connections of that time. SYNs are left to \`syn_loss\`.`,
  advice:
    'Packets are lost or late between the two: look at the drops of interfaces, at shaping and at the load of the hosts. ' +
    'On one machine it is usually a full queue of a virtual interface.',
  find: (facts) =>
    facts.edges.flatMap((edge) => {
      const again = edge.cells.filter(([, cell]) => dataAgain(cell) > 0);
      return spansOf(
        again.map(([step]) => step),
        GAP_STEPS,
      ).flatMap((span): Draft[] => {
        const cells = cellsIn(edge, span);
        const n = total(cells, dataAgain);
        const work = total(cells, (cell) => cell.exchanges + cell.connections);
        if (n < LEAST || n < SHARE * work) return [];
        const times = timesOf(span, facts);
        return [
          {
            severity: 'medium',
            kind: 'retransmits',
            edge: edge.id,
            ...times,
            sentence: `${edgeName(edge)}: ${count(n, 'segment')} had to be sent again ${between(times)}, for ${count(
              total(cells, (cell) => cell.exchanges),
              'exchange',
            )}.`,
            evidence: `${n} retransmits, ${percent(work === 0 ? 1 : n / work)} of the exchanges and connections of that time`,
            depth: 0,
            weight: n,
          },
        ];
      });
    }),
};

function dataAgain(cell: Cell): number {
  return cell.retransmits - cell.synRetransmits;
}
