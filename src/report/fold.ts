/**
 * Folds edges and time so that the page stays small: edges beyond a number become one, steps become
 * coarser, histogram buckets wider. Counts only ever add up; nothing is sampled.
 */
import type { Analysis, Edge, EdgeCell } from '../analyze/model.js';
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

/** One coarse cell while it is being added up. */
interface Sum {
  step: number;
  exchanges: number;
  connections: number;
  failures: number;
  retransmits: number;
  sumUs: number;
  /** Open connections at the end of the cell, by edge: of each edge the last word counts. */
  open: Map<number, number>;
  hist: Map<number, number>;
}

/**
 * Folds the cells of one edge, or of several that became one.
 * @param factor how many steps become one.
 * @param bucketsInOne how many histogram buckets become one.
 */
export function foldCells(
  cells: readonly EdgeCell[],
  factor: number,
  bucketsInOne: number,
): EdgeSeries {
  const sums = new Map<number, Sum>();
  for (const cell of [...cells].sort((a, b) => a.step - b.step)) {
    const step = Math.floor(cell.step / factor);
    let sum = sums.get(step);
    if (sum === undefined) {
      sum = {
        step,
        exchanges: 0,
        connections: 0,
        failures: 0,
        retransmits: 0,
        sumUs: 0,
        open: new Map(),
        hist: new Map(),
      };
      sums.set(step, sum);
    }
    sum.exchanges += cell.exchanges;
    sum.connections += cell.connections;
    sum.failures += cell.failures;
    sum.retransmits += cell.retransmits;
    sum.sumUs += cell.sumUs;
    sum.open.set(cell.edge, cell.open);
    for (const [i, bucket] of cell.buckets.entries()) {
      const coarse = Math.max(0, Math.floor(bucket / bucketsInOne));
      sum.hist.set(coarse, (sum.hist.get(coarse) ?? 0) + (cell.counts[i] ?? 0));
    }
  }
  return flatten([...sums.values()]);
}

function flatten(sums: readonly Sum[]): EdgeSeries {
  // What an edge had open holds until its next cell: carry it, or folded edges would seem to close.
  const open = new Map<number, number>();
  const openTotals = sums.map((sum) => {
    for (const [edge, value] of sum.open) open.set(edge, value);
    return [...open.values()].reduce((total, value) => total + value, 0);
  });
  return {
    at: sums.map((sum) => sum.step),
    exchanges: sums.map((sum) => sum.exchanges),
    connections: sums.map((sum) => sum.connections),
    failures: sums.map((sum) => sum.failures),
    retransmits: sums.map((sum) => sum.retransmits),
    open: openTotals,
    sumUs: sums.map((sum) => Math.round(sum.sumUs)),
    hist: sums.map((sum) => [...sum.hist].sort((a, b) => a[0] - b[0]).flat()),
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
