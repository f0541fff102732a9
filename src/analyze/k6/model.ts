/**
 * What a k6 run tells, laid on the capture's time. k6 knows what its users saw; the capture knows what the sockets did.
 *
 * Times named `...Ns` count from the capture's start; durations named `...Us` are microseconds; `null` means "not known".
 */
import type { StepHistogram } from '../metrics/histogram.js';

/** One limit that the k6 script sets for itself. */
export interface K6Threshold {
  /** With the tags of a submetric: `http_req_duration{scenario:browse}`. */
  metric: string;
  /** As the script has it: `p(95)<500`. */
  expression: string;
  /** What the expression's left side came to, in k6's own unit (milliseconds for times); null where it is not known. */
  value: number | null;
  verdict: 'pass' | 'fail' | null;
  /** Who judged: k6 in its summary, or the analyzer from k6's points. */
  judge: 'k6' | 'analyzer';
}

export interface K6Check {
  name: string;
  passes: number;
  fails: number;
}

/** What k6 did in one step of the capture. A request belongs to the step in which it began. */
export interface K6Step {
  vus: number | null;
  requests: number;
  /** Requests that k6 holds for failed (http_req_failed), and of these those without any answer (status 0). */
  failed: number;
  unanswered: number;
  /** Of the unanswered, those that ended before a packet left k6. */
  unopened: number;
  durationUs: number;
  blockedUs: number;
  connectingUs: number;
  waitingUs: number;
  receivingUs: number;
  /** Histogram of http_req_duration, in microseconds. */
  latency: StepHistogram;
  checksPassed: number;
  checksFailed: number;
  /** Names of the checks that failed. */
  failedChecks: Map<string, number>;
  dropped: number;
  /** Requests by the stage that the script tagged them with. */
  tagged: Map<string, number>;
}

/** Sums over the requests of the whole file. */
export interface K6Totals {
  requests: number;
  /** Began outside of the capture's time, and are in no step. */
  outside: number;
  failed: number;
  /** Without any answer (status 0); of these, those that ended before a packet left k6. */
  unanswered: number;
  unopened: number;
  /** Connections that k6 opened. */
  opened: number;
  dropped: number;
  iterations: number;
  durationUs: number;
  blockedUs: number;
  connectingUs: number;
  tlsUs: number;
  sendingUs: number;
  waitingUs: number;
  receivingUs: number;
  durationP50Us: number | null;
  durationP95Us: number | null;
  waitingP50Us: number | null;
  waitingP95Us: number | null;
  maxVus: number | null;
}

/** One k6 run, from one file or two. */
export interface K6Run {
  /** `points`: every measurement, with its time. `summary`: totals only. */
  kind: 'points' | 'summary';
  /** First and last moment that k6 tells; null for a summary. */
  startNs: number | null;
  endNs: number | null;
  /** How far the machine's wall clock moved against the capture's own clock, nanoseconds. */
  clockMovedNs: number;
  totals: K6Totals;
  /** By step of the capture. */
  steps: Map<number, K6Step>;
  checks: K6Check[];
  thresholds: K6Threshold[];
  /** What k6 called: `gateway:8080`. */
  targets: string[];
  /** What k6 said of requests that could not be opened, most frequent first; bounded. */
  errors: string[];
  /** What could not be read, in sentences. */
  problems: string[];
}

/** A stretch of steps [from, to) in which the load had one shape. */
export interface K6Stage {
  name: string;
  from: number;
  to: number;
}

/** A sliding window of k6's numbers, beside `EdgeWindow`. Means are for each request. */
export interface K6Window {
  startNs: number;
  widthNs: number;
  stage: string | null;
  vus: number | null;
  requests: number;
  failed: number;
  avgUs: number | null;
  p50Us: number | null;
  p95Us: number | null;
  blockedUs: number | null;
  connectingUs: number | null;
  waitingUs: number | null;
  receivingUs: number | null;
  checksPassed: number;
  checksFailed: number;
  dropped: number;
}

/** k6 beside the capture, as the store and the page get it. */
export interface K6View {
  kind: K6Run['kind'];
  startNs: number | null;
  endNs: number | null;
  /** How k6's times were laid on the capture's, in one sentence. */
  offset: string;
  totals: K6Totals;
  /** Ids of the edges that k6's requests went over, and how many connections came about on them. */
  entry: number[];
  established: number;
  stages: {
    name: string;
    startNs: number;
    endNs: number;
    requests: number;
    p95Us: number | null;
  }[];
  windows: K6Window[];
  /** k6's p95 and VUs in each step in which it did something. */
  steps: { step: number; vus: number | null; requests: number; p95Us: number | null }[];
  checks: K6Check[];
  thresholds: K6Threshold[];
}
