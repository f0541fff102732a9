/**
 * The contract between the analyzer's side of the report (`build.ts`) and the page (`client/`): one object,
 * embedded in the HTML file as `pack.ts` says. The page knows nothing else. Times are seconds since the capture's
 * start, durations are microseconds, rates are per second, unless a name says otherwise.
 */

/** A number the page may have to do without. */
export type Maybe = number | null;

export interface ReportData {
  format: 2;
  about: About;
  findings: FindingView[];
  services: ServiceView[];
  edges: EdgeView[];
  series: Series;
  failures: { rows: FailureView[]; total: number };
  connections: ConnectionColumns;
  /** The slowest exchanges of each edge, edge by edge, slowest first. */
  slowest: SlowView[];
  /** The k6 run beside the capture; null where none was given. */
  k6: K6Section | null;
  quality: { name: string; severity: 'ok' | 'info' | 'warning' | 'error'; sentence: string }[];
  /** What was folded or left out to keep the page small, in sentences. */
  leftOut: string[];
}

export interface About {
  file: string;
  host: string;
  kernel: string;
  /** Milliseconds since 1970, UTC. */
  startedMs: number;
  durationS: number;
  /** What was analyzed of a longer recording, in words; null where it is all. */
  cut: string | null;
  command: string | null;
  filter: string;
  /** complete, unclosed, torn at byte N … */
  verdict: string;
  events: number;
  lost: number;
  coverage: number;
  connections: number;
  exchanges: number;
  failures: number;
  /** What the recording cost, as sentences ready to show. */
  cost: string[];
  plan: { capability: string; hook: string; note?: string }[];
  recorder: string;
  analyzer: string;
  /** Digest of the analysis, in hex: equal digests, equal content. */
  digest: string;
}

export interface FindingView {
  severity: 'high' | 'medium' | 'low';
  kind: string;
  /** Index into `edges`. */
  edge: number | null;
  fromS: number;
  toS: number;
  sentence: string;
  /** What it was seen by, figure by figure. */
  figures: string[];
}

export interface ServiceView {
  name: string;
  kind: 'container' | 'process' | 'external' | 'unknown';
  /** Compose's project or Kubernetes' namespace; null where its workloads name none, or several. */
  project: string | null;
  /** Its workloads by name, bounded. */
  workloads: WorkloadView[];
  workloadCount: number;
  images: string[];
  addresses: string[];
}

/** One container or process of a service. */
export interface WorkloadView {
  name: string;
  /** First digits of the container's id. */
  container: string | null;
  /** Name of the process. */
  comm: string | null;
  pid: number | null;
}

export interface EdgeView {
  /** Index into `services`. */
  client: number;
  server: number;
  port: number;
  via: string | null;
  connections: number;
  open: number;
  failures: number;
  failuresByVerdict: Record<string, number>;
  exchanges: number;
  flagged: number;
  avg: Maybe;
  p50: Maybe;
  p95: Maybe;
  p99: Maybe;
  connectP95: Maybe;
  serverP95: Maybe;
  lifeP50: Maybe;
  retransmits: number;
  bytesSent: number;
  bytesReceived: number;
  coverage: number;
}

/**
 * Cells of `stepS` seconds that add up: the page merges the cells of the brushed range. Quantiles of a
 * range come from the merged histograms.
 */
export interface Series {
  stepS: number;
  steps: number;
  /** Lower bound of histogram bucket i in µs is `bucketBase ** i` (i >= 0). */
  bucketBase: number;
  /** One entry an edge, same order as `edges`. */
  edges: EdgeSeries[];
  /** Coverage of each step, 0..1. */
  coverage: number[];
}

/** Whole numbers in a row, none below 0: arrays where they are made, parts of one buffer in the page. */
export type Numbers = ArrayLike<number> & Iterable<number>;

/**
 * Sparse in time: `at[k]` is the step that the k-th entry of every other column belongs to. A column
 * whose values are all zero is empty.
 */
export interface EdgeSeries<Column = Numbers> {
  at: Column;
  exchanges: Column;
  connections: Column;
  failures: Column;
  retransmits: Column;
  /** Connections open at the end of the step; it holds until the next entry. */
  open: Column;
  times: Times<Column>;
}

/** Times of the measured exchanges, in cells of `every` steps: cell `at[k]` begins at step `at[k] * every`. */
export interface Times<Column = Numbers> {
  every: number;
  at: Column;
  sumUs: Column;
  /** Exchanges that both ends timed, and sums of what the client waited, the server took … */
  paired: Column;
  pairedUs: Column;
  servedUs: Column;
  /** … and of what passed before the server read the request. */
  pickupUs: Column;
  /** Histograms, cell after cell: first bucket, number of buckets, their counts. */
  hist: Column;
}

/** What is packed in front of the numbers of the series. */
export interface PackedHead {
  /** The data, with no edges in its series. */
  data: ReportData;
  /** How many edges' series follow, and their columns, in this order: see `write` in pack.ts. */
  edges: number;
  own: readonly Exclude<keyof EdgeSeries, 'times'>[];
  times: readonly Exclude<keyof Times, 'every'>[];
}

/** Connections as columns. Texts are indexes into `texts`; null where a value is not known. */
export interface ConnectionColumns {
  /** How many the capture has; the columns may hold fewer. */
  total: number;
  id: number[];
  edge: number[];
  client: number[];
  clientPort: number[];
  server: number[];
  /** null: it was open before the recording. */
  openedS: Maybe[];
  /** null: open at the end. */
  closedS: Maybe[];
  verdict: number[];
  connState: number[];
  connectUs: Maybe[];
  exchanges: number[];
  sent: Maybe[];
  received: Maybe[];
  retransmits: number[];
  texts: string[];
}

/** One exchange. */
export interface SlowView {
  edge: number;
  connection: number;
  atS: number;
  /** What the client waited for the first byte of the response. */
  us: number;
  serverUs: Maybe;
}

export interface FailureView {
  edge: number;
  atS: number;
  durationS: Maybe;
  verdict: string;
  connState: string;
  errno: string | null;
  client: string;
  server: string;
  evidence: string;
}

/** What k6 told of the load, on the capture's time. */
export interface K6Section {
  /** How k6's times were laid on the capture's. */
  offset: string;
  /** Indexes into `edges`: those that k6's requests went over. */
  entry: number[];
  /** k6's numbers and the sockets', side by side; null where one of them does not know. */
  beside: { what: string; unit: 'count' | 'us'; k6: Maybe; sockets: Maybe }[];
  /** Length of a step, seconds; `at` is where each begins. Empty for a summary. */
  stepS: number;
  at: number[];
  vus: Maybe[];
  /** p95 of http_req_duration. */
  p95: Maybe[];
  stages: { name: string; fromS: number; toS: number; requests: number; p95: Maybe }[];
  /** `limitUs`: where it is a line in the chart of response times. */
  thresholds: {
    metric: string;
    expression: string;
    value: Maybe;
    verdict: 'pass' | 'fail' | null;
    judge: 'k6' | 'analyzer';
    limitUs: Maybe;
  }[];
  checks: { name: string; passes: number; fails: number }[];
}
