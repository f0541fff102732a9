/** Traffic with known truth in a namespace, recorded and analyzed: what was made beside what was found. */
import { execFileSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { expect } from 'vitest';
import { analyzeCapture, type OpenDatabase, type Row } from './database.js';
import { NetworkNamespace } from './netns.js';
import { recordWhile, scratchFolder } from './recording.js';

const TRAFFIC = new URL('./traffic.py', import.meta.url).pathname;

/** Services outside containers are named by their executable, whatever link it was called by. */
export const PYTHON = execFileSync(
  'python3',
  ['-c', "import os; print(os.path.basename(os.readlink('/proc/self/exe')))"],
  { encoding: 'utf8' },
).trim();

/** What the traffic generator made, and what the analysis of its recording says. */
export interface Outcome {
  truth: Row[];
  rows: Row[];
  edges: Row[];
  exchanges: Row[];
  findings: Row[];
  quality: Row[];
}

/** The traffic of one recording. */
export class Stage {
  readonly namespace: NetworkNamespace;
  readonly truth: Row[] = [];

  constructor(namespace: NetworkNamespace) {
    this.namespace = namespace;
  }

  /** Makes cases from start to end. */
  async play(...cases: string[]): Promise<void> {
    const child = this.begin(...cases);
    if (child.stdout === null) throw new Error('the child has no standard output');
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      this.truth.push(JSON.parse(line) as Row);
    }
    expect(await ended).toBe(0);
  }

  /** Starts cases that wait for a word before they go on. */
  begin(...cases: string[]): ChildProcess {
    return this.namespace.start('python3', TRAFFIC, ...cases);
  }

  /** Waits until a case has made this many connections, or says that it is ready. */
  async take(child: ChildProcess, count: number): Promise<void> {
    for (const row of await this.namespace.lines(child, count)) {
      if (row['ready'] !== true) this.truth.push(row);
    }
  }
}

/** How a recording of known traffic goes. `prepare` comes before the recording, `play` during it. */
export interface Plan {
  prepare?: (stage: Stage) => void | Promise<void>;
  play: (stage: Stage) => Promise<void>;
  staleAfterNs?: number;
}

/** What a database of an analysis says beside `truth`; closes it. */
export function outcomeIn(db: OpenDatabase, truth: Row[]): Outcome {
  const outcome = {
    truth,
    rows: db.query(
      `SELECT c.*, e.client, e.server FROM connection c JOIN edge e ON e.id = c.edge
       ORDER BY coalesce(c.opened_ns, 0), c.id`,
    ),
    edges: db.query('SELECT * FROM edge ORDER BY port'),
    exchanges: db.query(
      `SELECT x.*, c.server_port FROM exchange x JOIN connection c ON c.id = x.connection
       ORDER BY x.started_ns`,
    ),
    findings: db.query('SELECT * FROM finding ORDER BY rank'),
    quality: db.query('SELECT * FROM quality'),
  };
  db.close();
  return outcome;
}

/** Records and analyzes; the namespace is gone afterwards. */
export async function outcomeOf({ prepare, play, staleAfterNs }: Plan): Promise<Outcome> {
  const folder = scratchFolder();
  const stage = new Stage(new NetworkNamespace());
  try {
    await prepare?.(stage);
    const out = join(folder.path, 'truth.dhr');
    const netns = [stage.namespace.inode];
    const summary = await recordWhile({ out, netns }, () => play(stage));
    expect(summary.lost).toBe(0);
    const options = staleAfterNs === undefined ? {} : { staleAfterNs };
    return outcomeIn(await analyzeCapture(out, { exchanges: true, ...options }), stage.truth);
  } finally {
    stage.namespace.destroy();
    folder.remove();
  }
}

/** Holds the rows of one case to what was made: as many, in the same order, each column that is known. */
export function expectCase({ truth, rows }: Outcome, name: string): void {
  const made = truth.filter((row) => row['case'] === name);
  expect(made).not.toEqual([]);
  const found = made.map((row) => {
    const same = (other: Row): boolean =>
      other['server_port'] === row['server_port'] && other['client_port'] === row['client_port'];
    return rows.filter(same)[made.filter(same).indexOf(row)];
  });
  expect(found).toEqual(
    made.map((row) => {
      const known = Object.entries(row).filter(([key]) => key !== 'case' && key !== 'about');
      return expect.objectContaining(Object.fromEntries(known)) as unknown;
    }),
  );
}

/**
 * Holds everything else: no row that nobody made, every owner named, nothing unaccounted for.
 * @param strangers addresses outside the namespace that clients tried to reach, in order of time.
 */
export function expectNothingElse(outcome: Outcome, ...strangers: string[]): void {
  expectAccounted(
    outcome,
    [PYTHON, ...strangers].map((server) => [PYTHON, server]),
  );
}

/** The same for traffic between these services, in order of time. */
export function expectAccounted(
  { truth, rows, quality }: Outcome,
  between: [client: string, server: string][],
): void {
  expect(rows.length).toBe(truth.length);
  expect([
    ...new Set(rows.map((row) => `${String(row['client'])} → ${String(row['server'])}`)),
  ]).toEqual(between.map((names) => names.join(' → ')));
  expect(quality.filter((row) => row['name'] === 'ledger')).toMatchObject([{ severity: 'ok' }]);
  expect(quality.filter((row) => row['severity'] === 'error')).toEqual([]);
}
