/** Rule: attempts that nobody answered, given up by the application before the kernel did. */
import { count, edgeName } from '../words.js';
import type { Draft } from './facts.js';
import { between, cellsIn, spansOf, timesOf, total } from './facts.js';
import type { Rule } from './rule.js';

/** Attempts this close together, in steps, belong together. */
const GAP_STEPS = 2;
/** From so many on it is no accident. */
const MANY = 3;

export const noAnswer: Rule = {
  kinds: ['no_answer'],
  tells: 'attempts to connect that nobody answered',
  when:
    'an application gives up connecting after its SYN was sent more than once, so after more than a second without ' +
    `an answer. One that gives up sooner is no finding. High: ${MANY} or more.`,
  advice:
    'Nobody refused: packets were dropped. Look for a firewall, a wrong address, a host that is down, or a full queue ' +
    'of the listener (`queue_full`).',
  find: (facts) =>
    facts.edges.flatMap((edge) => {
      const silent = edge.cells.filter(([, cell]) => cell.unansweredSyns > 0);
      return spansOf(
        silent.map(([step]) => step),
        GAP_STEPS,
      ).map((span): Draft => {
        const given = total(cellsIn(edge, span), (cell) => cell.unansweredSyns);
        const times = timesOf(span, facts);
        return {
          severity: given >= MANY ? 'high' : 'medium',
          kind: 'no_answer',
          edge: edge.id,
          ...times,
          sentence: `${edgeName(edge)}: ${count(given, 'attempt')} to connect got no answer ${between(times)}, and ${edge.client} gave up.`,
          evidence: 'SYN sent more than once, then closed by the application without an error',
          depth: 0,
          weight: given,
        };
      });
    }),
};
