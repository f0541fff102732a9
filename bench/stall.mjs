/**
 * The highest load that this machine can make, with the recorder stopped for a second in the middle of it, and ended
 * while the load goes on: how much is lost, how full the ring was, and how long the end took.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Load, PORT } from './load.mjs';
import { count, withSpread } from './statistics.mjs';

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;
const STALL_MS = 1000;

/** One recording under load: `stallMs` without the recorder, then the end. */
async function trial(out, netns, stallMs) {
  const args = [CLI, 'record', '--quiet', '-o', out, '--netns', netns];
  const recorder = spawn(process.execPath, args, { stdio: 'inherit' });
  const ended = new Promise((resolve) => recorder.once('exit', resolve));
  const bytes = () => statSync(`${out}.partial`, { throwIfNoEntry: false })?.size ?? 0;
  while (bytes() < 1e6) await pause(20);
  await pause(1000);
  if (stallMs > 0) {
    recorder.kill('SIGSTOP');
    await pause(stallMs);
    recorder.kill('SIGCONT');
    await pause(1000);
  }
  const askedMs = performance.now();
  recorder.kill('SIGINT');
  const status = await ended;
  const endMs = performance.now() - askedMs;
  const text = execFileSync(process.execPath, [CLI, 'inspect', out, '--json'], {
    encoding: 'utf8',
  });
  rmSync(out);
  const { lostTotal, ringHighWaterBytes, eventsTotal, clockSpanNs, verdict } = JSON.parse(text);
  if (status !== 0 || verdict.state !== 'complete') throw new Error(`not whole: ${verdict.name}`);
  return {
    lost: lostTotal,
    waited: ringHighWaterBytes / 2 ** 20,
    perSecond: eventsTotal / (clockSpanNs / 1e9),
    endMs,
  };
}

function row(name, results) {
  const cell = (pick, digits) => withSpread(results.map(pick), digits);
  const lost = results.reduce((sum, { lost }) => sum + lost, 0);
  return `| ${name} | ${cell((r) => r.perSecond, 0)} | ${count(lost)} | ${cell((r) => r.waited, 1)} | ${cell((r) => r.endMs, 0)} |`;
}

export const title = 'Losses at the highest load';

/** @returns the section's text. */
export async function run({ trials = 5, connections = 16 }) {
  const folder = mkdtempSync(join(tmpdir(), 'dhrishti-stall-'));
  const load = new Load();
  const [file, ...args] = load.command(['wrk', '-t1', `-c${connections}`, '-d3600']);
  const wrk = spawn(file, [...args, `http://127.0.0.1:${PORT}/`], { stdio: 'ignore' });
  const plain = [];
  const stalled = [];
  try {
    for (let n = 0; n < trials; n++) {
      plain.push(await trial(join(folder, 'plain.dhr'), load.netns, 0));
      stalled.push(await trial(join(folder, 'stalled.dhr'), load.netns, STALL_MS));
    }
  } finally {
    wrk.kill('SIGKILL');
    load.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return `wrk without a pause, one thread, ${connections} keep-alive connections, the ring of 64 MiB that is the default; ${trials} alternating
recordings each, ended by SIGINT while the load goes on; median (least … greatest).

| recorder | events/s | events lost in all | most MiB waiting in the ring | ms from SIGINT to the end |
|---|---:|---:|---:|---:|
${row('runs', plain)}
${row(`is stopped for ${STALL_MS / 1000} s`, stalled)}
`;
}
