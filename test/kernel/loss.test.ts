/** The ring filled on purpose while its reader is stopped: what is counted as lost is what is missing, kind by kind. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../src/base/paths.js';
import { analyzeCapture } from '../support/database.js';
import { NetworkNamespace } from '../support/netns.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { scratchFolder } from '../support/recording.js';

const CLI = join(packageRoot, 'dist', 'cli.js');
const TRAFFIC = new URL('../support/traffic_counted.py', import.meta.url).pathname;
const PORT = 19801;
const CONNECTIONS = 400;
const EXCHANGES = 4;
const can = canRun('kernel', [missingRecorder(), missingCommand('ip')]);

/** What the traffic makes, both ends counted. */
const MADE = {
  CONNECT: CONNECTIONS,
  ESTABLISHED: 2 * CONNECTIONS,
  ACCEPT: CONNECTIONS,
  FIN: 3 * CONNECTIONS,
  CLOSE: 2 * CONNECTIONS,
  EXCHANGE: 2 * CONNECTIONS * EXCHANGES,
};

type Counts = Record<string, number>;

describe.runIf(can)('a ring that is full', () => {
  const folder = scratchFolder();
  let namespace: NetworkNamespace;
  beforeAll(() => {
    namespace = new NetworkNamespace();
  });
  afterAll(() => {
    namespace.destroy();
    folder.remove();
  });

  /** Records the traffic, with the recorder stopped while all of it happens. */
  async function recordStalled(out: string, buffer: string): Promise<void> {
    const traffic = namespace.start(
      ...(['python3', TRAFFIC, String(PORT), String(CONNECTIONS), String(EXCHANGES)] as const),
    );
    const lines: string[] = [];
    createInterface({ input: traffic.stdout! }).on('line', (line) => lines.push(line));
    while (lines.length < 1) await pause(10);
    const recorder = spawn(
      process.execPath,
      [
        ...[CLI, 'record', '--quiet', '--buffer', buffer, '-o', out],
        ...['--netns', String(namespace.inode)],
      ],
      { stdio: 'inherit' },
    );
    const ended = new Promise((resolve) => recorder.once('exit', resolve));
    // The first STATS follows the census: from then on all is recorded.
    while (!existsSync(`${out}.partial`) || statsIn(`${out}.partial`) === 0) await pause(20);
    recorder.kill('SIGSTOP');
    namespace.goOn(traffic);
    while (lines.length < 2) await pause(10);
    recorder.kill('SIGCONT');
    recorder.kill('SIGINT');
    expect(await ended).toBe(0);
    namespace.goOn(traffic);
  }

  function inspect(file: string): { events: Counts; lost: Counts; blocks: Counts[] } {
    const text = execFileSync(process.execPath, [CLI, 'inspect', file, '--json'], {
      encoding: 'utf8',
    });
    return JSON.parse(text) as ReturnType<typeof inspect>;
  }

  function statsIn(file: string): number {
    return inspect(file).blocks.filter((block) => String(block['name']) === 'STATS').length;
  }

  it('counts what it cannot take', async () => {
    const out = join(folder.path, 'full.dhr');
    await recordStalled(out, '64KiB');
    const { events, lost } = inspect(out);
    const missing = Object.fromEntries(
      Object.entries(MADE).map(([kind, made]) => [kind, made - (events[kind] ?? 0)]),
    );
    expect(Object.values(missing).every((count) => count > 0)).toBe(true);
    // A process that could not be told is tried again with its next socket.
    expect({ ...lost, PROCESS: 0 }).toEqual({ ...missing, PROCESS: 0 });

    const all = Object.values(lost).reduce((sum, count) => sum + count, 0);
    const db = await analyzeCapture(out);
    expect(db.query('SELECT verdict, lost FROM capture')).toEqual([
      { verdict: 'complete', lost: all },
    ]);
    const share = 'coverage > 0 AND coverage < 0.5 AS low';
    expect(db.query(`SELECT ${share} FROM edge`)).toEqual([{ low: 1 }]);
    expect(db.query('SELECT min(coverage) < 0.5 AS low FROM edge_window')).toEqual([{ low: 1 }]);
    expect(db.query(`SELECT severity, value FROM quality WHERE name = 'lost_events'`)).toEqual([
      { severity: 'error', value: all },
    ]);
    expect(db.query(`SELECT count(*) AS n FROM finding WHERE kind = 'lost_events'`)).toEqual([
      { n: 1 },
    ]);
    db.close();
  });

  it('is none where there is room', async () => {
    const out = join(folder.path, 'room.dhr');
    await recordStalled(out, '16MiB');
    const { events, lost } = inspect(out);
    expect(lost).toEqual({});
    expect(events).toMatchObject(MADE);
    const db = await analyzeCapture(out);
    expect(db.query('SELECT connections, exchanges, coverage FROM edge')).toEqual([
      { connections: CONNECTIONS, exchanges: CONNECTIONS * EXCHANGES, coverage: 1 },
    ]);
    db.close();
  });
});
