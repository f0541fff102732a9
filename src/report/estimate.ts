/** How large a page's series would be, told from some of its edges: making all for every detail would take too long. */
import type { Analysis, Edge } from '../analyze/model.js';
import type { Series } from './data.js';
import type { EdgeChoice } from './fold.js';
import type { Detail } from './limits.js';
import { type Grid, seriesOf } from './series.js';

/** Edges that are made to tell the size of all, of the fine ones and of the others. */
const SAMPLE = 48;

/** Some of the edges, and how many each of them stands for. */
export interface SeriesSample {
  series: Series;
  /** How many edges each of the sample stands for. */
  each: number;
}

/** `SAMPLE` of the edges at even distances, from the busiest to the quietest. */
function spread(edges: readonly Edge[]): Edge[] {
  const busiest = [...edges].sort((a, b) => b.exchanges - a.exchanges || a.id - b.id);
  if (busiest.length <= SAMPLE) return busiest;
  const distance = busiest.length / SAMPLE;
  return Array.from({ length: SAMPLE }, (_, i) => busiest[Math.floor((i + 0.5) * distance)]!);
}

/** Samples of the fine edges and of the others: their series differ too much to stand for each other. */
export function sampleSeries(
  analysis: Analysis,
  choice: EdgeChoice,
  grid: Grid,
  detail: Detail,
): SeriesSample[] {
  const isFine = ({ id }: Edge): boolean => choice.fine.has(id);
  return [choice.kept.filter(isFine), choice.kept.filter((edge) => !isFine(edge))]
    .filter((edges) => edges.length > 0)
    .map((edges) => {
      const kept = spread(edges);
      const series = seriesOf(analysis, { ...choice, kept, folded: [] }, grid, detail);
      return { series, each: edges.length / kept.length };
    });
}
