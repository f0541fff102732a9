/** The page's series: the analyzer's cells, made as coarse as a detail asks for. */
import { BUCKETS, bucketBounds } from '../analyze/metrics/histogram.js';
import type { Analysis, Edge, EdgeCell } from '../analyze/model.js';
import type { EdgeSeries, Series, Times } from './data.js';
import { type EdgeChoice, coarseCoverage, stepsInOne } from './fold.js';
import type { Detail } from './limits.js';

/** How time and times are cut. */
export interface Grid {
  /** How many of the analyzer's steps become one. */
  factor: number;
  steps: number;
  bucketsInOne: number;
}

/** The grid of a detail. */
export function gridOf(analysis: Analysis, detail: Detail): Grid {
  const factor = stepsInOne(analysis.steps, detail.steps);
  const steps = Math.max(1, Math.ceil(analysis.steps / factor));
  return { factor, steps, bucketsInOne: detail.bucketsInOne };
}

/** Four significant digits: the tail of a sum of microseconds costs bytes and says nothing. */
function short(value: number): number {
  let unit = 1;
  while (value / unit >= 10_000) unit *= 10;
  return Math.round(value / unit) * unit;
}

/** A histogram while it is being added up: a flat array, as maps are too slow for millions of cells. */
class Buckets {
  readonly #counts = new Float64Array(BUCKETS);
  #low = BUCKETS;
  #high = -1;

  add({ first, counts }: NonNullable<EdgeCell['latency']>, bucketsInOne: number): void {
    for (let i = 0; i < counts.length; i++) {
      const n = counts[i]!;
      if (n === 0) continue;
      const bucket = Math.floor((first + i) / bucketsInOne);
      this.#counts[bucket]! += n;
      if (bucket < this.#low) this.#low = bucket;
      if (bucket > this.#high) this.#high = bucket;
    }
  }

  /** Writes first bucket, number of buckets and their counts, and starts anew. */
  takeInto(flat: number[]): void {
    const length = Math.max(0, this.#high - this.#low + 1);
    flat.push(length === 0 ? 0 : this.#low, length);
    for (let bucket = this.#low; bucket <= this.#high; bucket++) {
      flat.push(this.#counts[bucket]!);
      this.#counts[bucket] = 0;
    }
    this.#low = BUCKETS;
    this.#high = -1;
  }
}

/** One for all calls, as its room is large and it is empty between two calls. */
const buckets = new Buckets();

/** Adds up times, cell by cell, in cells of `every` steps. */
class TimesBuilder {
  readonly times: Times<number[]>;
  readonly #every: number;
  #open = false;

  constructor(every: number) {
    this.#every = every;
    this.times = {
      every,
      at: [],
      sumUs: [],
      paired: [],
      pairedUs: [],
      servedUs: [],
      pickupUs: [],
      hist: [],
    };
  }

  add(cell: Readonly<EdgeCell>, step: number, bucketsInOne: number): void {
    if (cell.latency === null) return;
    const { times } = this;
    const at = Math.floor(step / this.#every);
    const last = times.at.length - 1;
    if (last < 0 || times.at[last] !== at) {
      this.#finish();
      times.at.push(at);
      for (const column of [times.sumUs, times.paired, times.pairedUs, times.servedUs]) {
        column.push(0);
      }
      times.pickupUs.push(0);
      this.#open = true;
    }
    const now = times.at.length - 1;
    times.sumUs[now]! += cell.sumUs;
    times.paired[now]! += cell.paired;
    times.pairedUs[now]! += cell.pairedUs;
    times.servedUs[now]! += cell.servedUs;
    times.pickupUs[now]! += cell.pickupUs;
    buckets.add(cell.latency, bucketsInOne);
  }

  end(): Times<number[]> {
    this.#finish();
    const { times } = this;
    for (const column of [times.sumUs, times.pairedUs, times.servedUs, times.pickupUs]) {
      for (let i = 0; i < column.length; i++) column[i] = short(column[i]!);
    }
    return times;
  }

  #finish(): void {
    if (this.#open) buckets.takeInto(this.times.hist);
    this.#open = false;
  }
}

/** An array that is empty where all values are zero. */
function unlessZero(values: number[]): number[] {
  return values.some((value) => value !== 0) ? values : [];
}

/** What one edge did: counts in every step, times in every `every`-th. */
export function edgeSeries(
  analysis: Analysis,
  edge: number,
  grid: Grid,
  every: number,
): EdgeSeries {
  const at: number[] = [];
  const [exchanges, connections, failures, retransmits, open]: number[][] = [[], [], [], [], []];
  const times = new TimesBuilder(every);
  let now = -1;
  analysis.visitCells(edge, (cell) => {
    const step = Math.min(grid.steps - 1, Math.floor(cell.step / grid.factor));
    if (now < 0 || at[now] !== step) {
      now = at.push(step) - 1;
      exchanges!.push(0);
      connections!.push(0);
      failures!.push(0);
      retransmits!.push(0);
      open!.push(0);
    }
    exchanges![now]! += cell.exchanges;
    connections![now]! += cell.connections;
    failures![now]! += cell.failures;
    retransmits![now]! += cell.retransmits;
    open![now] = cell.open;
    times.add(cell, step, grid.bucketsInOne);
  });
  return {
    at,
    exchanges: unlessZero(exchanges!),
    connections: unlessZero(connections!),
    failures: unlessZero(failures!),
    retransmits: unlessZero(retransmits!),
    open: unlessZero(open!),
    times: times.end(),
  };
}

/** What several edges did together. Their times are not one thing, so there are none. */
export function foldedSeries(analysis: Analysis, edges: readonly Edge[], grid: Grid): EdgeSeries {
  const column = (): number[] => new Array<number>(grid.steps).fill(0);
  const [exchanges, connections, failures, retransmits, opened] = [
    column(),
    column(),
    column(),
    column(),
    column(),
  ];
  for (const { id } of edges) {
    let open = 0;
    analysis.visitCells(id, (cell) => {
      const step = Math.min(grid.steps - 1, Math.floor(cell.step / grid.factor));
      exchanges[step]! += cell.exchanges;
      connections[step]! += cell.connections;
      failures[step]! += cell.failures;
      retransmits[step]! += cell.retransmits;
      opened[step]! += cell.open - open;
      open = cell.open;
    });
  }
  let open = 0;
  return {
    at: exchanges.map((_, step) => step),
    exchanges: unlessZero(exchanges),
    connections: unlessZero(connections),
    failures: unlessZero(failures),
    retransmits: unlessZero(retransmits),
    open: unlessZero(opened.map((change) => (open += change))),
    times: new TimesBuilder(1).end(),
  };
}

/** The series as the page takes them: one for each kept edge, and one for all folded ones. */
export function seriesOf(
  analysis: Analysis,
  choice: EdgeChoice,
  grid: Grid,
  detail: Detail,
): Series {
  const own = choice.kept.map(({ id }) =>
    edgeSeries(analysis, id, grid, choice.fine.has(id) ? 1 : detail.every),
  );
  const folded = choice.folded.length === 0 ? [] : [foldedSeries(analysis, choice.folded, grid)];
  return {
    stepS: (analysis.stepNs * grid.factor) / 1e9,
    steps: grid.steps,
    bucketBase: bucketBounds(grid.bucketsInOne)[0],
    edges: [...own, ...folded],
    coverage: coarseCoverage(analysis.coverage, grid.factor),
  };
}
