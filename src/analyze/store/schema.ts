/**
 * The tables and columns that people's queries may rely on; docs/schema.md says what each means. A change that could
 * break a query raises SCHEMA_VERSION, which stands in `PRAGMA user_version`.
 */

export const SCHEMA_VERSION = 1;

export const SCHEMA = `
CREATE TABLE capture (
  file TEXT NOT NULL, sha256 TEXT NOT NULL, host TEXT NOT NULL, kernel TEXT NOT NULL,
  started_utc TEXT NOT NULL, duration_s REAL NOT NULL, verdict TEXT NOT NULL,
  events INTEGER NOT NULL, lost INTEGER NOT NULL, digest TEXT NOT NULL,
  cut_from_ns INTEGER, cut_to_ns INTEGER, recorded_ns INTEGER NOT NULL
);
CREATE TABLE workload (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, service TEXT NOT NULL,
  container_id TEXT, image TEXT, pid INTEGER, comm TEXT,
  first_seen_ns INTEGER NOT NULL, last_seen_ns INTEGER NOT NULL
);
CREATE TABLE edge (
  id INTEGER PRIMARY KEY, client TEXT NOT NULL, server TEXT NOT NULL, port INTEGER NOT NULL, via TEXT,
  connections INTEGER NOT NULL, failures INTEGER NOT NULL, exchanges INTEGER NOT NULL,
  flagged INTEGER NOT NULL, avg_us REAL, p50_us REAL, p95_us REAL, p99_us REAL,
  connect_p95_us REAL, server_p95_us REAL, retransmits INTEGER NOT NULL,
  bytes_sent INTEGER NOT NULL, bytes_received INTEGER NOT NULL, coverage REAL NOT NULL
);
CREATE TABLE connection (
  id INTEGER PRIMARY KEY,
  client_workload INTEGER NOT NULL REFERENCES workload (id),
  server_workload INTEGER NOT NULL REFERENCES workload (id),
  edge INTEGER NOT NULL REFERENCES edge (id),
  client_addr TEXT NOT NULL, client_port INTEGER, server_addr TEXT NOT NULL, server_port INTEGER NOT NULL,
  opened_ns INTEGER, established_ns INTEGER, accepted_ns INTEGER, closed_ns INTEGER,
  verdict TEXT NOT NULL, conn_state TEXT NOT NULL, errno TEXT, closed_by TEXT,
  bytes_sent INTEGER, bytes_received INTEGER, retransmits INTEGER NOT NULL,
  rtt_us INTEGER, connect_us REAL, exchanges INTEGER NOT NULL,
  paired INTEGER NOT NULL, preexisting INTEGER NOT NULL, grade TEXT NOT NULL
);
CREATE TABLE exchange (
  connection INTEGER NOT NULL REFERENCES connection (id),
  started_ns INTEGER NOT NULL, ttfb_us REAL, total_us REAL NOT NULL, server_us REAL,
  request_bytes INTEGER NOT NULL, response_bytes INTEGER NOT NULL, flags INTEGER NOT NULL
);
CREATE TABLE edge_window (
  edge INTEGER NOT NULL REFERENCES edge (id), start_ns INTEGER NOT NULL, width_ns INTEGER NOT NULL,
  connections INTEGER NOT NULL, failures INTEGER NOT NULL, exchanges INTEGER NOT NULL,
  avg_us REAL, p50_us REAL, p95_us REAL, p99_us REAL,
  open INTEGER NOT NULL, retransmits INTEGER NOT NULL, coverage REAL NOT NULL,
  PRIMARY KEY (edge, start_ns)
) WITHOUT ROWID;
CREATE TABLE finding (
  rank INTEGER PRIMARY KEY, severity TEXT NOT NULL, kind TEXT NOT NULL,
  edge INTEGER REFERENCES edge (id), start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,
  sentence TEXT NOT NULL, evidence TEXT NOT NULL
);
CREATE TABLE quality (
  name TEXT NOT NULL, severity TEXT NOT NULL, source TEXT NOT NULL, value REAL NOT NULL,
  sentence TEXT NOT NULL
);
CREATE TABLE k6_window (
  start_ns INTEGER PRIMARY KEY, width_ns INTEGER NOT NULL, stage TEXT, vus INTEGER,
  requests INTEGER NOT NULL, failed INTEGER NOT NULL, avg_us REAL, p50_us REAL, p95_us REAL,
  blocked_us REAL, connecting_us REAL, waiting_us REAL, receiving_us REAL,
  checks_passed INTEGER NOT NULL, checks_failed INTEGER NOT NULL, dropped_iterations INTEGER NOT NULL
);
CREATE TABLE k6_threshold (
  metric TEXT NOT NULL, expression TEXT NOT NULL, value REAL, verdict TEXT, judge TEXT NOT NULL
);
`;

/** Made last: rows go in faster without. */
export const INDEXES = `
CREATE INDEX connection_edge ON connection (edge, opened_ns);
CREATE INDEX connection_verdict ON connection (verdict);
CREATE INDEX exchange_connection ON exchange (connection, started_ns);
`;
