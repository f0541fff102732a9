/**
 * What the page should show of a range, told from the analysis itself and not from the page's data or
 * code: the slow and obvious way.
 */
import type { Analysis, EdgeCell } from '../../src/analyze/model.js';
import { bucketMiddle } from '../../src/analyze/metrics/histogram.js';

export interface RangeTruth {
  exchanges: number;
  failures: number;
  opened: number;
  /** Exchanges per second. */
  rate: number;
  /** µs, within a few percent. */
  p95: number | null;
}

/** Edge `id` from second `from` to second `to`, for analyses with steps of one second. */
export function truthOf(analysis: Analysis, id: number, from: number, to: number): RangeTruth {
  const cells: EdgeCell[] = [];
  analysis.visitCells(id, (cell) => {
    if (cell.step >= from && cell.step < to) cells.push({ ...cell });
  });
  const times = cells
    .flatMap(({ latency }) =>
      Array.from(latency?.counts ?? []).flatMap((n, i) =>
        new Array<number>(n).fill(bucketMiddle((latency?.first ?? 0) + i)),
      ),
    )
    .sort((a, b) => a - b);
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  const exchanges = sum(cells.map((cell) => cell.exchanges));
  return {
    exchanges,
    failures: sum(cells.map((cell) => cell.failures)),
    opened: sum(cells.map((cell) => cell.connections)),
    rate: exchanges / (to - from),
    p95: times[Math.ceil(times.length * 0.95) - 1] ?? null,
  };
}
