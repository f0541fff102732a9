/**
 * Recordings that end badly: killed at random moments, on a disk that is full, in a folder that goes away. What had
 * been recorded is there, and no probe stays behind. `DHRISHTI_TEST_KILLS=100` kills a hundred times.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../src/base/paths.js';
import { Random } from '../fuzz/random.js';
import { madeAt, toldAt, untold } from '../support/connect-log.js';
import { analyzeCapture } from '../support/database.js';
import { NetworkNamespace } from '../support/netns.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { scratchFolder } from '../support/recording.js';

const CLI = join(packageRoot, 'dist', 'cli.js');
const TRAFFIC = new URL('../support/traffic_log.py', import.meta.url).pathname;
const KILLS = Number(process.env['DHRISHTI_TEST_KILLS'] ?? 5);
const SEED = 20261124;
/** What a cut recording may miss. */
const MISSED_NS = 100_000_000n;
const can = canRun('kernel', [missingRecorder(), missingCommand('ip'), missingCommand('bpftool')]);

describe.runIf(can)('a recording that ends badly', () => {
  const folder = scratchFolder();
  const log = join(folder.path, 'made');
  let namespace: NetworkNamespace;
  beforeAll(async () => {
    namespace = new NetworkNamespace();
    await namespace.lines(namespace.start('python3', TRAFFIC, '19901', log), 1);
  });
  afterAll(() => {
    namespace.destroy();
    folder.remove();
  });

  interface Recorder {
    child: ChildProcess;
    /** Its status and what it said, once it has ended. */
    ended: Promise<{ status: number | null; words: string }>;
  }

  /** Starts to record the load, and waits until its file is there. */
  async function start(out: string): Promise<Recorder> {
    const args = [CLI, 'record', '--quiet', '-o', out, '--netns', String(namespace.inode)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.on('data', (text: Buffer) => (words += text.toString()));
    const ended = new Promise<{ status: number | null; words: string }>((resolve) =>
      child.once('close', (status) => {
        resolve({ status, words });
      }),
    );
    const begun = (): boolean =>
      (statSync(`${out}.partial`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    while (!begun() && child.exitCode === null) await pause(5);
    return { child, ended };
  }

  /** What was made until a moment, once the load has written that down. */
  async function madeUntil(ns: bigint): Promise<bigint[]> {
    for (;;) {
      const made = madeAt(log);
      if (made.length > 0 && made.at(-1)! > ns) return made;
      await pause(20);
    }
  }

  async function untilRecorded(partial: string): Promise<void> {
    while (toldAt(partial).times.length === 0) await pause(20);
  }

  /** Ids of the BPF programs that a process holds. */
  function programsOf(pid: number): string[] {
    const folderOfFds = `/proc/${String(pid)}/fdinfo`;
    return readdirSync(folderOfFds).flatMap((fd) => {
      try {
        return /^prog_id:\s*(\d+)/m.exec(readFileSync(join(folderOfFds, fd), 'utf8'))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  }

  it(
    `opens after each of ${String(KILLS)} kills at random moments, and misses at most the last 100 ms`,
    async () => {
      const random = new Random(SEED);
      const missed: number[] = [];
      for (let n = 0; n < KILLS; n++) {
        const out = join(folder.path, `killed-${String(n)}.dhr`);
        const { child, ended } = await start(out);
        const delayMs = random.below(1500);
        await pause(delayMs);
        const killedNs = process.hrtime.bigint();
        child.kill('SIGKILL');
        await ended;
        const made = await madeUntil(killedNs);
        const { times, verdict } = toldAt(`${out}.partial`);
        const about = `seed ${String(SEED)}, kill ${String(n)} after ${String(delayMs)} ms`;
        expect(verdict, about).toMatch(/^(unclosed|torn at byte \d+)$/);
        // Killed before anything was recorded: it opens, and holds nothing.
        if (times.length > 0) {
          expect(untold(made, times, killedNs - MISSED_NS), about).toBe(0);
          missed.push(Number(killedNs - times.at(-1)!) / 1e6);
        }
        (await analyzeCapture(`${out}.partial`)).close();
        for (const name of readdirSync(folder.path)) {
          if (name.startsWith('killed-')) rmSync(join(folder.path, name));
        }
      }
      expect(missed.length).toBeGreaterThan(KILLS / 2);
      console.log(
        `${String(KILLS)} kills, ${String(missed.length)} with events; last event before the kill: ` +
          `median ${missed.sort((a, b) => a - b)[missed.length >> 1]!.toFixed(1)} ms, most ${missed.at(-1)!.toFixed(1)} ms`,
      );
    },
    60_000 + KILLS * 10_000,
  );

  it('takes its probes along when it is killed', async () => {
    const out = join(folder.path, 'probes.dhr');
    const { child, ended } = await start(out);
    await untilRecorded(`${out}.partial`);
    const programs = programsOf(child.pid!);
    expect(programs.length).toBeGreaterThan(5);
    child.kill('SIGKILL');
    await ended;
    const deadline = performance.now() + 1000;
    const left = (): string[] =>
      programs.filter((id) => spawnSync('bpftool', ['prog', 'show', 'id', id]).status === 0);
    while (left().length > 0 && performance.now() < deadline) await pause(20);
    expect(left()).toEqual([]);
  });

  /** A small file system of the test's own. */
  function mount(name: string, size: string): string {
    const path = join(folder.path, name);
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'dhrishti-test', path]);
    return path;
  }

  it('says that the disk is full, and keeps what was written', async () => {
    // What a fast machine makes between two drains is half a MiB, and the drain that does not fit is torn.
    const disk = mount('full', '4m');
    try {
      const out = join(disk, 'x.dhr');
      const { status, words } = await (await start(out)).ended;
      const endedNs = process.hrtime.bigint();
      expect(words.split('\n')).toEqual([
        `dhrishti: Cannot write ${out}.partial: the disk is full.`,
        'Free some space; what was written so far can be analyzed.',
        '',
      ]);
      expect(status).toBe(1);
      const { times, verdict } = toldAt(`${out}.partial`);
      expect(verdict).toMatch(/^torn at byte \d+$/);
      expect(times.length).toBeGreaterThan(1000);
      expect(untold(await madeUntil(endedNs), times, times.at(-1)!)).toBe(0);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it.each([
    ['its file is deleted', (file: string) => rmSync(file)],
    [
      'its folder is unmounted',
      (file: string) => execFileSync('umount', ['--lazy', join(file, '..')]),
    ],
  ])('says that %s, and puts back what was recorded', async (name, takeAway) => {
    const disk = mount(name.replaceAll(' ', '-'), '64m');
    try {
      const out = join(disk, 'x.dhr');
      const recorder = await start(out);
      await untilRecorded(`${out}.partial`);
      await pause(300);
      const goneNs = process.hrtime.bigint();
      takeAway(`${out}.partial`);
      const { status, words } = await recorder.ended;
      expect(words.split('\n')).toEqual([
        `dhrishti: ${out}.partial was deleted or moved while it was recorded, or its folder was unmounted.`,
        `All that was recorded until now was put into ${out}.partial again: analyze that.`,
        '',
      ]);
      expect(status).toBe(1);
      const { times, verdict } = toldAt(`${out}.partial`);
      expect(verdict).toBe('unclosed');
      expect(times.at(-1)).toBeGreaterThan(goneNs - MISSED_NS);
      expect(untold(await madeUntil(goneNs), times, times.at(-1)!)).toBe(0);
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});
