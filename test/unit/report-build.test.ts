/** From an analysis to the page's data: what is kept, what is folded, what is said about it. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Analysis, EdgeCell } from '../../src/analyze/model.js';
import { costSentences } from '../../src/report/about.js';
import { buildReport } from '../../src/report/build.js';
import type { ReportData } from '../../src/report/data.js';
import { escapedJson } from '../../src/report/escape.js';
import { coarsen, stepCoverage, stepsInOne, toSeries } from '../../src/report/fold.js';
import { DATA_BYTES, NAME_CHARS } from '../../src/report/limits.js';
import { pickFailures } from '../../src/report/pick.js';
import { shown } from '../../src/report/text.js';
import { shopAnalysis } from '../support/report-data.js';
import { hostileAnalysis } from '../support/report-hostile.js';

const ABOUT = { analyzer: 'dhrishti test' };

function cell(step: number, values: Partial<EdgeCell>): EdgeCell {
  return {
    edge: 0,
    step,
    connections: 0,
    failures: 0,
    exchanges: 0,
    flagged: 0,
    retransmits: 0,
    open: 0,
    sumUs: 0,
    buckets: [],
    counts: [],
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
  const cells = edges.flatMap((edge) =>
    shop.cells
      .filter((other) => other.edge === edge.id % 100)
      .flatMap((other) =>
        Array.from({ length: Math.ceil(steps / shop.steps) }, (_, k) => ({
          ...other,
          edge: edge.id,
          step: other.step + k * shop.steps,
        })),
      ),
  );
  return { ...shop, edges, cells, steps, capture: { ...shop.capture, durationNs: steps * 1e9 } };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

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
    data = buildReport(shopAnalysis(), ABOUT);
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
    ]);
  });

  test('series add up to the edges', () => {
    for (const [index, edge] of data.edges.entries()) {
      const series = data.series.edges[index]!;
      expect(sumOf(series.exchanges)).toBe(edge.exchanges);
      expect(sumOf(series.failures)).toBe(edge.failures);
      expect(sumOf(series.connections)).toBe(edge.connections);
      expect(sumOf(series.hist.flatMap((pairs) => pairs.filter((_, i) => i % 2 === 1)))).toBe(
        edge.exchanges - edge.flagged,
      );
    }
  });

  test('the same analysis gives the same bytes, with its digest', () => {
    expect(buildReport(shopAnalysis(), ABOUT)).toEqual(data);
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
    const data = buildReport(analysis, ABOUT);
    expect(Buffer.byteLength(escapedJson(data))).toBeLessThanOrEqual(DATA_BYTES);
    expect(sumOf(data.edges.map(({ exchanges }) => exchanges))).toBe(
      sumOf(analysis.edges.map(({ exchanges }) => exchanges)),
    );
    expect(sumOf(data.series.edges.flatMap(({ exchanges }) => exchanges))).toBe(
      sumOf(analysis.cells.map(({ exchanges }) => exchanges)),
    );
    const folded = data.edges.length < analysis.edges.length;
    expect(data.leftOut.some((sentence) => sentence.includes('edges'))).toBe(folded);
    expect(data.leftOut.some((sentence) => sentence.startsWith('Time is shown'))).toBe(
      data.series.stepS > 1,
    );
  });

  test('every name and sentence is cut, and acting characters are spelt out', () => {
    const data = buildReport(hostileAnalysis(), ABOUT);
    expect(Buffer.byteLength(escapedJson(data))).toBeLessThanOrEqual(DATA_BYTES);
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

test('coarsen adds counts and histograms up and keeps the last open count', () => {
  const cells = coarsen(
    0,
    [
      cell(0, { exchanges: 3, open: 2, sumUs: 30, buckets: [10, 11, 14], counts: [1, 1, 1] }),
      cell(1, { exchanges: 1, open: 5, failures: 1, sumUs: 9, buckets: [11], counts: [1] }),
      cell(7, { exchanges: 1, open: 0, retransmits: 2, buckets: [15], counts: [1] }),
    ],
    5,
    2,
  );
  expect(toSeries(cells)).toEqual({
    at: [0, 1],
    exchanges: [4, 1],
    connections: [0, 0],
    failures: [1, 0],
    retransmits: [0, 2],
    open: [5, 0],
    sumUs: [39, 0],
    hist: [
      [5, 3, 7, 1],
      [7, 1],
    ],
  });
});

test('cells of several edges that become one keep what each has open', () => {
  const cells = coarsen(
    9,
    [cell(0, { edge: 1, open: 4 }), cell(0, { edge: 2, open: 3 }), cell(2, { edge: 2, open: 1 })],
    1,
    1,
  );
  expect(cells.map(({ edge, step, open }) => [edge, step, open])).toEqual([
    [9, 0, 7],
    [9, 2, 5],
  ]);
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

test('a step is as good as the best window that holds it', () => {
  const windows = [0, 1, 2, 3].map((second) => ({
    ...{ edge: 0, startNs: second * 1e9, widthNs: 2e9, connections: 0, failures: 0, exchanges: 0 },
    ...{ avgUs: null, p50Us: null, p95Us: null, p99Us: null, open: 0, retransmits: 0 },
    // Events were lost in second 3: every window that holds it knows.
    coverage: second === 2 || second === 3 ? 0.5 : 1,
  }));
  const analysis = { ...shopAnalysis(), windows, steps: 5 };
  expect(stepCoverage(analysis, 1)).toEqual([1, 1, 1, 0.5, 0.5]);
  expect(stepCoverage(analysis, 3)).toEqual([1, 0.5]);
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
