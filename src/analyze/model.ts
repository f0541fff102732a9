/**
 * What the analyzer's stages hand to each other, and what it hands to the store and to the report.
 *
 * Times named `...Ns` are nanoseconds since the capture's start as JS numbers (exact up to 104 days);
 * durations named `...Us` are microseconds. `null` means "not known", never "zero".
 */

import type { K6View } from './k6/model.js';

/** How a connection ended. DESIGN §7. */
export const VERDICTS = [
  'ok',
  'open',
  'refused',
  'timeout',
  'unreachable',
  'cancelled',
  'reset_by_client',
  'reset_by_server',
  'never_accepted',
  'stale',
  'unknown',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The verdicts that count as failures of an edge. */
export const FAILURES: ReadonlySet<Verdict> = new Set<Verdict>([
  'refused',
  'timeout',
  'unreachable',
  'reset_by_client',
  'reset_by_server',
  'never_accepted',
]);

/** How a socket's owner was found, best first. */
export const GRADES = ['cgroup', 'owner', 'netns', 'address', 'unknown'] as const;
export type Grade = (typeof GRADES)[number];

/** Who owns sockets: a container, a process outside containers, or an address that is not on this machine. */
export interface Workload {
  id: number;
  kind: 'container' | 'process' | 'external' | 'unknown';
  name: string;
  service: string;
  /** What its engine says it belongs to: compose's project, or Kubernetes' namespace; null where it says nothing. */
  project: string | null;
  /** Addresses that it had, in the order in which they became known. */
  addresses: string[];
  containerId: string | null;
  image: string | null;
  pid: number | null;
  comm: string | null;
  firstSeenNs: number;
  lastSeenNs: number;
}

/** One connection, both ends where both were seen. */
export interface Connection {
  id: number;
  clientWorkload: number;
  serverWorkload: number;
  edge: number;
  clientAddr: string;
  clientPort: number | null;
  serverAddr: string;
  serverPort: number;
  openedNs: number | null;
  establishedNs: number | null;
  acceptedNs: number | null;
  closedNs: number | null;
  verdict: Verdict;
  /** Zeek's name for the connection's history: S0, S1, SF, REJ, RSTO, RSTR, OTH … */
  connState: string;
  /** For example ECONNREFUSED. */
  errno: string | null;
  closedBy: 'client' | 'server' | 'both' | null;
  bytesSent: number | null;
  bytesReceived: number | null;
  retransmits: number;
  rttUs: number | null;
  connectUs: number | null;
  exchanges: number;
  paired: boolean;
  preexisting: boolean;
  grade: Grade;
  /** What led to the verdict, in words, for people. */
  evidence: string;
}

/** Client service → server service : server port, over the whole capture. */
export interface Edge {
  id: number;
  client: string;
  server: string;
  port: number;
  /** What stands between the two, for example `docker-proxy`. */
  via: string | null;
  connections: number;
  failures: number;
  failuresByVerdict: Partial<Record<Verdict, number>>;
  exchanges: number;
  /** Exchanges whose times cannot be told truthfully and are kept out of percentiles. */
  flagged: number;
  avgUs: number | null;
  p50Us: number | null;
  p95Us: number | null;
  p99Us: number | null;
  connectP95Us: number | null;
  serverP95Us: number | null;
  retransmits: number;
  bytesSent: number;
  bytesReceived: number;
  /** Share of events recorded, 0..1. */
  coverage: number;
  /** Length of life of the closed connections. */
  lifeP50Us: number | null;
  /** Still open at the end. */
  open: number;
}

/** An edge in one sliding window. */
export interface EdgeWindow {
  edge: number;
  startNs: number;
  widthNs: number;
  connections: number;
  failures: number;
  exchanges: number;
  avgUs: number | null;
  p50Us: number | null;
  p95Us: number | null;
  p99Us: number | null;
  open: number;
  retransmits: number;
  coverage: number;
}

/**
 * An edge's raw counts in one step of time, not sliding: cells add up, so that any range of them can be
 * merged, which windows cannot.
 */
export interface EdgeCell {
  /** Index of the step: start = step × stepNs. */
  step: number;
  connections: number;
  failures: number;
  exchanges: number;
  flagged: number;
  retransmits: number;
  /** Connections open at the end of the step. */
  open: number;
  /** Sum of the times of the unflagged exchanges that the client timed. */
  sumUs: number;
  /** Those that both ends timed: how many, sums of what the client waited, of what the server took … */
  paired: number;
  pairedUs: number;
  servedUs: number;
  /** … and of what passed before the server read the request. */
  pickupUs: number;
  /** Histogram of the client's times: counts of the buckets from `first` on (`metrics/histogram.ts`); null: none. */
  latency: { readonly first: number; readonly counts: ArrayLike<number> } | null;
}

/** One of the slowest exchanges of an edge. */
export interface SlowExchange {
  edge: number;
  connection: number;
  startNs: number;
  /** What the client waited for the first byte of the response. */
  ttfbUs: number;
  serverUs: number | null;
}

/** One sentence that tells the reader what is wrong. */
export interface Finding {
  rank: number;
  severity: 'high' | 'medium' | 'low';
  /** The rule that fired. */
  kind: string;
  edge: number | null;
  startNs: number;
  endNs: number;
  sentence: string;
  /** Figures, separated by `; `. */
  evidence: string;
}

/** One row about how much of the truth is here. */
export interface QualityRow {
  name: string;
  severity: 'ok' | 'info' | 'warning' | 'error';
  source: 'recorder' | 'capture' | 'analyzer';
  value: number;
  sentence: string;
}

/**
 * The account of one port that was listened on: atStart + opens − closes is what is there at the end, which is
 * atEnd + ownerless, unless sockets vanished or appeared.
 */
export interface LedgerRow {
  /** Who listens, or listened last; null where it is not known. */
  service: string | null;
  netns: number;
  port: number;
  /** Sockets that the port gave birth to: in the first census, opened and closed since, in the last census. */
  atStart: number;
  opens: number;
  closes: number;
  atEnd: number;
  /** Open at the end, and held by no process: not accepted yet, or closed by it and not yet by the kernel. */
  ownerless: number;
  /** Their end was not recorded. */
  vanished: number;
  /** In the last census, but no event opened them. */
  appeared: number;
  /** Clients of this port whose end was not recorded. */
  clients: number;
  /** Listeners that no event closed, and that no process holds in the last census. */
  listeners: number;
}

/** One exchange, as stored with `--exchanges`. */
export interface Exchange {
  connection: number;
  startedNs: number;
  ttfbUs: number | null;
  totalUs: number;
  serverUs: number | null;
  requestBytes: number;
  responseBytes: number;
  flags: number;
}

/** The part of a recording that was analyzed, in nanoseconds since the recording's start, and how long that was. */
export interface Cut {
  sinceNs: number;
  untilNs: number;
  recordedNs: number;
  /** For people: `12 s to 30 s of a recording of 1m 00s`. */
  words: string;
}

/** About the capture as a whole; where it is cut, about that part, as if nothing else had been recorded. */
export interface CaptureInfo {
  file: string;
  sha256: string;
  host: string;
  kernel: string;
  /** Milliseconds since 1970, UTC. */
  startedWallMs: number;
  durationNs: number;
  /** complete | unclosed | torn at byte N | damaged block at byte N (skipped) */
  verdict: string;
  events: number;
  lost: number;
  lostByKind: Record<string, number>;
  /** Exact: recorded / (recorded + lost), 0..1. */
  coverage: number;
  command: string | null;
  recorder: string;
  plan: { capability: string; hook: string; note?: string }[];
  filter: string;
  cpus: number;
  fileBytes: number;
  /** Null: all of the recording was analyzed. */
  cut: Cut | null;
  /** What the recording cost; null where the capture holds no STATS. */
  cost: {
    cpuSeconds: number;
    rssBytes: number;
    ringHighWater: number;
    ringBytes: number;
    bpfNs: number;
    bpfRuns: number;
    /** Time for which the two before were counted. */
    bpfMeasuredNs: number;
  } | null;
}

/** Everything that one analysis found, in memory; bounded by edges × steps, and a few connections of each edge. */
export interface Analysis {
  capture: CaptureInfo;
  workloads: Workload[];
  edges: Edge[];
  /**
   * Calls `visit` for each window of each edge, edge by edge and in order of time; the window is only valid during the
   * call. They are made anew each time: kept, they were 245 of 872 MiB at 50 million events.
   */
  visitWindows: (visit: (window: Readonly<EdgeWindow>) => void) => void;
  stepNs: number;
  steps: number;
  /**
   * Calls `visit` for each step in which something happened on edge `edge`, in order of time. The cell is
   * only valid during the call, as windows are.
   */
  visitCells: (edge: number, visit: (cell: Readonly<EdgeCell>) => void) => void;
  /** Share of the events recorded in each step, 0..1. */
  coverage: number[];
  findings: Finding[];
  quality: QualityRow[];
  /** The k6 run beside it; null where none was given. */
  k6: K6View | null;
  /** A row for each port listened on; null where there is no last census to compare with. */
  ledger: LedgerRow[] | null;
  /** Failed and notable connections for the page, bounded; `connectionsTotal` says how many there are. */
  failures: Connection[];
  failuresTotal: number;
  /** Connections of every edge: all where they are few, else every n-th. */
  connections: Connection[];
  /** The slowest exchanges of each edge, slowest first. */
  slowest: SlowExchange[];
  connectionsTotal: number;
  /** SHA-256 of the content, in hex: see digest.ts. */
  digest: string;
}
