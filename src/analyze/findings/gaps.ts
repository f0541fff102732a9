/** Rules: what the recording itself cannot vouch for. */
import { count, percent, seconds } from '../words.js';
import { spansOf, timesOf } from './facts.js';
import type { Rule } from './rule.js';

/** Of the events of a step; what is less cannot be seen in any number of the report. */
const STEP_LOSS = 0.01;
/** Of all events: from here on nothing should be concluded from the counts alone. */
const SERIOUS_LOSS = 0.01;
/** Of all connections: from here on the map may lead astray. */
const UNKNOWN_SHARE = 0.05;

export const lostEvents: Rule = {
  kinds: ['lost_events'],
  tells: 'events that the recorder lost, and when',
  when:
    `${STEP_LOSS * 100} % or more of the events of any one step were lost, as the recorder counted. ` +
    `Less than that stands under quality. High: ${SERIOUS_LOSS * 100} % of all events.`,
  advice: 'Record again with a larger `--buffer`, or with a filter (`--container`, `--port`).',
  find: (facts) => {
    const { capture, coverage, steps } = facts;
    if (capture.lost === 0) return [];
    const gaps: number[] = [];
    for (let step = 0; step < steps.count; step++) {
      if (coverage.share(step, step + 1) <= 1 - STEP_LOSS) gaps.push(step);
    }
    const [gap] = spansOf(gaps, Infinity);
    if (gap === undefined) return [];
    const times = timesOf(gap, facts);
    return [
      {
        severity: 1 - capture.coverage >= SERIOUS_LOSS ? 'high' : 'medium',
        kind: 'lost_events',
        edge: null,
        ...times,
        sentence:
          `${count(capture.lost, 'event was', 'events were')} lost between ${seconds(times.startNs)} and ` +
          `${seconds(times.endNs)}: ${percent(capture.coverage)} were recorded, and counts of that time are too low.`,
        evidence: 'the ring buffer was full; record with a larger --buffer',
        depth: 0,
        weight: capture.lost,
      },
    ];
  },
};

export const unknownOwners: Rule = {
  kinds: ['unknown_owners'],
  tells: 'connections whose owner is not known',
  when: `more than ${UNKNOWN_SHARE * 100} % of all connections have an end that could not be attributed. Fewer stand under quality.`,
  advice:
    'Record as root with the container engine running, and from before the containers start: names come from cgroups, ' +
    'processes and the engine.',
  find: ({ tally, capture }) => {
    const { unknownGrade, connections } = tally;
    const share = connections === 0 ? 0 : unknownGrade / connections;
    if (share <= UNKNOWN_SHARE) return [];
    return [
      {
        severity: 'low',
        kind: 'unknown_owners',
        edge: null,
        startNs: 0,
        endNs: capture.durationNs,
        sentence: `${count(unknownGrade, 'connection')} (${percent(share)}) have an end whose owner is not known.`,
        evidence: 'no cgroup, process, network namespace or address told whose socket it was',
        depth: 0,
        weight: unknownGrade,
      },
    ];
  },
};
