/** Rule: a listener whose queue was full, so that connections were dropped or waited for nothing. */
import { count } from '../words.js';
import type { Draft, Facts } from './facts.js';
import { edgeName, spansOf, timesOf } from './facts.js';

export function fullQueues(facts: Facts): Draft[] {
  return facts.edges.flatMap((edge) => {
    const overflows = facts.overflows.get(edge.port) ?? 0;
    const waiting = edge.failuresByVerdict.never_accepted ?? 0;
    const hit = edge.cells.filter(
      ([, { verdicts, unansweredSyns }]) =>
        unansweredSyns + (verdicts?.never_accepted ?? 0) + (verdicts?.timeout ?? 0) > 0,
    );
    const [span] = spansOf(
      hit.map(([step]) => step),
      Infinity,
    );
    if (overflows === 0 || span === undefined) return [];
    const dropped = hit.reduce(
      (sum, [, { verdicts, unansweredSyns }]) => sum + unansweredSyns + (verdicts?.timeout ?? 0),
      0,
    );
    const draft: Draft = {
      severity: 'high',
      kind: 'queue_full',
      edge: edge.id,
      ...timesOf(span, facts),
      sentence:
        `${edgeName(edge)}: ${edge.server} did not accept connections fast enough and its queue was full: ` +
        `${count(waiting, 'connection')} never accepted, ${count(dropped, 'attempt')} without an answer.`,
      evidence: `ListenOverflows grew by ${overflows} in the server's network namespace`,
      weight: waiting + dropped,
    };
    return [draft];
  });
}
