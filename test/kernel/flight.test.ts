/** A flight recorder: what it still holds is an ordinary capture, whatever was told before and dropped. */
import { afterAll, describe, expect, it } from 'vitest';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/base/paths.js';
import { listSegments, segmentFolder } from '../../src/capture/segments.js';
import { analyzeCapture, type Row } from '../support/database.js';
import { NetworkNamespace } from '../support/netns.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';
import { PYTHON } from '../support/truth.js';

const run = promisify(execFile);
const CLI = join(packageRoot, 'dist', 'cli.js');
const TRAFFIC = new URL('../support/traffic_flight.py', import.meta.url).pathname;
const can = canRun('kernel', [missingRecorder(), missingCommand('ip')]);

/** Waits until the oldest segment that is held is number `least` or later. */
async function untilDropped(file: string, least: number): Promise<void> {
  for (;;) {
    const oldest = listSegments(segmentFolder(file))[0];
    if (oldest !== undefined && Number.parseInt(basename(oldest), 10) >= least) return;
    await pause(20);
  }
}

async function rowsOf(file: string): Promise<{ rows: Row[]; quality: Row[]; capture: Row[] }> {
  const db = await analyzeCapture(file);
  const found = {
    rows: db.query(
      `SELECT c.*, e.client, e.server FROM connection c JOIN edge e ON e.id = c.edge
       ORDER BY coalesce(c.opened_ns, 0), c.client_port`,
    ),
    // The full queue is the traffic's own doing.
    quality: db.query(
      `SELECT name, severity, sentence FROM quality
       WHERE severity IN ('warning', 'error') AND name <> 'listen_overflows'`,
    ),
    capture: db.query('SELECT verdict, lost FROM capture'),
  };
  db.close();
  return found;
}

describe.runIf(can)('a flight recorder', () => {
  const folder = scratchFolder();
  const namespace = can ? new NetworkNamespace() : null;
  afterAll(() => {
    namespace?.destroy();
    folder.remove();
  });

  it('knows what was opened, told and named in segments that are gone', async () => {
    const out = join(folder.path, 'old.dhr');
    const ns = namespace!;
    const made: { file?: string; error?: string }[] = [];
    let truth: Row[] = [];
    await recordWhile(
      { out, netns: [ns.inode], keep: { ms: 800 }, onSnapshot: (outcome) => made.push(outcome) },
      async () => {
        const child = ns.start('python3', TRAFFIC);
        const lines: Row[] = [];
        createInterface({ input: child.stdout! }).on('line', (line) => {
          lines.push(JSON.parse(line) as Row);
        });
        while (lines.length < 1) await pause(10);
        const now = listSegments(segmentFolder(out)).at(-1)!;
        await untilDropped(out, Number.parseInt(basename(now), 10) + 1);
        ns.goOn(child);
        while (lines.length < 45) await pause(10);
        truth = lines.slice(1, -1);
        process.kill(process.pid, 'SIGUSR1');
        while (made.length === 0) await pause(10);
        const ended = new Promise((resolve) => child.once('exit', resolve));
        ns.goOn(child);
        await ended;
      },
    );
    expect(made).toEqual([{ file: expect.stringMatching(/old-\d{8}-\d{6}\.dhr$/) as string }]);

    const snapshot = await rowsOf(made[0]!.file!);
    expect(snapshot.capture).toEqual([{ verdict: 'complete', lost: 0 }]);
    expect(snapshot.quality).toEqual([]);
    const byPort = (row: Row): number => Number(row['client_port']);
    expect(snapshot.rows.sort((a, b) => byPort(a) - byPort(b))).toEqual(
      truth
        .sort((a, b) => byPort(a) - byPort(b))
        .map((row) => {
          const { case: about, ...known } = row;
          expect(['old', 'queued', 'calling', 'new']).toContain(about);
          return expect.objectContaining({ ...known, client: PYTHON, server: PYTHON }) as Row;
        }),
    );

    const last = await rowsOf(out);
    expect(last.capture).toEqual([{ verdict: 'complete', lost: 0 }]);
    expect(last.quality).toEqual([]);
    expect(existsSync(segmentFolder(out))).toBe(false);
  });

  it('makes a capture of what is left when it was killed', async () => {
    const out = join(folder.path, 'killed.dhr');
    const recorder = execFile(process.execPath, [
      ...[CLI, 'record', '--quiet', '--keep', '10s', '-o', out],
      ...['--netns', String(namespace!.inode)],
    ]);
    const ended = new Promise((resolve) => recorder.once('exit', resolve));
    await untilDropped(out, 1);
    while (listSegments(segmentFolder(out)).length < 2) await pause(20);
    const asked = await run(process.execPath, [CLI, 'snapshot', out]);
    expect(basename(asked.stdout.trim())).toMatch(/^killed-\d{8}-\d{6}\.dhr$/);
    const elsewhere = run(process.execPath, [CLI, 'snapshot', out, '-o', `${out}.2`]);
    await expect(elsewhere).rejects.toMatchObject({ code: 2 });
    recorder.kill('SIGKILL');
    await ended;

    const refused = run(process.execPath, [CLI, 'record', '--keep', '10s', '-o', out]);
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is there already') as string,
    });
    await expect(rowsOf(out)).rejects.toThrow('but a flight recorder keeps it in');
    const recovered = await run(process.execPath, [CLI, 'snapshot', out]);
    expect(recovered.stdout).toBe(`${out}\n`);
    expect((await rowsOf(out)).capture).toEqual([{ verdict: 'unclosed', lost: 0 }]);
    expect(readdirSync(folder.path)).not.toContain('killed.dhr.segments');
  });
});
