/** A k6 run beside the shop of report-data.ts, and one whose every text tries to leave its place. */
import type { K6View } from '../../src/analyze/k6/model.js';

/** Ramp, steady and spike; k6's users wait longer during the spike. */
export function shopK6(): K6View {
  const steps = Array.from({ length: 30 }, (_, step) => ({
    step,
    vus: step < 10 ? 1 + step : step < 20 ? 10 : 30,
    requests: 40,
    p95Us: step < 20 ? 24_000 : 310_000,
  }));
  const stage = (name: string, from: number, to: number): K6View['stages'][number] => ({
    name,
    startNs: from * 1e9,
    endNs: to * 1e9,
    requests: 40 * (to - from),
    p95Us: from < 20 ? 24_000 : 310_000,
  });
  return {
    kind: 'points',
    startNs: 0.4e9,
    endNs: 30e9,
    offset: "k6's first measurement was 400 ms after the capture's start.",
    totals: {
      requests: 1200,
      outside: 0,
      failed: 12,
      unanswered: 0,
      unopened: 0,
      opened: 30,
      dropped: 0,
      iterations: 1200,
      durationUs: 30e6,
      blockedUs: 1e5,
      connectingUs: 1e4,
      tlsUs: 0,
      sendingUs: 1e4,
      waitingUs: 29e6,
      receivingUs: 1e5,
      durationP50Us: 12_000,
      durationP95Us: 310_000,
      waitingP50Us: 11_900,
      waitingP95Us: 309_000,
      maxVus: 30,
    },
    entry: [0],
    established: 30,
    stages: [stage('ramp', 0, 10), stage('steady', 10, 20), stage('spike', 20, 30)],
    windows: [],
    steps,
    checks: [{ name: 'status is 200', passes: 1188, fails: 12 }],
    thresholds: [
      {
        metric: 'http_req_duration',
        expression: 'p(95)<200',
        value: 310,
        verdict: 'fail',
        judge: 'k6',
      },
      {
        metric: 'http_req_duration',
        expression: 'p(99)<1000',
        value: 400,
        verdict: 'pass',
        judge: 'k6',
      },
      { metric: 'checks', expression: 'rate>0.99', value: 0.99, verdict: null, judge: 'analyzer' },
    ],
  };
}

/** The same with texts from outside. */
export function hostileK6(texts: readonly string[]): K6View {
  const shop = shopK6();
  return {
    ...shop,
    offset: texts.join(' '),
    stages: texts.map((name, i) => ({
      ...shop.stages[0]!,
      name,
      startNs: i * 1e9,
      endNs: (i + 1) * 1e9,
    })),
    checks: texts.map((name) => ({ name, passes: 1, fails: 1 })),
    thresholds: texts.map((text) => ({
      metric: text,
      expression: text,
      value: null,
      verdict: null,
      judge: 'analyzer' as const,
    })),
  };
}
