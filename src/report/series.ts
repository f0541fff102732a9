/** The page's series: the analyzer's cells, made as coarse as a detail asks for. */
import { bucketBounds } from '../analyze/metrics/histogram.js';
import type { Analysis, EdgeCell } from '../analyze/model.js';
import type { Series } from './data.js';
import { type EdgeChoice, coarsen, stepCoverage, stepsInOne, toSeries } from './fold.js';
import { DETAILS, type Detail } from './limits.js';

/** Cells by edge, at the finest detail: what every try starts from. */
export interface Cells {
  byEdge: ReadonlyMap<number, EdgeCell[]>;
  stepNs: number;
  steps: number;
}

const FINEST = DETAILS[0]!;

/** Brings the analyzer's cells to the finest detail that a page may have. */
export function finestCells(analysis: Analysis): Cells {
  const factor = stepsInOne(analysis.steps, FINEST.steps);
  const byEdge = new Map<number, EdgeCell[]>();
  for (const cell of analysis.cells) {
    const list = byEdge.get(cell.edge);
    if (list === undefined) byEdge.set(cell.edge, [cell]);
    else list.push(cell);
  }
  for (const [edge, list] of byEdge) {
    byEdge.set(edge, coarsen(edge, list, factor, FINEST.bucketsInOne));
  }
  const steps = Math.max(1, Math.ceil(analysis.steps / factor));
  return { byEdge, stepNs: analysis.stepNs * factor, steps };
}

/** Cells at one detail, one list for each row of the page. */
export interface CoarseCells {
  rows: EdgeCell[][];
  stepNs: number;
  steps: number;
}

/** The cells of the kept edges, and those of the folded ones as one last row. */
export function cellsAt(cells: Cells, { kept, folded }: EdgeChoice, detail: Detail): CoarseCells {
  const factor = stepsInOne(cells.steps, detail.steps);
  const groups = [...kept.map((edge) => [edge]), ...(folded.length > 0 ? [folded] : [])];
  return {
    rows: groups.map((group) => {
      const own = group.flatMap(({ id }) => cells.byEdge.get(id) ?? []);
      return coarsen(group[0]?.id ?? 0, own, factor, detail.bucketsInOne / FINEST.bucketsInOne);
    }),
    stepNs: cells.stepNs * factor,
    steps: Math.ceil(cells.steps / factor),
  };
}

/** Fewest bytes that the cells can take as JSON: spares writing out what cannot fit. */
export function leastBytes({ rows }: CoarseCells): number {
  const [perCell, perBucket] = [16, 4];
  return rows.flat().reduce((sum, cell) => sum + perCell + perBucket * cell.buckets.length, 0);
}

/** The series as the page takes them. */
export function seriesOf(analysis: Analysis, cells: CoarseCells, detail: Detail): Series {
  const inOne = Math.round(cells.stepNs / analysis.stepNs);
  return {
    stepS: cells.stepNs / 1e9,
    steps: cells.steps,
    bucketBase: bucketBounds(detail.bucketsInOne)[0],
    edges: cells.rows.map(toSeries),
    coverage: stepCoverage(analysis, inOne).map((share) => Number(share.toPrecision(6))),
  };
}
