/** One edge compared: that it is there, its times, its failures. */
import type { Undigested } from '../analyze/digest.js';
import type { Edge } from '../analyze/model.js';
import { count, percent } from '../analyze/words.js';
import { LEAST_FAILURES, LEAST_SHARE } from './model.js';
import type { Draft, Frame, Pair, Seen } from './pair.js';
import { rankTest } from './rank-test.js';
import { tTest } from './t-test.js';
import { compareTimes } from './times.js';
import { activityOf, failureShares } from './units.js';

/** What is compared of an edge; `timed` is false where there was too little to compare its times. */
export function compareEdge(pair: Pair, frame: Frame): { drafts: Draft[]; timed: boolean } {
  if (pair.before.length === 0 || pair.after.length === 0)
    return { drafts: [presence(pair, frame)], timed: true };
  const drafts = compareTimes(pair, frame);
  return { drafts: [...drafts, ...failures(pair, frame)], timed: drafts.length > 0 };
}

const stepsOf = ({ analysis, edge }: Seen): number => activityOf(analysis, edge.id).size;

/** That all active steps lie on one side, where each might have lain on either. An edge that some recordings of its own side lack proves nothing. */
function presence({ name, before, after }: Pair, frame: Frame): Draft {
  const gone = after.length === 0;
  const [seen, all] = gone ? [before, frame.before] : [after, frame.after];
  const steps = seen.reduce((sum, one) => sum + stepsOf(one), 0);
  const length = (analyses: readonly Undigested[]): number =>
    analyses.reduce((sum, one) => sum + one.steps, 0);
  const share = length(all) / (length(frame.before) + length(frame.after));
  const sum = (of: (edge: Edge) => number): number =>
    seen.reduce((total, { edge }) => total + of(edge), 0);
  const size = `${count(
    sum((edge) => edge.connections),
    'connection',
  )} and ${count(
    sum((edge) => edge.exchanges),
    'exchange',
  )} in ${count(steps, 'step')}`;
  const where = all.length === 1 ? '' : ` of ${seen.length} of ${count(all.length, 'recording')}`;
  return {
    edge: name,
    kind: gone ? 'vanished' : 'appeared',
    measure: 'edge',
    size: `${size}${where}, ${gone ? 'none after' : 'none before'}`,
    before: gone ? steps : 0,
    after: gone ? 0 : steps,
    p: seen.length === all.length ? share ** steps : 1,
    large: true,
  };
}

interface Failed {
  connections: number;
  failures: number;
}

/** Nothing to compare where nothing failed. */
function failures({ name, before, after }: Pair, frame: Frame): Draft[] {
  const [was, is] = [before, after].map((seen) => totals(seen.map(({ edge }) => edge)));
  if (was!.failures + is!.failures === 0) return [];
  const words = (side: Failed): string =>
    `${side.failures} of ${count(side.connections, 'connection')} (${percent(shareOf(side))})`;
  const moreBy = shareOf(is!) - shareOf(was!);
  return [
    {
      edge: name,
      kind: moreBy >= 0 ? 'failed more' : 'failed less',
      measure: 'failures',
      size: `${words(was!)} failed before, ${words(is!)} after`,
      before: was!.failures,
      after: is!.failures,
      p: chanceOfFailures(before, after, frame),
      large:
        Math.abs(is!.failures - was!.failures) >= LEAST_FAILURES && Math.abs(moreBy) >= LEAST_SHARE,
    },
  ];
}

const shareOf = ({ connections, failures: failed }: Failed): number =>
  failed / Math.max(1, connections, failed);

function totals(all: readonly Failed[]): Failed {
  const sum = (of: (one: Failed) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  return { connections: sum((one) => one.connections), failures: sum((one) => one.failures) };
}

/** Shares of steps; or of recordings, which spread at least as much as independent connections would make them. */
function chanceOfFailures(
  before: readonly Seen[],
  after: readonly Seen[],
  { noise }: Frame,
): number {
  if (noise === 'within') {
    const [was, is] = [before[0]!, after[0]!].map(({ analysis, edge }) =>
      failureShares(activityOf(analysis, edge.id)),
    );
    return rankTest(was!, is!);
  }
  const edges = [...before, ...after].map(({ edge }) => edge);
  const { connections, failures: failed } = totals(edges);
  const share = (failed + 1) / (Math.max(connections, failed) + 2);
  const floor = Math.sqrt((share * (1 - share)) / Math.max(1, connections / edges.length));
  const shares = (seen: readonly Seen[]): number[] => seen.map(({ edge }) => shareOf(edge));
  return tTest(shares(before), shares(after), floor);
}
