/**
 * `npm run fuzz [-- --cases 1000 --seconds 3600 --seed 1 --workers 2 --out fuzz-out]`: examines mutated captures
 * in processes of their own. Each has 5 s of CPU time and 1 GB; whoever needs more, or fails, is a find, and its
 * bytes are kept in --out. Ends with 1 where there were finds. Seeds run up from --seed, and equal seeds
 * give equal captures.
 */
import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildWorker } from './build-worker.mjs';

const CASE_CPU_S = 5;
/** For a case that waits for something that never comes. A machine that is busy otherwise needs no more. */
const CASE_MS = 120_000;
const CASE_KB = 1024 * 1024;
const WATCH_MS = 100;
/** A worker gives way to a new one after so many cases, so that a slow leak of the tests' own cannot add up. */
const CASES_OF_A_WORKER = 2000;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    out: { type: 'string', default: 'fuzz-out' },
  },
});
const out = values.out;
mkdirSync(out, { recursive: true });
const corpus = fileURLToPath(new URL('corpus', import.meta.url));
const program = await buildWorker();

const first = Number(values.seed);
const last = first + Number(values.cases);
const endMs = Date.now() + Number(values.seconds) * 1000;
const startMs = Date.now();
let next = first;
let done = 0;
let slowestMs = 0;
let largestKb = 0;
const outcomes = new Map();
const finds = { crash: 0, hang: 0, memory: 0 };

function found(kind, seed, words) {
  finds[kind]++;
  console.log(`${kind} seed ${seed}: ${words}`);
}

/** Works until there is nothing left to do; gives when that is so. */
function worker() {
  return new Promise((resolve, reject) => {
    const child = fork(program, [corpus, out], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let folder;
    let seed = null;
    let since = 0;
    let cpuSince = 0;
    let cases = 0;
    let killed = false;

    const give = () => {
      if (next >= last || Date.now() >= endMs || cases === CASES_OF_A_WORKER) {
        seed = null;
        child.disconnect();
        return;
      }
      seed = next++;
      cases++;
      since = Date.now();
      cpuSince = cpuSeconds(child.pid);
      child.send({ seed });
    };
    const watch = setInterval(() => {
      if (seed === null || killed) return;
      const kb = residentKb(child.pid);
      largestKb = Math.max(largestKb, kb);
      const cpu = cpuSeconds(child.pid) - cpuSince;
      const hangs = cpu > CASE_CPU_S || Date.now() - since > CASE_MS;
      const kind = hangs ? 'hang' : kb > CASE_KB ? 'memory' : null;
      if (kind === null) return;
      found(kind, seed, `${cpu} s of CPU time in ${Date.now() - since} ms, ${kb} KB`);
      killed = true;
      child.kill('SIGKILL');
    }, WATCH_MS);
    child.on('message', (told) => {
      if (told.ready !== undefined) {
        folder = told.ready;
        return give();
      }
      done++;
      slowestMs = Math.max(slowestMs, Date.now() - since);
      largestKb = Math.max(largestKb, told.maxRssKb);
      outcomes.set(told.outcome, (outcomes.get(told.outcome) ?? 0) + 1);
      if (told.error !== null) found('crash', told.seed, `${told.steps.join(', ')}\n${told.error}`);
      if (!killed) give();
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      if (seed !== null && !killed) found('crash', seed, `the process ended: ${code ?? signal}`);
      const more = next < last && Date.now() < endMs;
      resolve(more ? worker() : undefined);
    });
  });
}

function residentKb(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** CPU time that a process has taken so far, to a hundredth. */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

const progress = setInterval(() => {
  console.log(`${done} done, next seed ${next}, ${JSON.stringify(finds)}`);
}, 30_000);
await Promise.all(Array.from({ length: Number(values.workers) }, worker));
clearInterval(progress);

const sorted = [...outcomes].sort((a, b) => b[1] - a[1]);
for (const [outcome, n] of sorted.slice(0, 12)) console.log(`${String(n).padStart(8)} ${outcome}`);
console.log(
  `${done} mutated captures (seeds ${first} to ${next - 1}) in ${Math.round((Date.now() - startMs) / 1000)} s: ` +
    `${finds.crash} crashes, ${finds.hang} hangs (${CASE_CPU_S} s of CPU time each), ${finds.memory} over 1 GB; ` +
    `slowest ${slowestMs} ms, largest ${Math.round(largestKb / 1024)} MB. Finds are kept in ${join(out)}.`,
);
process.exitCode = finds.crash + finds.hang + finds.memory > 0 ? 1 : 0;
