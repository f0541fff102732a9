/** k6 and the capture side by side: the windows, the stages, and which edges are k6's. */
import { formatDuration } from '../../base/time.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import { Histogram } from '../metrics/histogram.js';
import type { Steps } from '../metrics/steps.js';
import { roundUs } from '../metrics/windows.js';
import type { QualityRow, Workload } from '../model.js';
import { entryEdges } from './entry.js';
import type { K6Run, K6Stage, K6Step, K6View, K6Window } from './model.js';
import { stagesOf } from './stages.js';

/** What the findings look at. */
export interface K6Facts {
  run: K6Run;
  entry: EdgeMetrics[];
  stages: K6Stage[];
}

export function k6Facts(
  run: K6Run,
  edges: readonly EdgeMetrics[],
  workloads: readonly Workload[],
): K6Facts {
  return { run, entry: entryEdges(run, edges, workloads), stages: stagesOf(run.steps) };
}

export function k6View({ run, entry, stages }: K6Facts, steps: Steps): K6View {
  const order = [...run.steps].sort((a, b) => a[0] - b[0]);
  return {
    kind: run.kind,
    startNs: run.startNs,
    endNs: run.endNs,
    offset: offsetOf(run),
    totals: run.totals,
    entry: entry.map(({ id }) => id),
    established: entry.reduce((sum, { connect }) => sum + connect.total, 0),
    stages: stages.map(({ name, from, to }) => {
      const { requests, p95Us } = inStage(run, { from, to });
      return { name, startNs: from * steps.stepNs, endNs: to * steps.stepNs, requests, p95Us };
    }),
    windows: windowsOf(order, stages, steps),
    steps: order.map(([step, { vus, requests, latency }]) => {
      const one = new Histogram();
      one.merge(latency, 1);
      return { step, vus, requests, p95Us: roundUs(one.quantile(0.95)) };
    }),
    checks: run.checks,
    thresholds: run.thresholds,
  };
}

/** What the quality table says of the k6 file. `problem` is why there is none. */
export function k6Quality(run: K6Run | null, problem: string | null): QualityRow[] {
  const rows: QualityRow[] = [];
  const say = (severity: QualityRow['severity'], value: number, sentence: string): void => {
    rows.push({ name: 'k6_file', severity, source: 'analyzer', value, sentence });
  };
  if (problem !== null) say('warning', 0, `${problem} The analysis went on without it.`);
  for (const one of run?.problems ?? []) say('warning', 1, one);
  const outside = run?.totals.outside ?? 0;
  if (outside > 0) {
    say(
      'info',
      outside,
      `${outside} requests of k6's began outside of the capture's time and are in totals only.`,
    );
  }
  return rows;
}

/** Requests and p95 of http_req_duration in some steps. */
export function inStage(
  run: K6Run,
  { from, to }: { from: number; to: number },
): { requests: number; p95Us: number | null } {
  const sum = new Histogram();
  for (const [index, { latency }] of run.steps) {
    if (index >= from && index < to) sum.merge(latency, 1);
  }
  return { requests: sum.total, p95Us: roundUs(sum.quantile(0.95)) };
}

function offsetOf(run: K6Run): string {
  if (run.startNs === null) return 'A summary has no times: only totals can be compared.';
  const side = run.startNs < 0 ? 'before' : 'after';
  return (
    `k6's first measurement was ${formatDuration(Math.abs(run.startNs))} ${side} the capture's start, by the wall clock ` +
    `that both have; it moved by ${formatDuration(run.clockMovedNs)} against the capture's own clock.`
  );
}

/** Windows with the starts and the width of the edges' windows. */
function windowsOf(
  order: readonly [number, K6Step][],
  stages: readonly K6Stage[],
  steps: Steps,
): K6Window[] {
  const { perWindow } = steps;
  const starts = Math.max(1, steps.count - perWindow + 1);
  const windows: K6Window[] = [];
  let into = 0;
  let out = 0;
  for (let start = 0; start < starts; start++) {
    while (into < order.length && order[into]![0] < start + perWindow) into++;
    while (out < into && order[out]![0] < start) out++;
    if (into === out) continue;
    const held = order.slice(out, into).map(([, step]) => step);
    windows.push(windowOf(held, start, stages, steps));
  }
  return windows;
}

function windowOf(
  held: readonly K6Step[],
  start: number,
  stages: readonly K6Stage[],
  { stepNs, perWindow }: Steps,
): K6Window {
  const sum = (of: (step: K6Step) => number): number =>
    held.reduce((all, step) => all + of(step), 0);
  const requests = sum((step) => step.requests);
  const mean = (of: (step: K6Step) => number): number | null =>
    requests === 0 ? null : roundUs(sum(of) / requests);
  const latency = new Histogram();
  for (const step of held) latency.merge(step.latency, 1);
  const [p50, p95] = latency.quantiles([0.5, 0.95]);
  const middle = start + perWindow / 2;
  return {
    startNs: start * stepNs,
    widthNs: perWindow * stepNs,
    stage: stages.find(({ from, to }) => middle >= from && middle < to)?.name ?? null,
    vus: held.reduce<number | null>(
      (most, { vus }) => (vus === null ? most : Math.max(most ?? 0, vus)),
      null,
    ),
    requests,
    failed: sum((step) => step.failed),
    avgUs: mean((step) => step.durationUs),
    p50Us: roundUs(p50 ?? null),
    p95Us: roundUs(p95 ?? null),
    blockedUs: mean((step) => step.blockedUs),
    connectingUs: mean((step) => step.connectingUs),
    waitingUs: mean((step) => step.waitingUs),
    receivingUs: mean((step) => step.receivingUs),
    checksPassed: sum((step) => step.checksPassed),
    checksFailed: sum((step) => step.checksFailed),
    dropped: sum((step) => step.dropped),
  };
}
