/**
 * What a recording costs: the same load, alternately with nothing, with dhrishti and with what people use
 * instead. Each trial is a fresh recorder.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BlockKind } from '../dist/capture/blocks.js';
import { decodeJson } from '../dist/capture/bodies.js';
import { openCapture } from '../dist/capture/open.js';
import { cpuOf, Load } from './load.mjs';
import { RECORDERS } from './recorders.mjs';
import { count, median, spread, table, withSpread } from './statistics.mjs';

/** One exchange in the ring, record header included; on keep-alive connections all but a few events are these. */
const EXCHANGE_RECORD_BYTES = 56;

const READY_WITHIN_MS = 30_000;

/** Starts a recorder and waits until it says, in words or in its file, that it records. */
export async function start([command, ...args], ready, file) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const late = Date.now() + READY_WITHIN_MS;
  while (!ready.test(text + (existsSync(file) ? readFileSync(file, 'latin1') : ''))) {
    if (Date.now() > late || child.exitCode !== null) {
      child.kill('SIGKILL');
      throw new Error(`${command} does not record: ${text}`);
    }
    await delay(20);
  }
  return child;
}

/** Runs the load once under a recorder; what it cost. */
async function trial(load, recorder, shape, file) {
  if (recorder.command === null) return load.run(shape);
  const child = await start(recorder.command(load, file), recorder.ready, file);
  const ended = once(child, 'exit');
  const before = cpuOf(child.pid);
  const result = load.run(shape);
  const recorderCpuUs = cpuOf(child.pid) - before;
  child.stdin.end();
  if (recorder.name !== 'dhrishti') child.kill('SIGINT');
  await ended;
  const own = recorder.name === 'dhrishti' ? readCost(file) : {};
  const bytes = statSync(file).size;
  rmSync(file);
  return { ...result, recorderCpuUs, bytes, ...own };
}

/**
 * What a capture says of its own cost. BPF time comes from the intervals between two STATS in which the kernel's
 * run statistics were on throughout.
 */
function readCost(file) {
  const stats = [];
  const capture = openCapture(file);
  for (const block of capture.reader) {
    if (block.kind === BlockKind.STATS) stats.push(decodeJson('STATS', block.body));
  }
  capture.close();
  const total = (of) => (s) => s.programs.reduce((sum, p) => sum + p[of], 0);
  const measured = stats.slice(1).map((s, i) => ({ from: stats[i], to: s }));
  const whole = measured.filter(({ from, to }) => to.measuredNs - from.measuredNs > 0.9e9);
  const sum = (value) => whole.reduce((all, { from, to }) => all + value(to) - value(from), 0);
  const requests = sum((s) => s.eventBytes) / EXCHANGE_RECORD_BYTES / 2;
  return {
    bpfNs: sum(total('ns')) / requests,
    bpfRuns: sum(total('runs')) / requests,
    events: stats.at(-1).eventBytes / EXCHANGE_RECORD_BYTES,
    lost: Object.values(stats.at(-1).lost).reduce((all, n) => all + n, 0),
    highWater: Math.max(...stats.map((s) => s.ringHighWater)),
  };
}

/** Trials of all recorders in turn, each time in another order. */
async function measure({ trials, seconds, connections }) {
  const folder = mkdtempSync(join(tmpdir(), 'dhrishti-bench-'));
  const load = new Load();
  const results = new Map(RECORDERS.map(({ name }) => [name, []]));
  try {
    for (let i = 0; i < trials; i++) {
      for (let j = 0; j < RECORDERS.length; j++) {
        const recorder = RECORDERS[(i + j) % RECORDERS.length];
        const shape = { seconds, connections };
        results.get(recorder.name).push(await trial(load, recorder, shape, join(folder, 'file')));
      }
    }
  } finally {
    load.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/** What was measured of every recorder: [what, value of one trial, digits, what dhrishti is held to]. */
const COMPARED = [
  ['requests/s', (t) => t.perSecond, 0, ''],
  ['requests/s against nothing', (t, plain) => t.perSecond / plain.perSecond, 3, '≥ 0.96'],
  ['p99 µs', (t) => t.p99, 0, ''],
  ['p99 against nothing', (t, plain) => t.p99 / plain.p99, 2, ''],
  ['CPU µs a request, load and server', (t) => t.cpuUs / t.requests, 2, ''],
  ['CPU µs a request, recorder', (t) => t.recorderCpuUs / t.requests, 3, ''],
  ['file bytes a request', (t) => t.bytes / t.requests, 1, '≤ 128'],
];

/** One row a measure, one column a recorder. */
function comparison(results) {
  const plain = results.get('nothing');
  const cell = (trials, value, digits) => {
    const values = trials.map((t, i) => value(t, plain[i]));
    if (values.some(Number.isNaN) || (trials === plain && value(plain[0], plain[0]) === 1))
      return '';
    return withSpread(values, digits);
  };
  const rows = COMPARED.map(([what, value, digits, hold]) => [
    what,
    ...[...results.values()].map((trials) => cell(trials, value, digits)),
    hold,
  ]);
  const head = ['what', ...results.keys(), 'hold'];
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** What only a capture tells. */
function ownCost(trials) {
  const row = (name, value, digits, hold = '') => {
    const values = trials.map(value);
    return { name, median: median(values), spread: spread(values), digits, hold };
  };
  const events = trials.reduce((sum, t) => sum + t.events, 0);
  return [
    row('BPF ns a request, both ends', (t) => t.bpfNs, 0, '≤ 1,000'),
    row('BPF runs a request, both ends', (t) => t.bpfRuns, 2),
    row('recorder CPU µs an event', (t) => t.recorderCpuUs / t.events, 3, '≤ 0.3'),
    row('most bytes waiting in the ring', (t) => t.highWater, 0),
    {
      ...row(`events lost, of ${count(events)}`, (t) => t.lost, 0, '0'),
      median: trials.reduce((sum, t) => sum + t.lost, 0),
    },
  ];
}

export const title = 'Cost of a recording';

/** @returns the section's text. */
export async function run({ trials = 5, seconds = 4, connections = 16 }) {
  const results = await measure({ trials, seconds, connections });
  return `wrk, one thread, ${connections} keep-alive connections, against a small Node HTTP server in a network namespace, ${trials} alternating
trials of ${seconds} s each; median (least … greatest). Run statistics of BPF programs are on for one second in ten, as in every recording; the
BPF time is of those seconds, the clock reads of the statistics included.

${comparison(results)}

What the captures tell of their own cost:

${table(ownCost(results.get('dhrishti')))}
`;
}
