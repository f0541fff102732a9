/**
 * Views for people: names instead of ids, milliseconds instead of microseconds, UTC instead of nanoseconds since the
 * capture's start. They must work in the sqlite3 of Debian 12 (3.40).
 */

/** A moment of the capture `c` as text: `2026-11-24T10:15:04.250Z`. */
const utc = (ns: string): string =>
  `strftime('%Y-%m-%dT%H:%M:%fZ', julianday(c.started_utc) + (${ns}) / 86400e9)`;

const ms = (us: string): string => `round(${us} / 1000, 3)`;

const EDGE = "e.client || ' → ' || e.server || ':' || e.port";

/** Fewer exchanges have no p95 worth looking at. */
const WINDOW_EXCHANGES = 20;

const worst = (by: string, order: string, where: string): string => `
SELECT ${EDGE} AS edge, '${by}' AS worst_by, ${utc('w.start_ns')} AS from_utc,
  ${utc('w.start_ns + w.width_ns')} AS to_utc, w.exchanges, ${ms('w.p95_us')} AS p95_ms,
  ${ms('e.p95_us')} AS edge_p95_ms, w.connections, w.failures, w.coverage
FROM (
  SELECT *, row_number() OVER (PARTITION BY edge ORDER BY ${order} DESC, start_ns) AS place
  FROM edge_window WHERE ${where}
) w JOIN edge e ON e.id = w.edge CROSS JOIN capture c WHERE w.place = 1`;

export const VIEWS = `
CREATE VIEW v_edges AS
SELECT ${EDGE} AS edge, e.via, e.connections, e.failures,
  e.exchanges, round(e.exchanges / max(c.duration_s, 0.001), 1) AS rate,
  ${ms('e.p50_us')} AS p50_ms, ${ms('e.p95_us')} AS p95_ms,
  ${ms('e.p99_us')} AS p99_ms, ${ms('e.server_p95_us')} AS server_p95_ms,
  e.retransmits, e.coverage
FROM edge e CROSS JOIN capture c ORDER BY e.exchanges DESC, e.connections DESC, e.id;

CREATE VIEW v_failures AS
SELECT ${utc('coalesce(k.closed_ns, k.established_ns, k.opened_ns)')} AS at_utc,
  round(coalesce(k.closed_ns, k.established_ns, k.opened_ns) / 1e9, 3) AS at_s,
  a.name AS client, b.name AS server, k.server_addr, k.server_port, k.verdict, k.conn_state, k.errno,
  k.closed_by, k.id AS connection
FROM connection k JOIN workload a ON a.id = k.client_workload JOIN workload b ON b.id = k.server_workload
  CROSS JOIN capture c
WHERE k.verdict IN ('refused', 'timeout', 'unreachable', 'reset_by_client', 'reset_by_server', 'never_accepted')
ORDER BY coalesce(k.closed_ns, k.established_ns, k.opened_ns), k.id;

CREATE VIEW v_findings AS
SELECT f.rank, f.severity, f.kind, ${EDGE} AS edge, ${utc('f.start_ns')} AS from_utc,
  ${utc('f.end_ns')} AS to_utc, f.sentence, f.evidence
FROM finding f LEFT JOIN edge e ON e.id = f.edge CROSS JOIN capture c ORDER BY f.rank;

CREATE VIEW v_worst_windows AS
SELECT * FROM (${worst('p95', 'p95_us', `exchanges >= ${WINDOW_EXCHANGES} AND p95_us IS NOT NULL`)}
UNION ALL${worst('failures', 'failures', 'failures > 0')}
) ORDER BY worst_by, failures DESC, p95_ms DESC, edge;
`;
