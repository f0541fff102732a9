/** What one edge did in each unit of time: steps put together until each holds enough exchanges to take a median of. */
import type { Undigested } from '../analyze/digest.js';
import { BUCKETS, bucketOf, Histogram } from '../analyze/metrics/histogram.js';

/** One step of an edge. */
interface StepCounts {
  connections: number;
  failures: number;
  latency: { first: number; counts: ArrayLike<number> } | null;
}

/** The steps of an edge in which something happened, by their index. */
export type Activity = ReadonlyMap<number, StepCounts>;

export function activityOf(analysis: Undigested, edge: number): Activity {
  const steps = new Map<number, StepCounts>();
  analysis.visitCells(edge, ({ step, connections, failures, exchanges, latency }) => {
    if (connections + failures + exchanges === 0) return;
    steps.set(step, {
      connections,
      failures,
      // The visited cell is the same each time: what is kept of it must be a copy.
      latency:
        latency === null ? null : { first: latency.first, counts: Array.from(latency.counts) },
    });
  });
  return steps;
}

/** Exchanges that a unit has on average, at least, and that one must have to be used. */
const MEAN = 8;
const FEWEST = 3;
/** Units that a capture must have. */
export const UNITS = 6;
/** Steps in a unit. */
const LENGTHS = [1, 2, 5, 10, 20, 30, 60];

function unitsOf(activity: Activity, length: number): Histogram[] {
  const units = new Map<number, Histogram>();
  for (const [step, { latency }] of activity) {
    if (latency === null) continue;
    const unit = Math.floor(step / length);
    let times = units.get(unit);
    if (times === undefined) units.set(unit, (times = new Histogram()));
    times.addCounts(latency);
  }
  return [...units]
    .sort(([a], [b]) => a - b)
    .map(([, times]) => times)
    .filter(({ total }) => total >= FEWEST);
}

/** Both captures in units of the same length, the shortest that will do; null where there is too little. */
export function timedUnits(
  before: Activity,
  after: Activity,
): { before: Histogram[]; after: Histogram[]; steps: number } | null {
  for (const steps of LENGTHS) {
    const two = { before: unitsOf(before, steps), after: unitsOf(after, steps), steps };
    if (Math.min(two.before.length, two.after.length) < UNITS) return null;
    const enough = [two.before, two.after].every(
      (units) => units.reduce((sum, { total }) => sum + total, 0) / units.length >= MEAN,
    );
    if (enough) return two;
  }
  return null;
}

/** Share of a unit's exchanges that took longer than `us`. */
export function shareAbove({ counts, total }: Histogram, us: number): number {
  let above = 0;
  for (let i = bucketOf(us) + 1; i < BUCKETS; i++) above += counts[i]!;
  return above / total;
}

/** Share of the attempts that failed, in each step in which the edge did anything. */
export function failureShares(activity: Activity): number[] {
  return [...activity]
    .sort(([a], [b]) => a - b)
    .map(([, { connections, failures }]) => failures / Math.max(1, connections, failures));
}
