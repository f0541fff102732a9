/** Every way to end a recording leaves a whole capture, says why it ended, and treats the command as a shell would. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../src/base/paths.js';
import { BlockKind, type EndBody } from '../../src/capture/blocks.js';
import { decodeJson } from '../../src/capture/bodies.js';
import { openCapture } from '../../src/capture/open.js';
import { NetworkNamespace } from '../support/netns.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { scratchFolder } from '../support/recording.js';

const CLI = join(packageRoot, 'dist', 'cli.js');
const LOAD = new URL('../support/traffic_log.py', import.meta.url).pathname;
const can = canRun('kernel', [missingRecorder(), missingCommand('ip'), missingCommand('script')]);

/** Why the recording ended, as a capture that is whole says it; what the reader thinks of any other. */
function endOf(file: string): Omit<EndBody, 'at'> | string {
  const { reader, close } = openCapture(file);
  let end: EndBody | null = null;
  for (const { kind, body } of reader) {
    if (kind === BlockKind.END) end = decodeJson('END', body);
  }
  close();
  const verdict = reader.verdict().name;
  if (end === null || verdict !== 'complete') return verdict;
  return { reason: end.reason, ...(end.status === undefined ? {} : { status: end.status }) };
}

describe.runIf(can)('a recording ends', () => {
  const folder = scratchFolder();
  let namespace: NetworkNamespace;
  let files = 0;
  beforeAll(async () => {
    namespace = new NetworkNamespace();
    const log = join(folder.path, 'made');
    await namespace.lines(namespace.start('python3', LOAD, '19950', log), 1);
  });
  afterAll(() => {
    namespace.destroy();
    folder.remove();
  });

  interface Run {
    out: string;
    child: ChildProcess;
    /** What the recorder and its command printed so far. */
    words: () => string;
    ended: Promise<number | null>;
  }

  /** Records a load that never pauses. The recorder leads a process group of its own, as from a shell. */
  function start(...args: string[]): Run {
    const out = join(folder.path, `${String(++files)}.dhr`);
    const netns = String(namespace.inode);
    const child = spawn(process.execPath, [CLI, 'record', '-o', out, '--netns', netns, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let words = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (words += text.toString()));
    }
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { out, child, words: () => words, ended };
  }

  /** Until the command has said `word`, or events are in the file where there is no command. */
  async function until({ out, words }: Run, word?: string): Promise<void> {
    const recorded = (): boolean =>
      (statSync(`${out}.partial`, { throwIfNoEntry: false })?.size ?? 0) > 100_000;
    while (!(word === undefined ? recorded() : words().includes(word))) await pause(10);
  }

  /** Until no SIGINT waits for the recorder: two that wait are one to it. */
  async function untilTaken({ child }: Run): Promise<void> {
    const waiting = (): boolean => {
      const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
      const pending = BigInt(`0x${/^ShdPnd:\s*(\w+)$/m.exec(status)![1]!}`);
      return ((pending >> BigInt(constants.signals.SIGINT - 1)) & 1n) === 1n;
    };
    while (waiting()) await pause(10);
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('at %s', async (signal) => {
    const run = start();
    await until(run);
    run.child.kill(signal);
    expect(await run.ended).toBe(0);
    expect(endOf(run.out)).toEqual({ reason: 'signal' });
    expect(run.words()).toContain('Next: dhrishti analyze');
  });

  it('once, however often it is asked to', async () => {
    const run = start();
    await until(run);
    for (let n = 0; n < 5; n++) run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(endOf(run.out)).toEqual({ reason: 'signal' });
  });

  it('after its duration', async () => {
    const run = start('--duration', '400ms');
    expect(await run.ended).toBe(0);
    expect(endOf(run.out)).toEqual({ reason: 'duration' });
  });

  it('at its size, give or take one reading of the ring', async () => {
    const run = start('--max-size', '300KiB');
    expect(await run.ended).toBe(0);
    expect(endOf(run.out)).toEqual({ reason: 'max-size' });
    expect(statSync(run.out).size).toBeGreaterThanOrEqual(300 * 1024);
    expect(statSync(run.out).size).toBeLessThan(2 * 1024 * 1024);
  });

  it.each([
    ['its own', 'exit 7', 7],
    ['that of a signal', 'kill -KILL $$', 137],
  ])('with its command, whose status it passes on: %s', async (_, script, status) => {
    const run = start('--', 'sh', '-c', script);
    expect(await run.ended).toBe(status);
    expect(endOf(run.out)).toEqual({ reason: 'command-ended', status });
  });

  it('when the command has answered the signal that was passed on', async () => {
    const run = start(
      '--',
      'sh',
      '-c',
      'trap "echo bye; exit 9" TERM; echo on; while :; do sleep 0.05; done',
    );
    await until(run, 'on\n');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(9);
    expect(run.words()).toContain('bye\n');
    expect(endOf(run.out)).toEqual({ reason: 'command-ended', status: 9 });
  });

  it('when Ctrl-C has ended the command', async () => {
    // No shell: a signal that finds dash between vfork and exec is lost to the program that it starts.
    const said = join(folder.path, 'said');
    writeFileSync(said, 'on\n');
    const run = start('--', 'tail', '-f', said);
    await until(run, 'on\n');
    process.kill(-run.child.pid!, 'SIGINT');
    expect(await run.ended).toBe(130);
    expect(endOf(run.out)).toEqual({ reason: 'command-ended', status: 130 });
  });

  it('at the second Ctrl-C where the command ignores them', async () => {
    const script = 'trap "echo once" INT; echo on; while :; do sleep 0.05; done';
    const run = start('--', 'sh', '-c', script);
    await until(run, 'on\n');
    process.kill(-run.child.pid!, 'SIGINT');
    await until(run, 'once\n');
    await untilTaken(run);
    process.kill(-run.child.pid!, 'SIGINT');
    expect(await run.ended).toBe(0);
    expect(endOf(run.out)).toEqual({ reason: 'signal' });
  });

  it('and leaves the terminal to its command', async () => {
    const out = join(folder.path, 'terminal.dhr');
    const script =
      'test -t 0 && test -t 1 && test -t 2 && stty size && read word && echo "got $word"';
    const record = `${process.execPath} ${CLI} record -o ${out} --netns ${String(namespace.inode)}`;
    const terminal = spawn(
      'script',
      ['-qec', `stty rows 33 cols 77 -echo; ${record} -- sh -c '${script}'`, '/dev/null'],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let words = '';
    terminal.stdout.on('data', (text: Buffer) => (words += text.toString()));
    while (!words.includes('33 77')) await pause(10);
    // Long enough for a status line, if there were one.
    await pause(1200);
    terminal.stdin.write('hello\n');
    const status = await new Promise((resolve) => terminal.once('close', resolve));
    expect(status).toBe(0);
    expect(words.split('\r\n').slice(0, 2)).toEqual(['33 77', 'got hello']);
    expect(endOf(out)).toEqual({ reason: 'command-ended', status: 0 });
  });
});
