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
/** Both ends tell each one. */
const EVENTS_A_REQUEST = 2;

const READY_WITHIN_MS = 30_000;

/** Load before each trial: a recording is longer than a trial, and what starts cold is not what is asked for. */
const WARM_UP_S = 2;

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
  const warmUp = () => load.run({ ...shape, seconds: WARM_UP_S });
  if (recorder.command === null) {
    warmUp();
    return load.run(shape);
  }
  const child = await start(recorder.command(load, file), recorder.ready, file);
  const ended = once(child, 'exit');
  const warm = warmUp();
  const before = cpuOf(child.pid);
  const result = load.run(shape);
  const recorderCpuUs = cpuOf(child.pid) - before;
  child.stdin.end();
  if (recorder.name !== 'dhrishti') child.kill('SIGINT');
  await ended;
  const own = recorder.name === 'dhrishti' ? readCost(file) : {};
  const bytes = statSync(file).size;
  rmSync(file);
  return { ...result, recorderCpuUs, bytes, recorded: warm.requests + result.requests, ...own };
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
  const requests = sum((s) => s.eventBytes) / EXCHANGE_RECORD_BYTES / EVENTS_A_REQUEST;
  return {
    bpfNs: sum(total('ns')) / requests,
    bpfRuns: sum(total('runs')) / requests,
    events: stats.at(-1).eventBytes / EXCHANGE_RECORD_BYTES,
    lost: Object.values(stats.at(-1).lost).reduce((all, n) => all + n, 0),
    highWater: Math.max(...stats.map((s) => s.ringHighWater)),
  };
}

/** Trials of all recorders in turn, each time in another order. */
async function measure(trials, shape) {
  const folder = mkdtempSync(join(tmpdir(), 'dhrishti-bench-'));
  const load = new Load();
  const results = new Map(RECORDERS.map(({ name }) => [name, []]));
  try {
    for (let i = 0; i < trials; i++) {
      for (let j = 0; j < RECORDERS.length; j++) {
        const recorder = RECORDERS[(i + j) % RECORDERS.length];
        results.get(recorder.name).push(await trial(load, recorder, shape, join(folder, 'file')));
      }
    }
  } finally {
    load.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/** A measure of every recorder: [what, value of one trial, digits, what dhrishti is held to]. */
const RATE = ['requests/s', (t) => t.perSecond, 0, ''];
const P99 = [
  ['p99 µs', (t) => t.p99, 0, ''],
  ['p99 against nothing', (t, plain) => t.p99 / plain.p99, 2, ''],
];
const COMPARED = [
  RATE,
  ['requests/s against nothing', (t, plain) => t.perSecond / plain.perSecond, 3, '≥ 0.96'],
  ...P99,
  ['CPU µs a request, load and server', (t) => t.cpuUs / t.requests, 2, ''],
  ['CPU µs a request, recorder', (t) => t.recorderCpuUs / t.requests, 3, ''],
  ['file bytes a request', (t) => t.bytes / t.recorded, 1, '≤ 128'],
];

/** One row a measure, one column a recorder. */
function comparison(results, measures) {
  const plain = results.get('nothing');
  const cell = (trials, value, digits) => {
    const values = trials.map((t, i) => value(t, plain[i]));
    if (values.some(Number.isNaN) || (trials === plain && value(plain[0], plain[0]) === 1))
      return '';
    return withSpread(values, digits);
  };
  const rows = measures.map(([what, value, digits, hold]) => [
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
    row(
      'recorder CPU µs an event',
      (t) => t.recorderCpuUs / t.requests / EVENTS_A_REQUEST,
      3,
      '≤ 0.3',
    ),
    row('most bytes waiting in the ring', (t) => t.highWater, 0),
    {
      ...row(`events lost, of ${count(events)}`, (t) => t.lost, 0, '0'),
      median: trials.reduce((sum, t) => sum + t.lost, 0),
    },
  ];
}

export const title = 'Cost of a recording';

/** The load that leaves the cores time: how long its requests took is the question, not how many there were. */
const PAUSING_CONNECTIONS = 64;
const WITH_PAUSES = [RATE, ...P99];

/** @returns the section's text. */
export async function run({ trials = 5, seconds = 4, connections = 16 }) {
  const results = await measure(trials, { seconds, connections });
  const paused = { seconds, connections: PAUSING_CONNECTIONS, pauses: true };
  const withPauses = await measure(trials, paused);
  return `wrk, one thread, ${connections} keep-alive connections, against a small Node HTTP server in a network namespace, ${trials} alternating
trials of ${seconds} s each, after ${WARM_UP_S} s of the same; median (least … greatest). Run statistics of BPF programs are on for one second in
ten, as in every recording; the BPF time is of those seconds, the clock reads of the statistics included.

${comparison(results, COMPARED)}

This load asks for all that two cores have. Who holds one of them up for a moment holds up a request on each connection, and such
requests are what its p99 is made of: a drain comes 17 times a second. The same with ${PAUSING_CONNECTIONS} connections that rest 1, 2 or 3 ms
before each request, so that the cores have time left:

${comparison(withPauses, WITH_PAUSES)}

What the captures of the first load tell of their own cost:

${table(ownCost(results.get('dhrishti')))}
`;
}
