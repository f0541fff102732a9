/** Two sides compared, edge by edge: what appeared, vanished, slowed, sped up, failed more or less, and what is noise. */
import type { Undigested } from '../analyze/digest.js';
import type { Edge } from '../analyze/model.js';
import { count, edgeName } from '../analyze/words.js';
import { compareEdge } from './edge.js';
import type { Comparison, Difference, Side } from './model.js';
import { holm } from './holm.js';
import { LEAST_RATIO, LEVEL } from './model.js';
import type { Draft, Frame, Pair, Seen } from './pair.js';
import { mean, median } from './t-test.js';
import { commonShift, usualSpread } from './times.js';

/** From here on two loads are not the same. */
const LOADS_DIFFER = 1.25;

/**
 * Compares two sides, each one recording or several of the same thing. With several on a side the spread between them is the
 * noise; else it is the spread between slices of each.
 */
export function compareCaptures(
  before: readonly Undigested[],
  after: readonly Undigested[],
): Difference {
  const pairs = match(before, after);
  const noise = before.length + after.length > 2 ? 'between' : 'within';
  const frame: Frame = {
    noise,
    before,
    after,
    floor: usualSpread(pairs),
    shift: commonShift(pairs),
  };
  const drafts: Draft[] = [];
  const untimed: string[] = [];
  for (const pair of pairs) {
    const compared = compareEdge(pair, frame);
    drafts.push(...compared.drafts);
    if (!compared.timed) untimed.push(pair.name);
  }
  return {
    before: before.map(({ capture }) => capture),
    after: after.map(({ capture }) => capture),
    noise,
    edges: pairs.map((pair) => ({
      edge: pair.name,
      before: sideOf(pair.before),
      after: sideOf(pair.after),
    })),
    comparisons: judged(drafts),
    untimed,
    notes: notesOf(frame),
  };
}

/** Edges by the names of both services and the port. */
function match(before: readonly Undigested[], after: readonly Undigested[]): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const [side, analyses] of [
    ['before', before],
    ['after', after],
  ] as const) {
    for (const analysis of analyses) {
      for (const edge of analysis.edges) {
        const name = edgeName(edge);
        let pair = pairs.get(name);
        if (pair === undefined) pairs.set(name, (pair = { name, before: [], after: [] }));
        pair[side].push({ analysis, edge });
      }
    }
  }
  return [...pairs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Corrected for there being many, and in the order in which they are told. */
function judged(drafts: readonly Draft[]): Comparison[] {
  const corrected = holm(drafts.map(({ p }) => p));
  const comparisons = drafts.map((draft, i) => {
    const p = Number(corrected[i]!.toPrecision(3));
    return { ...draft, p, beyondNoise: draft.large && p < LEVEL };
  });
  const rank = ({ beyondNoise, large }: Comparison): number => (beyondNoise ? 0 : large ? 1 : 2);
  const ratio = ({ before, after }: Comparison): number =>
    (Math.max(before, after) + 1) / (Math.min(before, after) + 1);
  return comparisons.sort((a, b) => rank(a) - rank(b) || a.p - b.p || ratio(b) - ratio(a));
}

const seconds = ({ capture }: Undigested): number => Math.max(1e-9, capture.durationNs / 1e9);

function sideOf(seen: readonly Seen[]): Side | null {
  if (seen.length === 0) return null;
  const of = (number: (edge: Edge) => number | null): number | null =>
    median(seen.map(({ edge }) => number(edge)).filter((value) => value !== null));
  const rate = median(seen.map(({ analysis, edge }) => edge.exchanges / seconds(analysis)))!;
  return {
    connections: of((edge) => edge.connections)!,
    failures: of((edge) => edge.failures)!,
    exchanges: of((edge) => edge.exchanges)!,
    p50Us: of((edge) => edge.p50Us),
    p95Us: of((edge) => edge.p95Us),
    rate: Number(rate.toPrecision(4)),
  };
}

function notesOf({ before, after, noise, shift }: Frame): string[] {
  const notes: string[] = [];
  const sides = [
    ['BEFORE', before],
    ['AFTER', after],
  ] as const;
  for (const [side, analyses] of sides) {
    for (const { capture } of analyses) {
      const which = analyses.length === 1 ? side : `${capture.file} (${side})`;
      if (capture.verdict !== 'complete')
        notes.push(`${which} is ${capture.verdict}: what is missing was not compared.`);
      if (capture.lost > 0)
        notes.push(
          `${which} lost ${count(capture.lost, 'event')}: differences may come from that.`,
        );
    }
  }
  const load = (all: readonly Undigested[]): number =>
    mean(
      all.map((one) => one.edges.reduce((sum, { exchanges }) => sum + exchanges, 0) / seconds(one)),
    );
  const [was, is] = [load(before), load(after)];
  if (Math.max(was, is) > LOADS_DIFFER * Math.min(was, is)) {
    notes.push(
      `The load differs: ${was.toFixed(1)} exchanges a second before, ${is.toFixed(1)} after. Times may differ for that reason alone.`,
    );
  }
  if (noise === 'between' && before.length + after.length < 6)
    notes.push(
      'Few recordings: only large differences are beyond their noise. Three or more a side tell more.',
    );
  const common = Math.abs(shift.p95) > Math.abs(shift.p50) ? shift.p95 : shift.p50;
  if (noise === 'within' && Math.exp(Math.abs(common)) >= LEAST_RATIO) {
    const factor = `${common > 0 ? '×' : '÷'} ${Math.exp(Math.abs(common)).toFixed(1)}`;
    notes.push(
      `Most edges changed the same way (the one in the middle by ${factor}): a machine that is busier shows like that. What goes beyond is told; to tell whether all of it is the system, record each side three times.`,
    );
  }
  if (noise === 'within' && before[0]!.stepNs !== after[0]!.stepNs)
    notes.push('The captures have steps of different lengths: the longer one was stretched.');
  return notes;
}
