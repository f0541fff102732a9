/** The times of one edge compared: its typical ones and its slow ones. */
import type { Histogram } from '../analyze/metrics/histogram.js';
import { formatDuration } from '../base/time.js';
import { LEAST_RATIO, LEAST_US } from './model.js';
import type { ByMeasure, Draft, Frame, Measure, Pair, Seen } from './pair.js';
import { rankTest } from './rank-test.js';
import { mean, median, spreadWithin, tTest } from './t-test.js';
import { activityOf, shareAbove, timedUnits } from './units.js';

/** Times are known to 1 % (the histogram's buckets): no spread of logarithms is smaller. */
const EXACT = 0.01;

/** Empty where there was too little to compare. */
export function compareTimes(pair: Pair, { noise, floor, shift }: Frame): Draft[] {
  const chance = noise === 'within' ? chancesWithin(pair, shift) : chancesBetween(pair, floor);
  if (chance === null) return [];
  return (['p50', 'p95'] as const).map((measure) =>
    latency(
      pair.name,
      measure,
      timesOf(pair.before, measure),
      timesOf(pair.after, measure),
      chance[measure],
    ),
  );
}

const timesOf = (seen: readonly Seen[], measure: Measure): number[] =>
  seen.map(({ edge }) => (measure === 'p50' ? edge.p50Us : edge.p95Us)).filter((us) => us !== null);

/** Logarithms of an edge's times in each recording; null where there are fewer than three recordings or a side has none. */
function logsOf({ before, after }: Pair, measure: Measure): [number[], number[]] | null {
  const [was, is] = [before, after].map((seen) =>
    timesOf(seen, measure).map((us) => Math.log(Math.max(1, us))),
  );
  if (was!.length === 0 || is!.length === 0 || was!.length + is!.length < 3) return null;
  return [was!, is!];
}

/**
 * What the edge in the middle spreads by between recordings of one side. Of many edges one will have a small spread by chance,
 * and would then differ by chance.
 */
export function usualSpread(pairs: readonly Pair[]): ByMeasure {
  const of = (measure: Measure): number => {
    const all = pairs.map((pair) => logsOf(pair, measure)).filter((logs) => logs !== null);
    return Math.max(EXACT, median(all.map(([was, is]) => spreadWithin(was, is))) ?? 0);
  };
  return { p50: of('p50'), p95: of('p95') };
}

/** Between recordings: their logarithms differ. */
function chancesBetween(pair: Pair, floor: ByMeasure): ByMeasure | null {
  const [p50, p95] = [logsOf(pair, 'p50'), logsOf(pair, 'p95')];
  if (p50 === null || p95 === null) return null;
  return { p50: tTest(...p50, floor.p50), p95: tTest(...p95, floor.p95) };
}

/** With fewer timed edges none is in the middle. */
const FEWEST_EDGES = 4;

/**
 * By how much the edge in the middle became slower, as a logarithm. What all edges do alike is more likely done by the machine
 * than by each of them.
 */
export function commonShift(pairs: readonly Pair[]): ByMeasure {
  const of = (measure: Measure): number => {
    const all = pairs.flatMap(({ before, after }) => {
      const [was] = timesOf(before, measure);
      const [is] = timesOf(after, measure);
      return was === undefined || is === undefined
        ? []
        : [Math.log(Math.max(1, is) / Math.max(1, was))];
    });
    return all.length < FEWEST_EDGES ? 0 : median(all)!;
  };
  return { p50: of('p50'), p95: of('p95') };
}

/**
 * Within one recording a side: typical times by each unit's median, slow ones by its share above the lower of the two p95. The
 * faster side is made slower first by what two runs of the same thing may differ, and by what all edges did alike. Null: too
 * little to tell.
 */
function chancesWithin({ before, after }: Pair, shift: ByMeasure): ByMeasure | null {
  const [was, is] = [before[0]!, after[0]!];
  const units = timedUnits(
    activityOf(was.analysis, was.edge.id),
    activityOf(is.analysis, is.edge.id),
  );
  if (units === null || was.edge.p50Us === null || is.edge.p50Us === null) return null;
  const slowed = is.edge.p50Us >= was.edge.p50Us;
  const medians = (all: readonly Histogram[], faster: boolean): number[] =>
    all
      .map((unit) => unit.quantile(0.5)!)
      .map((us) => (faster ? alike(us, slowed, shift.p50) : us));
  const [p50Was, p50Is] = [medians(units.before, slowed), medians(units.after, !slowed)];
  const [from, to] = [was.edge.p95Us!, is.edge.p95Us!];
  const line = Math.min(from, to);
  const shares = (all: readonly Histogram[], faster: boolean): number[] =>
    all.map((unit) => shareAbove(unit, faster ? line : alike(line, to >= from, shift.p95)));
  const [p95Was, p95Is] = [shares(units.before, to >= from), shares(units.after, to < from)];
  return {
    p50: rankTest(p50Was, p50Is, slowed ? 'up' : 'down'),
    p95: rankTest(p95Was, p95Is, to >= from ? 'up' : 'down'),
  };
}

/** The longest time that would be no news where another was `us`. */
function alike(us: number, slowed: boolean, shift: number): number {
  const common = slowed ? shift : -shift;
  return Math.max(us * LEAST_RATIO * Math.exp(Math.max(0, common)), us + LEAST_US);
}

function latency(
  edge: string,
  measure: Measure,
  was: readonly number[],
  is: readonly number[],
  p: number,
): Draft {
  const middle = (all: readonly number[]): number =>
    all.length === 1 ? all[0]! : Math.exp(mean(all.map(Math.log)));
  const [from, to] = [middle(was), middle(is)];
  const times = Math.max(from, to) / Math.min(from, to);
  const factor = times < 10 ? times.toFixed(1) : String(Math.round(times));
  const change = to >= from ? `× ${factor}` : `÷ ${factor}`;
  const shown = (us: number): string => formatDuration(us * 1e3);
  const range = (all: readonly number[]): string =>
    all.length === 1 ? '' : ` [${shown(Math.min(...all))} … ${shown(Math.max(...all))}]`;
  return {
    edge,
    kind: to >= from ? 'slowed' : 'sped up',
    measure,
    size: `${measure} ${shown(from)}${range(was)} → ${shown(to)}${range(is)} (${change})`,
    before: from,
    after: to,
    p,
    large: times >= LEAST_RATIO && Math.abs(to - from) >= LEAST_US,
  };
}
