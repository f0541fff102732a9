/**
 * Folds edges and time so that the page stays small: edges beyond a number become one, steps become
 * coarser, histogram buckets wider. Counts only ever add up; nothing is sampled.
 */
import type { Analysis, Edge, EdgeCell } from '../analyze/model.js';
import { BUCKETS } from '../analyze/metrics/histogram.js';
import type { EdgeSeries } from './data.js';

/** How many steps may become one: lengths that people read easily when a step is 1 s. */
const STEPS_IN_ONE = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 86400];

/** How many of `steps` become one so that at most `most` are left. */
export function stepsInOne(steps: number, most: number): number {
  return STEPS_IN_ONE.find((n) => Math.ceil(steps / n) <= most) ?? Math.ceil(steps / most);
}

/** Which edges keep a row of their own, in the analyzer's order, and which are folded into one. */
export interface EdgeChoice {
  kept: Edge[];
  folded: Edge[];
}

/** Keeps what a reader would look for first: edges with findings, then failures, then the busiest. */
export function chooseEdges(analysis: Analysis, most: number): EdgeChoice {
  if (analysis.edges.length <= most) return { kept: analysis.edges, folded: [] };
  const found = new Set(analysis.findings.map((finding) => finding.edge));
  const weight = (edge: Edge): number[] => [
    found.has(edge.id) ? 1 : 0,
    edge.failures,
    edge.exchanges,
    edge.connections,
    -edge.id,
  ];
  const ranked = analysis.edges
    .map((edge) => ({ edge, weight: weight(edge) }))
    .sort((a, b) => {
      const at = a.weight.findIndex((value, i) => value !== b.weight[i]);
      return at < 0 ? 0 : (b.weight[at] ?? 0) - (a.weight[at] ?? 0);
    });
  const keep = new Set(ranked.slice(0, most - 1).map(({ edge }) => edge.id));
  return {
    kept: analysis.edges.filter((edge) => keep.has(edge.id)),
    folded: analysis.edges.filter((edge) => !keep.has(edge.id)),
  };
}

/** A histogram while it is being added up: a flat array, as maps are too slow for millions of cells. */
class Buckets {
  readonly #counts = new Float64Array(BUCKETS);
  #low = BUCKETS;
  #high = -1;

  add(cell: EdgeCell, bucketsInOne: number): void {
    const { buckets, counts } = cell;
    for (let i = 0; i < buckets.length; i++) {
      const bucket = Math.min(BUCKETS - 1, Math.floor(buckets[i]! / bucketsInOne));
      this.#counts[bucket]! += counts[i]!;
      if (bucket < this.#low) this.#low = bucket;
      if (bucket > this.#high) this.#high = bucket;
    }
  }

  /** What was added since the last call. */
  take(): { buckets: number[]; counts: number[] } {
    const taken: { buckets: number[]; counts: number[] } = { buckets: [], counts: [] };
    for (let bucket = this.#low; bucket <= this.#high; bucket++) {
      const count = this.#counts[bucket]!;
      if (count === 0) continue;
      taken.buckets.push(bucket);
      taken.counts.push(count);
      this.#counts[bucket] = 0;
    }
    [this.#low, this.#high] = [BUCKETS, -1];
    return taken;
  }
}

/** One for all calls, as its room is large and it is empty between two calls. */
const histogram = new Buckets();

/**
 * Adds up cells of one edge, or of several that become the edge `edge`, into coarser ones.
 * @param factor how many steps become one.
 * @param bucketsInOne how many histogram buckets become one.
 */
export function coarsen(
  edge: number,
  cells: readonly EdgeCell[],
  factor: number,
  bucketsInOne: number,
): EdgeCell[] {
  const coarse: EdgeCell[] = [];
  // What an edge has open holds until its next cell: carried on, or folded edges would seem to close.
  const open = new Map<number, number>();
  let current: EdgeCell | undefined;
  const finish = (): void => {
    if (current === undefined) return;
    const { buckets, counts } = histogram.take();
    current.buckets = buckets;
    current.counts = counts;
    for (const n of open.values()) current.open += n;
    coarse.push(current);
  };
  for (const cell of inTime(cells)) {
    const step = Math.floor(cell.step / factor);
    if (current?.step !== step) {
      finish();
      current = { ...EMPTY, edge, step };
    }
    current.exchanges += cell.exchanges;
    current.flagged += cell.flagged;
    current.connections += cell.connections;
    current.failures += cell.failures;
    current.retransmits += cell.retransmits;
    current.sumUs += cell.sumUs;
    open.set(cell.edge, cell.open);
    histogram.add(cell, bucketsInOne);
  }
  finish();
  return coarse;
}

/** Cells in time order; they mostly come so. */
function inTime(cells: readonly EdgeCell[]): readonly EdgeCell[] {
  const sorted = cells.every((cell, i) => i === 0 || cells[i - 1]!.step <= cell.step);
  return sorted ? cells : [...cells].sort((a, b) => a.step - b.step);
}

const EMPTY: Omit<EdgeCell, 'edge' | 'step'> = {
  connections: 0,
  failures: 0,
  exchanges: 0,
  flagged: 0,
  retransmits: 0,
  open: 0,
  sumUs: 0,
  buckets: [],
  counts: [],
};

/** Cells of one edge, in time order, as the page takes them. */
export function toSeries(cells: readonly EdgeCell[]): EdgeSeries {
  return {
    at: cells.map((cell) => cell.step),
    exchanges: cells.map((cell) => cell.exchanges),
    connections: cells.map((cell) => cell.connections),
    failures: cells.map((cell) => cell.failures),
    retransmits: cells.map((cell) => cell.retransmits),
    open: cells.map((cell) => cell.open),
    sumUs: cells.map((cell) => Math.round(cell.sumUs)),
    hist: cells.map((cell) => cell.buckets.flatMap((bucket, i) => [bucket, cell.counts[i] ?? 0])),
  };
}

/**
 * Coverage of each coarse step. Windows slide and overlap, so a step is as good as the best window
 * that holds it; a coarse step is as bad as the worst step in it.
 */
export function stepCoverage(analysis: Analysis, factor: number): number[] {
  const { stepNs, steps, windows, capture } = analysis;
  const worstAt = new Map<number, { widthNs: number; coverage: number }>();
  for (const { startNs, widthNs, coverage } of windows) {
    const seen = worstAt.get(startNs);
    if (seen === undefined || coverage < seen.coverage) worstAt.set(startNs, { widthNs, coverage });
  }
  const fine = new Array<number>(steps).fill(-1);
  for (const [startNs, { widthNs, coverage }] of worstAt) {
    const first = Math.max(0, Math.ceil(startNs / stepNs));
    const end = Math.min(steps, Math.floor((startNs + widthNs) / stepNs));
    for (let step = first; step < end; step++) fine[step] = Math.max(fine[step] ?? -1, coverage);
  }
  const unknown = capture.lost === 0 ? 1 : capture.coverage;
  const coarse = new Array<number>(Math.max(1, Math.ceil(steps / factor))).fill(1);
  for (const [step, value] of fine.entries()) {
    const at = Math.floor(step / factor);
    coarse[at] = Math.min(coarse[at] ?? 1, value < 0 ? unknown : value);
  }
  return coarse;
}
