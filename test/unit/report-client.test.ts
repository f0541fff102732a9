/** The page's own arithmetic and geometry, which need no browser. */
import { scaleLinear } from 'd3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildReport } from '../../src/report/build.js';
import { clock, duration, percent, rate } from '../../src/report/client/format.js';
import { edgeStats } from '../../src/report/client/edge-stats.js';
import { quantiles } from '../../src/report/client/histogram.js';
import { pointsAlong } from '../../src/report/client/map/along.js';
import { assignLayers } from '../../src/report/client/map/layers.js';
import { type MapShape, layoutMap } from '../../src/report/client/map/layout.js';
import { settle } from '../../src/report/client/settle.js';
import { fromFragment, toFragment } from '../../src/report/client/fragment.js';
import { createStore } from '../../src/report/client/state.js';
import { bars, stairLine } from '../../src/report/client/time/stairs.js';
import { bandOf } from '../../src/report/client/time/band.js';
import { stepValues } from '../../src/report/client/time/steps.js';
import { shopAnalysis } from '../support/report-data.js';
import { truthOf } from '../support/report-truth.js';

const SEED = { seed: 20_261_123 };

describe('numbers of a range', () => {
  const analysis = shopAnalysis();
  const { data } = buildReport(analysis, { analyzer: 'dhrishti test' });

  test('any range agrees with the analysis', () => {
    fc.assert(
      fc.property(fc.nat(analysis.edges.length - 1), fc.nat(59), fc.nat(59), (edge, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b) + 1];
        const stats = edgeStats(data, edge, from, to);
        const truth = truthOf(analysis, edge, from, to);
        expect([stats.exchanges, stats.failures, stats.connections]).toEqual([
          truth.exchanges,
          truth.failures,
          truth.opened,
        ]);
        // Few values leave room between neighbouring ones: a quantile is only as exact as that.
        if (truth.p95 !== null && truth.exchanges > 2000) {
          expect(Math.abs((stats.p95 ?? 0) / truth.p95 - 1)).toBeLessThan(0.05);
        }
      }),
      SEED,
    );
  });

  test('quantiles of an empty histogram are not known', () => {
    expect(quantiles({ low: 0, counts: [] }, 1.02, [0.5, 0.99])).toEqual([null, null]);
  });

  test('quantiles lie in the bucket that holds their rank', () => {
    const counts = new Array<number>(21).fill(0);
    [counts[0], counts[10], counts[20]] = [50, 45, 5];
    const histogram = { low: 10, counts };
    const [p50, p95, p99] = quantiles(histogram, 2, [0.5, 0.95, 0.99]);
    expect([p50, p95]).toEqual([2 ** 11, 2 ** 21]);
    expect(p99).toBeGreaterThan(2 ** 30);
    expect(p99).toBeLessThan(2 ** 31);
  });
});

describe('the band of many edges', () => {
  const { data } = buildReport(shopAnalysis(), { analyzer: 'dhrishti test' });
  const all = data.edges.map((_, index) => stepValues(data, index));
  const { steps } = data.series;

  test('holds the least, the middle and the greatest p95 of each step', () => {
    const band = bandOf(all, steps);
    expect([band.edges, band.low.length, band.high.length]).toEqual([all.length, steps, steps]);
    for (let step = 0; step < steps; step++) {
      const known = all.flatMap(({ p95 }) => p95[step] ?? []);
      const [low, middle, high] = [band.low[step], band.middle[step], band.high[step]];
      expect(low).toBe(known.length === 0 ? null : Math.min(...known));
      expect(high).toBe(known.length === 0 ? null : Math.max(...known));
      const below = known.filter((value) => value < (middle ?? 0)).length;
      expect(below).toBeLessThanOrEqual(known.length / 2);
    }
  });

  test('is not known where no edge is', () => {
    expect(bandOf([], 2)).toEqual({
      edges: 0,
      low: [null, null],
      middle: [null, null],
      high: [null, null],
    });
  });
});

describe('the view', () => {
  test('stays within the capture whatever is asked for', () => {
    const store = createStore(60, 3, 2);
    store.set({ from: -5, to: 900, edge: 7 });
    expect(store.view).toMatchObject({ from: 0, to: 60, edge: null });
    store.set({ from: 59.6, to: 3, edge: 2 });
    expect(store.view).toMatchObject({ from: 59, to: 60, edge: 2 });
    store.set({ from: Number.NaN, to: Number.NaN });
    expect(store.view).toMatchObject({ from: 0, to: 1 });
  });

  test('a fragment comes back as the same view; nonsense, and what it lacks, as the page opens', () => {
    const store = createStore(60, 3, 2, 2);
    const opening = { ...store.first };
    const read = (fragment: string): unknown => ({
      ...store.first,
      ...fromFragment(fragment, store.first, 0.5),
    });
    store.set({ from: 20, to: 30, edge: 1 });
    expect(toFragment(store.view, store.first, 0.5)).toBe('from=10&to=15&edge=1');
    expect(read('#from=10&to=15&edge=1')).toEqual({ ...opening, from: 20, to: 30, edge: 1 });
    expect(read('#from=x&to=&edge=<b>&zone=mars&open=a')).toEqual(opening);
    expect(read('')).toEqual(opening);
    store.set({ edge: null, from: 0, to: 60 });
    expect(toFragment(store.view, store.first, 0.5)).toBe('edge=none');
    expect(read('#edge=none')).toEqual({ ...opening, edge: null });
  });
});

describe('a staircase', () => {
  const line = stairLine({ x: scaleLinear([0, 60], [10, 70]), stepS: 10 }, (value) => 100 - value);
  test.each([
    ['steps of one height are one line', [5, 5, 5, 7, 7, 1], 'M10 95H40V93H60V99H70'],
    ['a gap where nothing is known', [5, null, null, 5, 6, null], 'M10 95H20M40 95H50V94H60'],
    ['a step that stands alone', [null, 3, null, null, null, null], 'M20 97H30'],
    ['heights that are a tenth of a pixel apart at most', [1.01, 1.02, 2], 'M10 99H30V98H40'],
    ['nothing at all', [null, null], ''],
  ])('%s', (_, values, path) => {
    expect(line(values)).toBe(path);
  });
});

describe('bars', () => {
  const path = bars({ x: scaleLinear([0, 60], [10, 70]), stepS: 10 }, (value) => 50 - value, 50);
  test.each([
    ['one for each value but 0', [20, 0, 7], 'M10 50V30h9.5V50zM30 50V43h9.5V50z'],
    ['of little can be seen', [0.4], 'M10 50V48h9.5V50z'],
    ['of nothing are none', [0, 0], ''],
  ])('%s', (_, values, expected) => {
    expect(path(values)).toBe(expected);
  });

  test('have a pixel of width where steps are narrower', () => {
    const narrow = bars({ x: scaleLinear([0, 600], [10, 70]), stepS: 10 }, () => 30, 50);
    expect(narrow([0, 5])).toBe('M11 50V30h1V50z');
  });
});

describe('points along a curve', () => {
  test('of straight lines are at their share of the length', () => {
    expect(pointsAlong('M0,0L30,0L30,10', [0, 0.25, 0.75, 1])).toEqual([
      [0, 0],
      [10, 0],
      [30, 0],
      [30, 10],
    ]);
  });

  test('of a curve that is the same from both ends meet in its middle', () => {
    const [near, middle, far] = pointsAlong('M0,0C50,0,50,80,100,80', [0.25, 0.5, 0.75]);
    expect(middle![0]).toBeCloseTo(50, 6);
    expect(middle![1]).toBeCloseTo(40, 6);
    expect(near![0] + far![0]).toBeCloseTo(100, 6);
    expect(near![1] + far![1]).toBeCloseTo(80, 6);
  });

  test('of nothing and of a point are where it is', () => {
    expect(pointsAlong('', [0.5])).toEqual([[0, 0]]);
    expect(pointsAlong('M7,9', [0, 0.5, 1])).toEqual(new Array(3).fill([7, 9]));
  });
});

describe('the map', () => {
  const links = (...pairs: [number, number][]): { client: number; server: number }[] =>
    pairs.map(([client, server]) => ({ client, server }));

  test('callers stand left of what they call; a cycle is broken where it closes', () => {
    expect(assignLayers(5, links([0, 1], [1, 2], [0, 3], [3, 4], [2, 4]))).toEqual({
      layer: [0, 1, 2, 1, 3],
      back: [false, false, false, false, false],
      count: 4,
    });
    expect(assignLayers(3, links([0, 1], [1, 2], [2, 1]))).toEqual({
      layer: [0, 1, 2],
      back: [false, false, true],
      count: 3,
    });
  });

  function apart(shape: MapShape): boolean {
    return shape.boxes.every(([x, y], i) =>
      shape.boxes.every(
        ([otherX, otherY], j) =>
          i === j ||
          Math.abs(x - otherX) >= shape.box.width ||
          Math.abs(y - otherY) >= shape.box.height,
      ),
    );
  }

  test('any graph: boxes are apart and inside, curves join their services, twice the same', () => {
    const graphs = fc.integer({ min: 1, max: 14 }).chain((nodes) =>
      fc.tuple(
        fc.constant(nodes),
        fc.array(fc.record({ client: fc.nat(nodes - 1), server: fc.nat(nodes - 1) }), {
          maxLength: 30,
        }),
        fc.boolean(),
      ),
    );
    fc.assert(
      fc.property(graphs, ([nodes, edges, vertical]) => {
        const room = { width: vertical ? 380 : 1200, vertical, box: { width: 100, height: 44 } };
        const shape = layoutMap(nodes, edges, room);
        expect(layoutMap(nodes, edges, room)).toEqual(shape);
        expect(apart(shape)).toBe(true);
        for (const [x, y] of shape.boxes) {
          expect(x - 50).toBeGreaterThanOrEqual(0);
          expect(x + 50).toBeLessThanOrEqual(shape.width);
          expect(y - 22).toBeGreaterThanOrEqual(0);
          expect(y + 22).toBeLessThanOrEqual(shape.height);
        }
        for (const [i, { client, server }] of edges.entries()) {
          const ends = [shape.curves[i]?.points[0], shape.curves[i]?.points.at(-1)];
          for (const [k, service] of [client, server].entries()) {
            const [x, y] = ends[k] ?? [NaN, NaN];
            const [boxX, boxY] = shape.boxes[service] ?? [NaN, NaN];
            expect(Math.abs(x - boxX)).toBeLessThanOrEqual(50.001);
            expect(Math.abs(y - boxY)).toBeLessThanOrEqual(22.001);
          }
        }
      }),
      SEED,
    );
  });

  test('settle keeps order and distance and moves nothing without need', () => {
    expect(settle([0, 10, 20], [5, 5])).toEqual([0, 10, 20]);
    expect(settle([10, 10, 10], [4, 4])).toEqual([6, 10, 14]);
    expect(settle([], [])).toEqual([]);
  });
});

test.each([
  [duration(null), '–'],
  [duration(0.2), '<1 µs'],
  [duration(84.6), '85 µs'],
  [duration(999.6), '1 ms'],
  [duration(12_345), '12.3 ms'],
  [duration(999_700), '1 s'],
  [duration(60e6), '1 min'],
  [duration(3_725e6), '1 h 2 min'],
  [clock(12, 1), '12 s'],
  [clock(12.345, 0.1), '12.3 s'],
  [clock(3725, 1), '1:02:05'],
  [rate(0), '0/s'],
  [rate(0.254), '0.254/s'],
  [rate(1234.4), '1,234/s'],
  [percent(1), '100 %'],
  [percent(0.99999), '99.999 %'],
  [percent(0.9999999), '99.999 %'],
  [percent(0.5), '50.0 %'],
])('%s reads %s', (shown, expected) => {
  expect(shown.replaceAll('\u00a0', ' ')).toBe(expected);
});
