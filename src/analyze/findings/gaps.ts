/** Rules: what the recording itself cannot vouch for. */
import { count, percent, seconds } from '../words.js';
import type { Draft, Facts } from './facts.js';
import { spansOf, timesOf } from './facts.js';

/** Events were lost: when, and how much. */
export function lostEvents(facts: Facts): Draft[] {
  const { capture, coverage, steps } = facts;
  if (capture.lost === 0) return [];
  const gaps: number[] = [];
  for (let step = 0; step < steps.count; step++) {
    if (coverage.share(step, step + 1) < 1) gaps.push(step);
  }
  const [first] = spansOf(gaps, Infinity);
  const times = timesOf(first ?? { from: 0, to: steps.count }, facts);
  return [
    {
      severity: capture.coverage < 0.99 ? 'high' : 'medium',
      kind: 'lost_events',
      edge: null,
      ...times,
      sentence:
        `${count(capture.lost, 'event was', 'events were')} lost between ${seconds(times.startNs)} and ` +
        `${seconds(times.endNs)}: ${percent(capture.coverage)} were recorded, and counts of that time are too low.`,
      evidence: 'the ring buffer was full; record with a larger --buffer',
      weight: capture.lost,
    },
  ];
}

/** Owners that are not known. */
export function unknownOwners(facts: Facts): Draft[] {
  const { unknownGrade, connections } = facts.tally;
  const share = connections === 0 ? 0 : unknownGrade / connections;
  if (share <= 0.05) return [];
  return [
    {
      severity: 'low',
      kind: 'unknown_owners',
      edge: null,
      startNs: 0,
      endNs: facts.capture.durationNs,
      sentence: `${count(unknownGrade, 'connection')} (${percent(share)}) have an end whose owner is not known.`,
      evidence: 'no cgroup, process, network namespace or address told whose socket it was',
      weight: unknownGrade,
    },
  ];
}
