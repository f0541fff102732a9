/**
 * Folds edges and time so that the page stays small: edges beyond a number become one, steps become
 * coarser. Counts only ever add up; nothing is sampled.
 */
import type { Analysis, Edge } from '../analyze/model.js';

/** How many steps may become one: lengths that people read easily when a step is 1 s. */
const STEPS_IN_ONE = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 86400];

/** How many of `steps` become one so that at most `most` are left. */
export function stepsInOne(steps: number, most: number): number {
  return STEPS_IN_ONE.find((n) => Math.ceil(steps / n) <= most) ?? Math.ceil(steps / most);
}

/** The edges in the order in which a reader would look for them: with findings, then failures, then the busiest. */
export function rankEdges(analysis: Analysis): Edge[] {
  const found = new Set(analysis.findings.map((finding) => finding.edge));
  return [...analysis.edges].sort(
    (a, b) =>
      Number(found.has(b.id)) - Number(found.has(a.id)) ||
      b.failures - a.failures ||
      b.exchanges - a.exchanges ||
      b.connections - a.connections ||
      a.id - b.id,
  );
}

/** Which edges keep a row of their own, in the analyzer's order, and which are folded into one. */
export interface EdgeChoice {
  kept: Edge[];
  folded: Edge[];
  /** Ids of the kept edges whose times are in every step. */
  fine: ReadonlySet<number>;
}

/** Keeps the first of `ranked`: at most `most` rows, the folded ones' included. */
export function chooseEdges(
  analysis: Analysis,
  ranked: readonly Edge[],
  most: number,
  fine: number,
): EdgeChoice {
  const all = ranked.length <= most;
  const keep = new Set(all ? ranked : ranked.slice(0, most - 1));
  return {
    kept: analysis.edges.filter((edge) => keep.has(edge)),
    folded: analysis.edges.filter((edge) => !keep.has(edge)),
    fine: new Set(ranked.slice(0, fine).map(({ id }) => id)),
  };
}

/** Coverage of each coarse step: as bad as the worst step in it. */
export function coarseCoverage(coverage: readonly number[], factor: number): number[] {
  const coarse = new Array<number>(Math.max(1, Math.ceil(coverage.length / factor))).fill(1);
  for (const [step, share] of coverage.entries()) {
    const at = Math.floor(step / factor);
    coarse[at] = Math.min(coarse[at] ?? 1, share);
  }
  return coarse;
}
