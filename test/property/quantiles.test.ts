/**
 * Quantiles against exact ones, from a capture of a million exchanges through the whole analysis into the database:
 * every window of every edge, every step, and the edges themselves. Exact is the nearest rank: the value at rank
 * ⌈q × n⌉ of the sorted ones. The seed is fixed; a failure names edge, window and both values.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyze } from '../../src/analyze/analyze.js';
import type { Analysis } from '../../src/analyze/model.js';
import { Histogram, StepHistogram } from '../../src/analyze/metrics/histogram.js';
import { COUNT_BITS } from '../../src/analyze/metrics/packed.js';
import type { Packed } from '../../src/analyze/metrics/packed.js';
import { roundUs } from '../../src/analyze/metrics/windows.js';
import type { OpenDatabase, Row } from '../support/database.js';
import { openDatabase } from '../support/database.js';
import type { Known } from '../support/known-times.js';
import { KnownTimes, PATTERNS } from '../support/known-times.js';

const SEED = 20_261_124;
const SECONDS = 210;
const PERCENTS = [50, 95, 99] as const;

/** The value at rank ⌈percent/100 × n⌉; in whole numbers, as 0.95 is none that a computer has. */
function exact(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1]!;
}

/** What differs by 1 % or more, in words; none where all holds. `got` is null where there must be no value. */
class Comparison {
  readonly #wrong: string[] = [];
  compared = 0;

  /** The first few. */
  get wrong(): string[] {
    return this.#wrong.slice(0, 20);
  }

  complain(sentence: string): void {
    this.#wrong.push(sentence);
  }

  quantiles(where: string, times: number[], got: readonly (number | null)[]): void {
    const sorted = Float64Array.from(times).sort();
    got.forEach((value, i) => {
      const percent = PERCENTS[i]!;
      if (sorted.length === 0) {
        if (value !== null) this.#wrong.push(`${where} p${percent}: ${value} of nothing`);
      } else this.value(`${where} p${percent}`, exact(sorted, percent), value);
    });
  }

  value(where: string, truth: number, got: number | null): void {
    this.compared++;
    const error = got === null ? Infinity : Math.abs(got / truth - 1);
    if (!(error < 0.01)) this.#wrong.push(`${where}: ${String(got)} µs, exactly ${truth} µs`);
  }
}

/** The first place whose value is not below `ns`. */
function placeOf(ns: number, ascending: readonly number[]): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < ns) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The exchanges of an edge that began in [fromNs, toNs): how many, and the times in µs of the unflagged ones. */
function within(known: Known, fromNs: number, toNs: number): { exchanges: number; us: number[] } {
  const from = placeOf(fromNs, known.startNs);
  const to = placeOf(toNs, known.startNs);
  const us: number[] = [];
  for (let i = from; i < to; i++) if (!known.flagged[i]!) us.push(known.ttfbNs[i]! / 1e3);
  return { exchanges: to - from, us };
}

const numbers = (row: Row, ...columns: string[]): (number | null)[] =>
  columns.map((column) => row[column] as number | null);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

interface Settings {
  windowNs: number;
  stepNs: number;
}

const SETTINGS: readonly Settings[] = [
  { windowNs: 10e9, stepNs: 1e9 },
  { windowNs: 3e9, stepNs: 500e6 },
];

describe(`a million exchanges of known times (seed ${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dhr-quantiles-'));
  const truth = new KnownTimes(SEED, SECONDS);
  const capture = join(folder, 'known.dhr');

  beforeAll(() => truth.write(capture));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are a million', () => expect(truth.count).toBeGreaterThanOrEqual(1_000_000));

  describe.each(SETTINGS)('in windows of $windowNs ns every $stepNs ns', ({ windowNs, stepNs }) => {
    let analysis: Analysis;
    let database: OpenDatabase;
    /** What is known of each edge of the analysis, by its id. */
    const edges = new Map<number, { name: string; known: Known }>();

    beforeAll(async () => {
      const db = join(folder, `${stepNs}.sqlite`);
      const options = { staleAfterNs: 1e12, exchanges: false };
      analysis = await analyze({ capture, db, windowNs, stepNs, ...options });
      database = openDatabase(db);
      for (const { id, client } of analysis.edges) {
        const n = PATTERNS.findIndex(({ name }) => name === client);
        edges.set(id, { name: client, known: truth.known[n]! });
      }
    });
    afterAll(() => database.close());

    it('every window: all are there, with the quantiles within 1 % and the rolling average', () => {
      const compared = new Comparison();
      const rows = database.query('SELECT * FROM edge_window');
      const found = new Map(
        rows.map((row) => [`${String(row['edge'])} ${String(row['start_ns'])}`, row]),
      );
      const starts = SECONDS / (stepNs / 1e9) - windowNs / stepNs + 1;
      for (const [id, { name, known }] of edges) {
        for (let step = 0; step < starts; step++) {
          const startNs = step * stepNs;
          const { exchanges, us } = within(known, startNs, startNs + windowNs);
          const row = found.get(`${id} ${startNs}`);
          const where = `${name} window at ${startNs / 1e9} s`;
          if ((row?.['exchanges'] ?? 0) !== exchanges)
            compared.complain(`${where}: ${String(row?.['exchanges'])} exchanges of ${exchanges}`);
          if (row === undefined) continue;
          compared.quantiles(where, us, numbers(row, 'p50_us', 'p95_us', 'p99_us'));
          if (us.length > 0) compared.value(`${where} mean`, mean(us), row['avg_us'] as number);
        }
      }
      expect(compared.wrong).toEqual([]);
      expect(edges.size).toBe(PATTERNS.length);
      expect(compared.compared).toBeGreaterThan(4 * 0.8 * starts * PATTERNS.length);
    });

    it('every step', () => {
      const compared = new Comparison();
      for (const [id, { name, known }] of edges) {
        analysis.visitCells(id, ({ step, exchanges, latency }) => {
          const histogram = new Histogram();
          if (latency !== null) histogram.addCounts(latency);
          const expected = within(known, step * stepNs, (step + 1) * stepNs);
          const where = `${name} step ${step}`;
          if (exchanges !== expected.exchanges)
            compared.complain(`${where}: ${exchanges} exchanges of ${expected.exchanges}`);
          compared.quantiles(where, expected.us, histogram.quantiles([0.5, 0.95, 0.99]));
        });
      }
      expect(compared.wrong).toEqual([]);
    });

    it('every edge, the times of servers and of handshakes among them', () => {
      const compared = new Comparison();
      for (const row of database.query('SELECT * FROM edge')) {
        const { name, known } = edges.get(row['id'] as number)!;
        const { us } = within(known, 0, Infinity);
        compared.quantiles(name, us, numbers(row, 'p50_us', 'p95_us', 'p99_us'));
        compared.value(`${name} mean`, mean(us), row['avg_us'] as number);
        const connects = Float64Array.from(known.connectUs).sort();
        compared.value(`${name} connect`, exact(connects, 95), row['connect_p95_us'] as number);
        const served = known.serverNs.filter((ns, i) => !Number.isNaN(ns) && !known.flagged[i]!);
        const server = Float64Array.from(served, (ns) => ns / 1e3).sort();
        if (server.length === 0) expect(row['server_p95_us']).toBe(null);
        else compared.value(`${name} server`, exact(server, 95), row['server_p95_us'] as number);
      }
      expect(compared.wrong).toEqual([]);
    });
  });
});

/** From a microsecond to an hour, on all scales; and those that lie on or beside the bounds of buckets. */
const micros = fc.oneof(
  fc.double({ min: 0, max: 22, noNaN: true }).map((x) => Math.exp(x)),
  fc
    .tuple(fc.nat(1100), fc.constantFrom(-1e-9, 0, 1e-9))
    .map(([i, d]) => Math.max(1, 1.02 ** i * (1 + d))),
);
/** Samples of few values are where ranks go wrong. */
const sample = fc.oneof(
  fc.array(micros, { minLength: 1, maxLength: 3 }),
  fc.array(micros, { minLength: 0, maxLength: 40 }),
  fc.tuple(micros, fc.integer({ min: 1, max: 300 })).map(([us, n]) => Array<number>(n).fill(us)),
);

function packed(step: StepHistogram): Packed {
  const { buckets, counts } = step.sparse();
  const words = Uint32Array.from(buckets, (bucket, i) => bucket * 2 ** COUNT_BITS + counts[i]!);
  return { words, total: step.total };
}

function stepOf(values: readonly number[]): StepHistogram {
  const step = new StepHistogram();
  for (const us of values) step.add(us);
  return step;
}

describe(`merged histograms (seed ${SEED})`, () => {
  it('give quantiles within 1 %, as they are written, after any steps came in and went out', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 8 }), fc.nat(7), (steps, gone) => {
        const histogram = new Histogram();
        steps.forEach((values, i) => {
          if (i % 2 === 0) histogram.merge(stepOf(values), 1);
          else histogram.mergePacked(packed(stepOf(values)), 1);
        });
        steps.slice(0, gone).forEach((values) => histogram.mergePacked(packed(stepOf(values)), -1));
        const compared = new Comparison();
        const written = histogram.quantiles([0.5, 0.95, 0.99]).map(roundUs);
        compared.quantiles(`${steps.length} steps`, steps.slice(gone).flat(), written);
        expect(compared.wrong).toEqual([]);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});
