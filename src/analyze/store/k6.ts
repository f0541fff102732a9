/** The rows of the k6 tables. */
import type { K6View } from '../k6/model.js';

type Value = string | number | null;

/** Tables and their rows, in the order of the columns; none where there is no k6 run. */
export function k6Rows(k6: K6View | null): [table: string, rows: Value[][]][] {
  if (k6 === null) return [];
  const windows = k6.windows.map((w) => [
    w.startNs,
    w.widthNs,
    w.stage,
    w.vus,
    w.requests,
    w.failed,
    w.avgUs,
    w.p50Us,
    w.p95Us,
    w.blockedUs,
    w.connectingUs,
    w.waitingUs,
    w.receivingUs,
    w.checksPassed,
    w.checksFailed,
    w.dropped,
  ]);
  const thresholds = k6.thresholds.map((t) => [
    t.metric,
    t.expression,
    t.value,
    t.verdict,
    t.judge,
  ]);
  return [
    ['k6_window', windows],
    ['k6_threshold', thresholds],
  ];
}
