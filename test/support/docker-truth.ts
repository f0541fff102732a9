/** Whole rows of connections between containers: what the traffic printed, and what the database says. */
import { join } from 'node:path';
import type { RecordOptions } from '../../src/record/recorder.js';
import { analyzeCapture, type Row } from './database.js';
import { recordWhile, scratchFolder } from './recording.js';

/** Who stands at both ends, and where the server is. */
export interface Between {
  client: string;
  server: string;
  server_addr: string;
  /** The port that the server listens on; without, the one that the client asked for. */
  server_port?: number;
  via?: string;
}

/** Rows of the database, comparable with `answered` and `refused`. */
export const ROWS = `
  SELECT e.client, e.server, e.via, c.client_addr, c.client_port, c.server_addr, c.server_port, c.verdict,
    c.conn_state, c.errno, c.closed_by, c.bytes_sent, c.bytes_received, c.exchanges, c.paired, c.preexisting, c.grade,
    a.service AS client_service, b.service AS server_service
  FROM connection c JOIN edge e ON e.id = c.edge JOIN workload a ON a.id = c.client_workload
    JOIN workload b ON b.id = c.server_workload`;

/** Rows of `quality` that are no good news; a ledger that could not be checked is none. */
export const DOUBTS = `
  SELECT * FROM quality WHERE severity NOT IN ('ok', 'info') OR (name = 'ledger' AND severity <> 'ok')`;

/** The rows for connections that were made, answered once and closed by the client. */
export function answered(made: Row[], between: Between, different: Row = {}): Row[] {
  return made.map((row) => ({
    client: between.client,
    server: between.server,
    via: between.via ?? null,
    client_addr: row['client_addr'],
    client_port: row['client_port'],
    server_addr: between.server_addr,
    server_port: between.server_port ?? row['port'],
    verdict: 'ok',
    conn_state: 'SF',
    errno: null,
    closed_by: 'client',
    bytes_sent: 1,
    bytes_received: 1,
    exchanges: 1,
    paired: 1,
    preexisting: 0,
    grade: 'cgroup',
    client_service: between.client,
    server_service: between.server,
    ...different,
  }));
}

/** In an order of their own, so that two lists of the same rows are equal. */
export function sorted(rows: Row[]): Row[] {
  const key = (row: Row): string =>
    ['client', 'server', 'server_port', 'client_addr', 'client_port']
      .map((column) => String(row[column]))
      .join(' ');
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ row }) => row);
}

/** What the database holds of one recording. */
export interface Recorded {
  rows: Row[];
  edges: Row[];
  workloads: Row[];
  doubts: Row[];
}

/** Records while `traffic` runs, analyzes, and reads what came out; throws where an event was lost. */
export async function recordRows(
  options: Partial<RecordOptions>,
  traffic: () => Promise<void>,
): Promise<Recorded> {
  const folder = scratchFolder();
  try {
    const out = join(folder.path, 'truth.dhr');
    const { lost } = await recordWhile({ ...options, out }, traffic);
    if (lost > 0) throw new Error(`${String(lost)} events were lost`);
    const db = await analyzeCapture(out);
    const recorded = {
      rows: db.query(ROWS),
      edges: db.query('SELECT client, server, port, via, connections, exchanges FROM edge'),
      workloads: db.query('SELECT kind, name, service, container_id FROM workload ORDER BY id'),
      doubts: db.query(DOUBTS),
    };
    db.close();
    return recorded;
  } finally {
    folder.remove();
  }
}
