/** Two captures compared, edge by edge: what appeared, vanished, slowed, sped up, failed more or less, and what is noise. */
import type { Undigested } from '../analyze/digest.js';
import type { CaptureInfo, Edge } from '../analyze/model.js';
import { count, percent } from '../analyze/words.js';
import { formatDuration } from '../base/time.js';
import { holm, rankTest } from './rank-test.js';
import type { Activity } from './units.js';
import { activityOf, failureShares, shareAbove, timedUnits } from './units.js';

/** Chance of even one false alarm in a whole comparison, if its assumptions hold. */
export const LEVEL = 0.01;
/** Times must differ by this share and by this many µs: two runs of the same thing do differ. */
export const LEAST_RATIO = 1.3;
export const LEAST_US = 1000;
/** Failures must differ by this many, and by this share of the connections. */
export const LEAST_FAILURES = 3;
export const LEAST_SHARE = 0.01;
/** From here on the two loads are not the same. */
const LOADS_DIFFER = 1.25;

export type Kind = 'appeared' | 'vanished' | 'slowed' | 'sped up' | 'failed more' | 'failed less';

/** An edge's numbers in one capture. */
export type Side = Pick<Edge, 'connections' | 'failures' | 'exchanges' | 'p50Us' | 'p95Us'> & {
  rate: number;
};

/** One comparison of one edge. */
export interface Comparison {
  /** `gateway → auth:8081`. */
  edge: string;
  kind: Kind;
  /** What was compared: the edge's being there, its typical time, its slow times, its failures. */
  measure: 'edge' | 'p50' | 'p95' | 'failures';
  /** From what to what, in words. */
  size: string;
  /** µs, failures or active steps. */
  before: number;
  after: number;
  /** After Holm's correction. */
  p: number;
  /** It is as large as is worth telling. */
  large: boolean;
  /** … and is not chance. */
  beyondNoise: boolean;
}

export interface EdgeRow {
  edge: string;
  before: Side | null;
  after: Side | null;
}

export interface Difference {
  before: CaptureInfo;
  after: CaptureInfo;
  edges: EdgeRow[];
  /** All comparisons; those beyond noise first, each the surest first. */
  comparisons: Comparison[];
  /** Edges whose times could not be compared. */
  untimed: string[];
  /** What to know before believing it. */
  notes: string[];
}

type Draft = Omit<Comparison, 'beyondNoise'>;

interface Both {
  name: string;
  before: Edge | null;
  after: Edge | null;
}

export function edgeName({ client, server, port }: Edge): string {
  return `${client} → ${server}:${port}`;
}

/** Compares two analyses of the same step. */
export function compareCaptures(before: Undigested, after: Undigested): Difference {
  const both = match(before.edges, after.edges);
  const drafts: Draft[] = [];
  const untimed: string[] = [];
  for (const pair of both) {
    const was = pair.before === null ? new Map() : activityOf(before, pair.before.id);
    const is = pair.after === null ? new Map() : activityOf(after, pair.after.id);
    if (pair.before === null || pair.after === null) {
      drafts.push(presence(pair, was, is, before.steps / (before.steps + after.steps)));
      continue;
    }
    const times = latencies(pair.name, pair.before, pair.after, was, is);
    if (times === null) untimed.push(pair.name);
    else drafts.push(...times);
    drafts.push(failures(pair.name, pair.before, pair.after, was, is));
  }
  const corrected = holm(drafts.map(({ p }) => p));
  const comparisons = drafts.map((draft, i) => {
    const p = Number(corrected[i]!.toPrecision(3));
    return { ...draft, p, beyondNoise: draft.large && p < LEVEL };
  });
  const rank = ({ beyondNoise, large }: Comparison): number => (beyondNoise ? 0 : large ? 1 : 2);
  comparisons.sort((a, b) => rank(a) - rank(b) || a.p - b.p || ratio(b) - ratio(a));
  const edges = both.map(({ name, before: b, after: a }) => ({
    edge: name,
    before: b === null ? null : sideOf(b, before.capture),
    after: a === null ? null : sideOf(a, after.capture),
  }));
  return {
    before: before.capture,
    after: after.capture,
    edges,
    comparisons,
    untimed,
    notes: notesOf(before, after),
  };
}

/** Edges by the names of both services and the port. */
function match(before: readonly Edge[], after: readonly Edge[]): Both[] {
  const pairs = new Map<string, Both>();
  for (const edge of before)
    pairs.set(edgeName(edge), { name: edgeName(edge), before: edge, after: null });
  for (const edge of after) {
    const name = edgeName(edge);
    pairs.set(name, { name, before: pairs.get(name)?.before ?? null, after: edge });
  }
  return [...pairs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sideOf(
  { connections, failures, exchanges, p50Us, p95Us }: Edge,
  { durationNs }: CaptureInfo,
): Side {
  const rate = durationNs > 0 ? Number((exchanges / (durationNs / 1e9)).toPrecision(4)) : 0;
  return { connections, failures, exchanges, p50Us, p95Us, rate };
}

/** That all k active steps lie in one capture, where each might have lain in either. */
function presence(
  { name, before, after }: Both,
  was: Activity,
  is: Activity,
  shareBefore: number,
): Draft {
  const gone = after === null;
  const steps = gone ? was.size : is.size;
  const edge = before ?? after!;
  const size = `${count(edge.connections, 'connection')} and ${count(edge.exchanges, 'exchange')} in ${count(steps, 'step')}`;
  return {
    edge: name,
    kind: gone ? 'vanished' : 'appeared',
    measure: 'edge',
    size: `${size}, ${gone ? 'none after' : 'none before'}`,
    before: was.size,
    after: is.size,
    p: (gone ? shareBefore : 1 - shareBefore) ** steps,
    large: true,
  };
}

/** Typical times by each unit's median, slow ones by its share above the lower of the two p95. Null: too little to tell. */
function latencies(
  name: string,
  before: Edge,
  after: Edge,
  was: Activity,
  is: Activity,
): Draft[] | null {
  const units = timedUnits(was, is);
  if (units === null || before.p95Us === null || after.p95Us === null) return null;
  const line = Math.min(before.p95Us, after.p95Us);
  const medians = [units.before, units.after].map((all) => all.map((unit) => unit.quantile(0.5)!));
  const tails = [units.before, units.after].map((all) => all.map((unit) => shareAbove(unit, line)));
  const draft = (measure: 'p50' | 'p95', from: number, to: number, p: number): Draft => {
    const times = Math.max(from, to) / Math.min(from, to);
    const factor = times < 10 ? times.toFixed(1) : String(Math.round(times));
    const change = to >= from ? `× ${factor}` : `÷ ${factor}`;
    return {
      edge: name,
      kind: to >= from ? 'slowed' : 'sped up',
      measure,
      size: `${measure} ${formatDuration(from * 1e3)} → ${formatDuration(to * 1e3)} (${change})`,
      before: from,
      after: to,
      p,
      large: times >= LEAST_RATIO && Math.abs(to - from) >= LEAST_US,
    };
  };
  return [
    draft('p50', before.p50Us!, after.p50Us!, rankTest(medians[0]!, medians[1]!)),
    draft('p95', before.p95Us, after.p95Us, rankTest(tails[0]!, tails[1]!)),
  ];
}

function failures(name: string, before: Edge, after: Edge, was: Activity, is: Activity): Draft {
  const share = ({ failures: failed, connections }: Edge): number =>
    failed / Math.max(1, connections);
  const words = (edge: Edge): string =>
    `${edge.failures} of ${count(edge.connections, 'connection')} (${percent(share(edge))})`;
  return {
    edge: name,
    kind: share(after) >= share(before) ? 'failed more' : 'failed less',
    measure: 'failures',
    size: `${words(before)} failed before, ${words(after)} after`,
    before: before.failures,
    after: after.failures,
    p: rankTest(failureShares(was), failureShares(is)),
    large:
      Math.abs(after.failures - before.failures) >= LEAST_FAILURES &&
      Math.abs(share(after) - share(before)) >= LEAST_SHARE,
  };
}

function ratio({ before, after }: Comparison): number {
  return (Math.max(before, after) + 1) / (Math.min(before, after) + 1);
}

function notesOf(before: Undigested, after: Undigested): string[] {
  const notes: string[] = [];
  for (const [which, { capture }] of [
    ['BEFORE', before],
    ['AFTER', after],
  ] as const) {
    if (capture.verdict !== 'complete')
      notes.push(`${which} is ${capture.verdict}: what is missing was not compared.`);
    if (capture.lost > 0)
      notes.push(`${which} lost ${count(capture.lost, 'event')}: differences may come from that.`);
  }
  const [was, is] = [before, after].map(
    ({ edges, capture }) =>
      edges.reduce((sum, { exchanges }) => sum + exchanges, 0) /
      Math.max(1e-9, capture.durationNs / 1e9),
  );
  if (Math.max(was!, is!) > LOADS_DIFFER * Math.min(was!, is!)) {
    notes.push(
      `The load differs: ${was!.toFixed(1)} exchanges a second before, ${is!.toFixed(1)} after. Times may differ for that reason alone.`,
    );
  }
  if (before.stepNs !== after.stepNs)
    notes.push('The captures have steps of different lengths: the longer one was stretched.');
  return notes;
}

/** What decides, in words for people; docs/diff.md says more. */
export const METHOD =
  'Exchanges of one capture are not independent, so units of time are compared, not exchanges: each unit (1 s, longer where there is little traffic) ' +
  'gives its median, its share of slow exchanges, its share of failures. Mann–Whitney’s U on the units, its variance made larger for units that resemble ' +
  `their neighbours; Holm’s correction over all comparisons, below ${LEVEL}. An edge in one capture only: the chance that all of its active steps fell there. ` +
  `Told only where times differ by ${Math.round((LEAST_RATIO - 1) * 100)} % and ${LEAST_US / 1000} ms, failures by ${LEAST_FAILURES} and ${LEAST_SHARE * 100} % of the connections. ` +
  'It assumes that both captures saw the same load on machines as busy: two recordings cannot tell a change of the system from one of its surroundings.';
