/** From an analysis to the page's data: what is kept, what is folded, what is said about it. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Analysis, EdgeCell } from '../../src/analyze/model.js';
import { costSentences } from '../../src/report/about.js';
import { buildReport } from '../../src/report/build.js';
import type { Numbers, ReportData } from '../../src/report/data.js';
import { coarseCoverage, stepsInOne } from '../../src/report/fold.js';
import { DATA_BYTES, NAME_CHARS } from '../../src/report/limits.js';
import { pickFailures } from '../../src/report/pick.js';
import { edgeSeries, foldedSeries } from '../../src/report/series.js';
import { shown } from '../../src/report/text.js';
import { cellsBy, dense, shopAnalysis } from '../support/report-data.js';
import { hostileAnalysis } from '../support/report-hostile.js';

const ABOUT = { analyzer: 'dhrishti test' };

function cell(step: number, values: Partial<EdgeCell>): EdgeCell {
  return {
    step,
    connections: 0,
    failures: 0,
    exchanges: 0,
    flagged: 0,
    retransmits: 0,
    open: 0,
    sumUs: 0,
    paired: 0,
    pairedUs: 0,
    servedUs: 0,
    pickupUs: 0,
    latency: null,
    ...values,
  };
}

/** The shop, `times` times as many edges, each with a name of its own. */
function wideAnalysis(times: number, steps: number): Analysis {
  const shop = shopAnalysis();
  const edges = Array.from({ length: times }, (_, k) =>
    shop.edges.map((edge) => ({
      ...edge,
      id: edge.id + k * 100,
      client: `${edge.client}-${k}`,
      server: `${edge.server}-${k}`,
    })),
  ).flat();
  const coverage = new Array<number>(steps).fill(1);
  return {
    ...shop,
    edges,
    steps,
    coverage,
    visitCells(edge, visit) {
      for (let start = 0; start < steps; start += shop.steps) {
        shop.visitCells(edge % 100, (other) => visit({ ...other, step: start + other.step }));
      }
    },
    capture: { ...shop.capture, durationNs: steps * 1e9 },
  };
}

function exchangesIn(analysis: Analysis): number {
  let sum = 0;
  for (const { id } of analysis.edges) analysis.visitCells(id, (cell) => (sum += cell.exchanges));
  return sum;
}

/** Sum of what is no count in flat histograms: first buckets and lengths. */
function firsts(hist: Numbers, cells: number): number {
  let [sum, at] = [0, 0];
  for (let k = 0; k < cells; k++) {
    sum += hist[at]! + hist[at + 1]!;
    at += 2 + hist[at + 1]!;
  }
  return sum;
}

const sumOf = (values: Numbers): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0);

describe('what a recording cost', () => {
  const { capture } = shopAnalysis();
  const { cost } = capture;
  if (cost === null) throw new Error('the shop has a cost');

  test('is a share of the machine, of the probes for the time that was measured', () => {
    expect(
      costSentences({ ...capture, durationNs: 30e9, cost: { ...cost, bpfMeasuredNs: 3e9 } }),
    ).toEqual([
      'The recorder took 420 ms of CPU time (0.7 % of the machine) and 67.7 MiB of memory.',
      'Its probes took 5.2 % of the machine: 412,000 runs took 310 ms in the 3 s that were measured.',
      'Its ring buffer was at most 0.28 % full (64 MiB).',
      'The capture file holds 174,276 events in 8.96 MiB.',
    ]);
  });

  test('is not made up where nothing was measured', () => {
    expect(costSentences({ ...capture, cost: { ...cost, bpfNs: 0 } })[1]).toBe(
      'What its probes took was not measured.',
    );
  });
});

describe('the shop', () => {
  let data: ReportData;
  beforeAll(() => {
    ({ data } = buildReport(shopAnalysis(), ABOUT));
  });

  test('keeps every edge with its numbers, and nothing is folded', () => {
    const shop = shopAnalysis();
    expect(
      data.edges.map((edge) => [
        data.services[edge.client]?.name,
        data.services[edge.server]?.name,
        edge.port,
        edge.exchanges,
        edge.failures,
      ]),
    ).toEqual(
      shop.edges.map((edge) => [
        edge.client,
        edge.server,
        edge.port,
        edge.exchanges,
        edge.failures,
      ]),
    );
    expect(data.series.stepS).toBe(1);
    expect(data.leftOut).toEqual([
      "Percentiles of a chosen range are read from histograms and may be 3 % off; those of the whole capture are the analyzer's own.",
      '60 of 7107 connections are listed one by one, some of every edge; the counts hold all of them.',
    ]);
  });

  test('series add up to the edges', () => {
    for (const [index, edge] of data.edges.entries()) {
      const series = data.series.edges[index]!;
      expect(sumOf(series.exchanges)).toBe(edge.exchanges);
      expect(sumOf(series.failures)).toBe(edge.failures);
      expect(sumOf(series.connections)).toBe(edge.connections);
      const { at, hist } = series.times;
      expect(sumOf(hist) - firsts(hist, at.length)).toBe(edge.exchanges - edge.flagged);
    }
  });

  test('the same analysis gives the same bytes, with its digest', () => {
    expect(buildReport(shopAnalysis(), ABOUT).data).toEqual(data);
    expect(data.about.digest).toBe(shopAnalysis().digest);
  });
});

describe('bounds', () => {
  test.each([
    ['many edges', 60, 60],
    ['a long capture', 1, 7200],
    ['both', 12, 1200],
  ])('%s fit, and the page says what was folded', { timeout: 60_000 }, (_, times, steps) => {
    const analysis = wideAnalysis(times, steps);
    const { data, packed } = buildReport(analysis, ABOUT);
    expect(packed.length).toBeLessThanOrEqual(DATA_BYTES);
    expect(sumOf(data.edges.map(({ exchanges }) => exchanges))).toBe(
      sumOf(analysis.edges.map(({ exchanges }) => exchanges)),
    );
    expect(sumOf(data.series.edges.flatMap(({ exchanges }) => [...exchanges]))).toBe(
      exchangesIn(analysis),
    );
    const folded = data.edges.length < analysis.edges.length;
    expect(data.leftOut.some((sentence) => sentence.includes('folded'))).toBe(folded);
    expect(data.leftOut.some((sentence) => sentence.startsWith('Time is shown'))).toBe(
      data.series.stepS > 1,
    );
  });

  test('whatever the numbers of edges and steps, and an hour of many edges has fine steps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 1, max: 4000 }),
        (times, steps) => {
          // So many cells at most, as each run makes them all.
          const analysis = wideAnalysis(
            times,
            Math.max(1, Math.min(steps, Math.floor(3e4 / times))),
          );
          expect(buildReport(analysis, ABOUT).packed.length).toBeLessThanOrEqual(DATA_BYTES);
        },
      ),
      { seed: 20_261_124, numRuns: 5 },
    );
    const { data, packed } = buildReport(wideAnalysis(60, 3600), ABOUT);
    expect(packed.length).toBeLessThanOrEqual(DATA_BYTES);
    expect(data.series.stepS).toBeLessThanOrEqual(10);
  }, 120_000);

  test('every name and sentence is cut, and acting characters are spelt out', () => {
    const { data, packed } = buildReport(hostileAnalysis(), ABOUT);
    expect(packed.length).toBeLessThanOrEqual(DATA_BYTES);
    const spelt = 6; // an escape such as \u0007
    for (const { name } of data.services)
      expect(name.length).toBeLessThanOrEqual(NAME_CHARS * spelt);
    // JSON itself escapes controls, so look at the texts and not at the JSON.
    const acting = /[\u0000-\u001f\u202a-\u202e\u2066-\u2069\u2028]/;
    const found: string[] = [];
    JSON.stringify(data, (_, value: unknown) => {
      if (typeof value === 'string' && acting.test(value)) found.push(value.slice(0, 80));
      return value;
    });
    expect(found).toEqual([]);
  });
});

test('shown leaves ordinary text of any script as it is', () => {
  expect(shown('shop-auth-1 दृष्टि שלום 眼', 96)).toBe('shop-auth-1 दृष्टि שלום 眼');
  expect(shown('a\u0007b\u202ec', 96)).toBe('a\\u0007b\\u202ec');
  expect(shown('abcdef', 4)).toBe('abc…');
  expect(shown('ab😀cd', 4)).toBe('ab\\ud83d…');
});

function analysisOf(cells: Record<number, EdgeCell[]>): Analysis {
  const byEdge = new Map(Object.entries(cells).map(([edge, own]) => [Number(edge), own]));
  return { ...shopAnalysis(), ...cellsBy(byEdge) };
}

const histogram = (...buckets: number[]): EdgeCell['latency'] =>
  dense(new Map(buckets.map((bucket) => [bucket, 1])));

test('counts and histograms add up, and the last open count is kept', () => {
  const analysis = analysisOf({
    1: [
      cell(0, { exchanges: 3, open: 2, sumUs: 30, latency: histogram(10, 11, 14) }),
      cell(1, { exchanges: 1, open: 5, failures: 1, sumUs: 9, latency: histogram(11) }),
      cell(7, { exchanges: 1, open: 0, retransmits: 2, latency: histogram(15) }),
    ],
  });
  const none = { paired: [0, 0], pairedUs: [0, 0], servedUs: [0, 0], pickupUs: [0, 0] };
  expect(edgeSeries(analysis, 1, { factor: 5, steps: 2, bucketsInOne: 2 }, 1)).toEqual({
    at: [0, 1],
    exchanges: [4, 1],
    connections: [],
    failures: [1, 0],
    retransmits: [0, 2],
    open: [5, 0],
    times: { every: 1, at: [0, 1], sumUs: [39, 0], ...none, hist: [5, 3, 3, 0, 1, 7, 1, 1] },
  });
});

test('edges that become one keep what each has open', () => {
  const analysis = analysisOf({
    1: [cell(0, { open: 4 })],
    2: [cell(0, { open: 3 }), cell(2, { open: 1 })],
  });
  const edges = shopAnalysis().edges.filter(({ id }) => id === 1 || id === 2);
  const grid = { factor: 1, steps: 4, bucketsInOne: 1 };
  expect(foldedSeries(analysis, edges, grid).open).toEqual([7, 7, 5, 5]);
});

test.each([
  [60, 720, 1],
  [721, 720, 2],
  [7200, 720, 10],
  [7200, 60, 120],
  [10_000_000, 60, 166_667],
])('%i steps in at most %i: %i become one', (steps, most, expected) => {
  expect(stepsInOne(steps, most)).toBe(expected);
});

test('a coarse step is as bad as the worst step in it', () => {
  expect(coarseCoverage([1, 1, 1, 0.5, 0.9], 1)).toEqual([1, 1, 1, 0.5, 0.9]);
  expect(coarseCoverage([1, 1, 1, 0.5, 0.9], 3)).toEqual([1, 0.5]);
});

test('a flood of one kind of failure does not hide a rare one', () => {
  const shop = shopAnalysis();
  const rare = { ...shop.failures[0]!, id: 1e9, edge: 0, verdict: 'timeout' as const };
  const picked = pickFailures([...shop.failures, rare], 20);
  expect(picked).toHaveLength(20);
  expect(picked).toContainEqual(rare);
  const times = picked.map(({ closedNs }) => closedNs ?? 0);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
