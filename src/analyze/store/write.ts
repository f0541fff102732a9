/**
 * Stage 8, store: the analysis as a SQLite file. Rows come as they are whole and are written in batches, one
 * transaction a batch. The file is built under a temporary name and takes its own when it is complete,
 * so that nobody ever opens half of one.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { DhrishtiError } from '../../base/errors.js';
import type { RowSink } from '../metrics/book.js';
import type { Analysis, Connection, EdgeWindow, Exchange } from '../model.js';
import { k6Rows } from './k6.js';
import { INDEXES, SCHEMA, SCHEMA_VERSION } from './schema.js';
import { VIEWS } from './views.js';

type Value = string | number | null;

/** Rows in one transaction. */
const BATCH = 10_000;

export class Store implements RowSink {
  readonly exchange: ((row: Exchange) => void) | null;
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #building: string;
  readonly #connections: Database.Statement<Value[]>;
  readonly #exchanges: Database.Statement<Value[]>;
  #inBatch = 0;

  /**
   * Begins a database that will be `path`; one that is there already is replaced at the end.
   * @throws DhrishtiError FAILED where it cannot be written.
   */
  constructor(path: string, options: { exchanges: boolean }) {
    this.#path = path;
    this.#building = `${path}.partial`;
    try {
      removeDatabase(this.#building);
      this.#db = new Database(this.#building);
      // Nobody reads the file before it has its name, and a run that is cut off starts over.
      this.#db.pragma('journal_mode = OFF');
      this.#db.pragma('synchronous = OFF');
      // Rows of connections come before the workloads and edges that they name.
      this.#db.pragma('foreign_keys = OFF');
      this.#db.exec(SCHEMA + VIEWS);
      this.#db.pragma(`user_version = ${SCHEMA_VERSION}`);
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
    this.#connections = this.#insert('connection', 25);
    this.#exchanges = this.#insert('exchange', 8);
    this.exchange = options.exchanges ? (row) => this.#exchange(row) : null;
    this.#db.exec('BEGIN');
  }

  connection(row: Connection): void {
    this.#run(this.#connections, [
      row.id,
      row.clientWorkload,
      row.serverWorkload,
      row.edge,
      row.clientAddr,
      row.clientPort,
      row.serverAddr,
      row.serverPort,
      row.openedNs,
      row.establishedNs,
      row.acceptedNs,
      row.closedNs,
      row.verdict,
      row.connState,
      row.errno,
      row.closedBy,
      row.bytesSent,
      row.bytesReceived,
      row.retransmits,
      row.rttUs,
      row.connectUs,
      row.exchanges,
      row.paired ? 1 : 0,
      row.preexisting ? 1 : 0,
      row.grade,
    ]);
  }

  /** Writes all that is not a stream of rows, and gives the file its name. */
  finish(analysis: Analysis): void {
    const { capture } = analysis;
    this.#all('capture', [
      [
        capture.file,
        capture.sha256,
        capture.host,
        capture.kernel,
        new Date(capture.startedWallMs).toISOString(),
        capture.durationNs / 1e9,
        capture.verdict,
        capture.events,
        capture.lost,
        analysis.digest,
        capture.cut?.sinceNs ?? null,
        capture.cut?.untilNs ?? null,
        capture.cut?.recordedNs ?? capture.durationNs,
      ],
    ]);
    this.#all('workload', analysis.workloads.map(workloadValues));
    this.#all('edge', analysis.edges.map(edgeValues));
    const windows = this.#insert('edge_window', 13);
    analysis.visitWindows((window) => this.#run(windows, windowValues(window)));
    this.#all('finding', analysis.findings.map(findingValues));
    this.#all(
      'quality',
      analysis.quality.map((q) => [q.name, q.severity, q.source, q.value, q.sentence]),
    );
    for (const [table, rows] of k6Rows(analysis.k6)) this.#all(table, rows);
    try {
      this.#db.exec('COMMIT');
      this.#db.exec(INDEXES);
      this.#db.close();
      removeDatabase(this.#path);
      renameSync(this.#building, this.#path);
    } catch (cause) {
      throw cannotWrite(this.#path, cause);
    }
  }

  /** Gives up: nothing stays behind. */
  discard(): void {
    if (this.#db.open) this.#db.close();
    removeDatabase(this.#building);
  }

  #exchange(row: Exchange): void {
    this.#run(this.#exchanges, [
      row.connection,
      row.startedNs,
      row.ttfbUs,
      row.totalUs,
      row.serverUs,
      row.requestBytes,
      row.responseBytes,
      row.flags,
    ]);
  }

  #insert(table: string, columns: number): Database.Statement<Value[]> {
    const marks = Array<string>(columns).fill('?').join(', ');
    return this.#db.prepare<Value[]>(`INSERT INTO ${table} VALUES (${marks})`);
  }

  #all(table: string, rows: readonly Value[][]): void {
    const first = rows[0];
    if (first === undefined) return;
    const statement = this.#insert(table, first.length);
    for (const row of rows) this.#run(statement, row);
  }

  #run(statement: Database.Statement<Value[]>, values: Value[]): void {
    try {
      statement.run(...values);
      if (++this.#inBatch < BATCH) return;
      this.#inBatch = 0;
      this.#db.exec('COMMIT; BEGIN');
    } catch (cause) {
      throw cannotWrite(this.#path, cause);
    }
  }
}

function workloadValues(w: Analysis['workloads'][number]): Value[] {
  return [
    w.id,
    w.kind,
    w.name,
    w.service,
    w.containerId,
    w.image,
    w.pid,
    w.comm,
    w.firstSeenNs,
    w.lastSeenNs,
  ];
}

function edgeValues(e: Analysis['edges'][number]): Value[] {
  return [
    e.id,
    e.client,
    e.server,
    e.port,
    e.via,
    e.connections,
    e.failures,
    e.exchanges,
    e.flagged,
    e.avgUs,
    e.p50Us,
    e.p95Us,
    e.p99Us,
    e.connectP95Us,
    e.serverP95Us,
    e.retransmits,
    e.bytesSent,
    e.bytesReceived,
    e.coverage,
  ];
}

function windowValues(w: Readonly<EdgeWindow>): Value[] {
  return [
    w.edge,
    w.startNs,
    w.widthNs,
    w.connections,
    w.failures,
    w.exchanges,
    w.avgUs,
    w.p50Us,
    w.p95Us,
    w.p99Us,
    w.open,
    w.retransmits,
    w.coverage,
  ];
}

function findingValues(f: Analysis['findings'][number]): Value[] {
  return [f.rank, f.severity, f.kind, f.edge, f.startNs, f.endNs, f.sentence, f.evidence];
}

function removeDatabase(path: string): void {
  for (const file of [path, `${path}-journal`, `${path}-wal`, `${path}-shm`]) {
    if (existsSync(file)) rmSync(file);
  }
}

function cannotWrite(path: string, cause: unknown): DhrishtiError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DhrishtiError(
    'FAILED',
    `Cannot write the database ${path}: ${why}.`,
    'Name a file in a folder that you may write to, with room for it, with --db.',
    { cause },
  );
}
