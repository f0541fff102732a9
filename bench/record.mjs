/**
 * What a recording costs. The same load on the same server, alternately with nothing and with dhrishti
 * recording, in a network namespace of the benchmark's own. Each trial is a fresh process.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCapture } from '../dist/capture/open.js';
import { BlockKind } from '../dist/capture/blocks.js';
import { decodeJson } from '../dist/capture/bodies.js';
import { count, median, spread } from './statistics.mjs';

const PORT = 18080;
/** One exchange in the ring, record header included; on keep-alive connections all but a few events are these. */
const EXCHANGE_RECORD_BYTES = 56;
const CLI = new URL('../dist/cli.js', import.meta.url).pathname;
const SERVER = `require('node:http').createServer((q, r) => r.end('hello, world')).listen(${PORT}, '127.0.0.1')`;

/** What wrk says of one run. */
function parseWrk(text) {
  const latency = (name) => {
    const [, value, unit] = new RegExp(`${name}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? [];
    return Number(value) * { us: 1, ms: 1e3, s: 1e6 }[unit];
  };
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p50: latency('50'),
    p99: latency('99'),
  };
}

/**
 * Cost of a recording from its own STATS: the first, a second after the start, is subtracted, so that loading
 * the recorder and its probes is not taken for the cost of events.
 */
function readCost(file) {
  const stats = [];
  const capture = openCapture(file);
  for (const block of capture.reader) {
    if (block.kind === BlockKind.STATS) stats.push(decodeJson('STATS', block.body));
  }
  capture.close();
  const first = stats[0];
  const last = stats.at(-2);
  const total = (of) => (s) => s.programs.reduce((sum, p) => sum + p[of], 0);
  const between = (value) => value(last) - value(first);
  const events = between((s) => s.eventBytes) / EXCHANGE_RECORD_BYTES;
  return {
    bpfNs: between(total('ns')) / (events / 2),
    bpfRuns: between(total('runs')) / (events / 2),
    cpuUs: between((s) => s.cpuUs) / events,
    lost: Object.values(stats.at(-1).lost).reduce((sum, n) => sum + n, 0),
    highWater: Math.max(...stats.map((s) => s.ringHighWater)),
    events: stats.at(-1).eventBytes / EXCHANGE_RECORD_BYTES,
  };
}

export function benchRecord({ trials = 5, seconds = 4, connections = 16 } = {}) {
  const namespace = `dhr-bench-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'dhrishti-bench-'));
  const inside = ['netns', 'exec', namespace];
  const wrk = [
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${seconds}`,
    '--latency',
    `http://127.0.0.1:${PORT}/`,
  ];
  const run = (command, args) =>
    execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  let server;
  try {
    run('ip', ['netns', 'add', namespace]);
    run('ip', [...inside, 'ip', 'link', 'set', 'lo', 'up']);
    server = spawn('ip', [...inside, process.execPath, '-e', SERVER], { stdio: 'inherit' });
    run('ip', [
      ...inside,
      'sh',
      '-c',
      `until wrk -t1 -c1 -d1 http://127.0.0.1:${PORT}/ 2>/dev/null | grep -q 'requests in'; do :; done`,
    ]);
    const netns = String(statSync(`/run/netns/${namespace}`).ino);
    const plain = [];
    const recorded = [];
    for (let trial = 0; trial < trials; trial++) {
      plain.push(parseWrk(run('ip', [...inside, ...wrk])));
      const file = join(folder, `${trial}.dhr`);
      const text = run(process.execPath, [
        CLI,
        'record',
        '--quiet',
        '-o',
        file,
        '--netns',
        netns,
        '--',
        'ip',
        ...inside,
        ...wrk,
      ]);
      recorded.push({ ...parseWrk(text), ...readCost(file), bytes: statSync(file).size });
      rmSync(file);
    }
    return { plain, recorded };
  } finally {
    server?.kill('SIGKILL');
    if (existsSync(`/run/netns/${namespace}`)) run('ip', ['netns', 'delete', namespace]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The rows of a table: name, median, spread, what DESIGN holds it to. */
export function describeRecord({ plain, recorded }) {
  const row = (name, values, digits, hold = '') => ({
    name,
    median: median(values),
    spread: spread(values),
    digits,
    hold,
  });
  const lost = recorded.reduce((sum, t) => sum + t.lost, 0);
  return [
    row(
      'requests/s, nothing recording',
      plain.map((t) => t.perSecond),
      0,
    ),
    row(
      'requests/s, recording',
      recorded.map((t) => t.perSecond),
      0,
    ),
    row(
      'requests/s, recording / nothing',
      recorded.map((t, i) => t.perSecond / plain[i].perSecond),
      3,
    ),
    row(
      'p99 µs, nothing recording',
      plain.map((t) => t.p99),
      0,
    ),
    row(
      'p99 µs, recording',
      recorded.map((t) => t.p99),
      0,
    ),
    row(
      'BPF time per request, both ends, ns',
      recorded.map((t) => t.bpfNs),
      0,
      '≤ 1,000',
    ),
    row(
      'BPF runs per request, both ends',
      recorded.map((t) => t.bpfRuns),
      2,
    ),
    row(
      'recorder CPU per event, µs',
      recorded.map((t) => t.cpuUs),
      3,
      '≤ 0.3',
    ),
    row(
      'file bytes per request, both ends',
      recorded.map((t) => t.bytes / t.requests),
      1,
      '≤ 128',
    ),
    row(
      'most bytes waiting in the ring',
      recorded.map((t) => t.highWater),
      0,
    ),
    {
      name: `events lost, of ${count(recorded.reduce((sum, t) => sum + t.events, 0))}`,
      median: lost,
      spread: '',
      digits: 0,
      hold: '0',
    },
  ];
}
