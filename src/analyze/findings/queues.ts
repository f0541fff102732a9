/** Rule: a listener whose queue was full, so that connections were dropped or waited for nothing. */
import type { Cell } from '../metrics/cells.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import type { Overflows } from '../overflows.js';
import { overflowsOn } from '../overflows.js';
import { count, edgeName } from '../words.js';
import type { Draft } from './facts.js';
import { spansOf, timesOf, total } from './facts.js';
import type { Rule } from './rule.js';

export const fullQueues: Rule = {
  kinds: ['queue_full'],
  tells: 'an accept queue that overflowed',
  when:
    "the kernel's ListenOverflows grew in a network namespace where the edge's server listens on its port, and the edge has " +
    'connections that were never accepted, timed out, had to send their SYN again or were given up. Either alone is no finding: the ' +
    'counter does not say which listener it was.',
  advice:
    'The server does not call accept() fast enough: it is busy or blocked, or its backlog (and net.core.somaxconn) is too ' +
    'small for the burst.',
  find: (facts) =>
    facts.edges.flatMap((edge) => {
      const overflows = overflowsOn(facts.overflows, edge.server, edge.port);
      const hit = edge.cells.filter(([, cell]) => isHit(cell));
      const [span] = spansOf(
        hit.map(([step]) => step),
        Infinity,
      );
      if (overflows === 0 || span === undefined) return [];
      const cells = hit.map(([, cell]) => cell);
      const waiting = edge.failuresByVerdict.never_accepted ?? 0;
      const dropped = total(cells, unanswered);
      const late = total(cells, (cell) => cell.lateConnects);
      const more = late > 0 ? `, ${count(late, 'handshake')} a second late or more` : '';
      const draft: Draft = {
        severity: 'high',
        kind: 'queue_full',
        edge: edge.id,
        ...timesOf(span, facts),
        sentence:
          `${edgeName(edge)}: ${edge.server} did not accept connections fast enough and its queue was full: ` +
          `${count(waiting, 'connection')} never accepted, ${count(dropped, 'attempt')} without an answer${more}.`,
        evidence: `ListenOverflows grew by ${overflows} in the server's network namespace`,
        depth: 0,
        weight: waiting + dropped + late,
      };
      return [draft];
    }),
};

function unanswered({ verdicts, unansweredSyns }: Cell): number {
  return unansweredSyns + (verdicts?.timeout ?? 0);
}

function isHit(cell: Cell): boolean {
  return unanswered(cell) + (cell.verdicts?.never_accepted ?? 0) + cell.lateConnects > 0;
}

/** A full queue explains what else goes wrong while connecting on this edge. */
export function hasFullQueue(edge: EdgeMetrics, overflows: Overflows): boolean {
  return overflowsOn(overflows, edge.server, edge.port) > 0;
}
