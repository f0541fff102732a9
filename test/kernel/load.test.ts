/** A real HTTP load from generators that the project did not write, against what was recorded of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { NetworkNamespace } from '../support/netns.js';
import { analyzeCapture } from '../support/database.js';
import { recordWhile, scratchFolder } from '../support/recording.js';
import { packageRoot } from '../../src/base/paths.js';
import { BlockKind, type StatsBody } from '../../src/capture/blocks.js';
import { decodeJson } from '../../src/capture/bodies.js';
import { openCapture } from '../../src/capture/open.js';

const run = promisify(execFile);
const SERVER = new URL('../support/http-server.cjs', import.meta.url).pathname;
const FORCE_GC = new URL('../support/force-gc.cjs', import.meta.url).pathname;
const PORT = 18080;
const NAMES = { client: 'hey', server: 'node', port: PORT };
/** Without the number of connections: hey dials some to spare, as Go does, and does not say how many. */
const EDGES = 'SELECT client, server, port, exchanges, flagged, failures FROM edge ORDER BY id';
const URL_ = `http://127.0.0.1:${String(PORT)}/`;

const can = canRun('kernel', [missingRecorder(), missingCommand('ip'), missingCommand('hey')]);

/** Responses that hey counted. */
function responses(text: string): number {
  return Number(/\[200\]\s+(\d+) responses/.exec(text)?.[1]);
}

/** The median that hey reports, in microseconds; it rounds to a tenth of a millisecond. */
function medianUs(text: string): number {
  return Number(/50% in ([\d.]+) secs/.exec(text)?.[1]) * 1e6;
}

/** The last of a capture's STATS. */
function lastStats(path: string): StatsBody {
  const capture = openCapture(path);
  let last: StatsBody | null = null;
  for (const { kind, body } of capture.reader) {
    if (kind === BlockKind.STATS) last = decodeJson('STATS', body) ?? last;
  }
  capture.close();
  if (last === null) throw new Error(`${path} holds no STATS`);
  return last;
}

/** So much of a recording is measured: [1 s, 2 s], [11 s, 12 s] and so on, as far as it goes. */
function secondsMeasured(durationS: number): number {
  let sum = 0;
  for (let from = 1; from < durationS; from += 10) sum += Math.min(1, durationS - from);
  return sum;
}

describe.runIf(can)('a recorded load', () => {
  const folder = scratchFolder();
  let namespace: NetworkNamespace;

  beforeAll(async () => {
    namespace = new NetworkNamespace();
    await namespace.lines(namespace.start(process.execPath, SERVER, String(PORT)), 1);
  });
  afterAll(() => {
    namespace.destroy();
    folder.remove();
  });

  const inside = (...command: string[]): Promise<{ stdout: string }> =>
    run('ip', ['netns', 'exec', namespace.name, ...command], { maxBuffer: 1 << 24 });

  it('counts every request of hey, at once answered, each once at each end', async () => {
    const out = join(folder.path, 'fast.dhr');
    let made = 0;
    const summary = await recordWhile({ out, netns: [namespace.inode] }, async () => {
      made = responses((await inside('hey', '-n', '40000', '-c', '8', URL_)).stdout);
    });
    expect(made).toBe(40_000);
    expect(summary.lost).toBe(0);
    const db = await analyzeCapture(out);
    expect(db.query(EDGES)).toEqual([{ ...NAMES, exchanges: 40_000, flagged: 0, failures: 0 }]);
    expect(db.query('SELECT sum(exchanges) AS n FROM connection')).toEqual([{ n: 40_000 }]);
    db.close();
  });

  it('agrees with the median that hey saw, within a tenth', async () => {
    const out = join(folder.path, 'slow.dhr');
    let text = '';
    await recordWhile({ out, netns: [namespace.inode] }, async () => {
      text = (await inside('hey', '-n', '20000', '-c', '40', `${URL_}5`)).stdout;
    });
    expect(responses(text)).toBe(20_000);
    const db = await analyzeCapture(out);
    expect(db.query(EDGES)).toEqual([{ ...NAMES, exchanges: 20_000, flagged: 0, failures: 0 }]);
    const ratio = Number(db.query('SELECT p50_us FROM edge')[0]?.['p50_us']) / medianUs(text);
    db.close();
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  });

  it('loses no probe and no event in a minute of forced garbage collections', async () => {
    const out = join(folder.path, 'gc.dhr');
    const hey = ['hey', '-n', '90000', '-c', '10', '-q', '150', URL_];
    const { stdout } = await run(
      process.execPath,
      [
        ...['--expose-gc', '--require', FORCE_GC, join(packageRoot, 'dist', 'cli.js'), 'record'],
        ...['--quiet', '-o', out, '--netns', String(namespace.inode), '--'],
        ...['ip', 'netns', 'exec', namespace.name, ...hey],
      ],
      { maxBuffer: 1 << 24 },
    );
    expect(responses(stdout)).toBe(90_000);
    const db = await analyzeCapture(out);
    expect(db.query('SELECT duration_s >= 59 AS minute, lost, verdict FROM capture')).toEqual([
      { minute: 1, lost: 0, verdict: 'complete' },
    ]);
    expect(db.query('SELECT exchanges FROM edge')).toEqual([{ exchanges: 90_000 }]);
    const { s } = db.query('SELECT duration_s AS s FROM capture')[0]!;
    db.close();
    // One second in ten measures what the probes cost, the second one first.
    const stats = lastStats(out);
    const measured = secondsMeasured(Number(s));
    expect(Math.abs((stats.measuredNs ?? 0) / 1e9 - measured)).toBeLessThan(0.5);
    expect(stats.programs.find(({ name }) => name === 'send_tp')?.ns).toBeGreaterThan(0);
  }, 180_000);
});
