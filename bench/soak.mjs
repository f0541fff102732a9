/**
 * A flight recorder under load for a long time: is its memory flat, does it stay within what it may keep, is the
 * snapshot whole, is nothing lost? Prints a sample every ten seconds and a summary of four lines; ends with 1 when one of
 * them does not hold. Needs root, BTF, hey and iproute2.
 *
 *     node bench/soak.mjs --minutes 60 --keep 64MiB --rate 100
 *
 * `--rate` is requests a second of each of eight clients: four that keep their connection, four that do not.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseBytes } from '../dist/base/bytes.js';
import { BlockKind } from '../dist/capture/blocks.js';
import { decodeJson } from '../dist/capture/bodies.js';
import { openCapture } from '../dist/capture/open.js';
import { listSegments, segmentFolder } from '../dist/capture/segments.js';
import { count, median } from './statistics.mjs';

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;
const PORT = 18081;
const SERVER = `require('http').createServer((_, res) => res.end('ok')).listen(${PORT}, () => console.log('ready'))`;
const SAMPLE_MS = 10_000;

function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}

/** Resident bytes of a process: all, and those that are its own, without the mapped ring buffer. */
function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024;
  return { rss: field('VmRSS'), own: field('RssAnon') };
}

/** What the folder takes on the disk; a segment may be dropped while it is asked for. */
function diskBytes(folder) {
  let bytes = 0;
  for (const name of readdirSync(folder)) {
    bytes += (statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  }
  return bytes;
}

/** Running totals of the recorder, from the last STATS that it wrote. */
function lastStats(folder) {
  const path = listSegments(folder).at(-1);
  const { reader, close } = openCapture(path);
  let last = null;
  for (const { kind, body } of reader) {
    if (kind === BlockKind.STATS) last = decodeJson('STATS', body) ?? last;
  }
  close();
  return last;
}

const minutes = Number(option('minutes', '60'));
const keep = option('keep', '64MiB');
const rate = option('rate', '100');
const folder = mkdtempSync(join(tmpdir(), 'dhrishti-soak-'));
const file = join(folder, 'flight.dhr');
const segments = segmentFolder(file);
const namespace = `dhr-soak-${process.pid}`;
const inside = (...command) => ['netns', 'exec', namespace, ...command];
const children = [];

function start(command, args, stdout = 'ignore') {
  const child = spawn(command, args, { stdio: ['ignore', stdout, 'inherit'] });
  children.push(child);
  return child;
}

async function soak() {
  execFileSync('ip', ['netns', 'add', namespace]);
  execFileSync('ip', inside('ip', 'link', 'set', 'lo', 'up'));
  const server = start('ip', inside('nice', '-n', '5', process.execPath, '-e', SERVER), 'pipe');
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const netns = String(statSync(`/run/netns/${namespace}`).ino);
  const args = ['record', '--quiet', '--keep', keep, '-o', file, '--netns', netns];
  const recorder = start(process.execPath, [CLI, ...args]);
  let status = null;
  const ended = new Promise((resolve) => recorder.once('exit', (code) => resolve((status = code))));
  while (listSegments(segments).length === 0 || lastStats(segments) === null) await pause(100);

  const hey = ['nice', '-n', '5', 'hey', '-z', `${minutes}m`, '-c', '4', '-q', rate];
  const url = `http://127.0.0.1:${PORT}/`;
  start('ip', inside(...hey, url));
  start('ip', inside(...hey, '-disable-keepalive', url));

  const samples = [];
  const endMs = Date.now() + minutes * 60_000;
  while (Date.now() < endMs && status === null) {
    await pause(SAMPLE_MS);
    const { lost, eventBytes } = lastStats(segments);
    samples.push({
      ...residentBytes(recorder.pid),
      disk: diskBytes(segments),
      lost: Object.values(lost).reduce((sum, n) => sum + n, 0),
      eventBytes,
    });
    const { rss, own, disk } = samples.at(-1);
    console.log(
      `${count(samples.length * (SAMPLE_MS / 1000))} s: ${count(rss / 2 ** 20, 1)} MiB resident (${count(own / 2 ** 20, 1)} MiB its own), ` +
        `${count(disk / 2 ** 20, 1)} MiB on disk, ${count(eventBytes / 2 ** 20, 1)} MiB recorded, ` +
        `${samples.at(-1).lost} lost`,
    );
  }
  const run = (...args) => execFileSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
  const snapshot = run('snapshot', file).trim();
  const analysis = JSON.parse(run('analyze', snapshot, '--json', '--strict'));
  recorder.kill('SIGINT');
  await ended;
  return { samples, analysis, final: JSON.parse(run('inspect', file, '--json')), status };
}

function judge({ samples, analysis, final, status }) {
  const quarter = Math.max(1, samples.length >> 2);
  const quarters = (pick) => [
    median(samples.slice(0, quarter).map(pick)),
    median(samples.slice(-quarter).map(pick)),
  ];
  const [first, last] = quarters((s) => s.rss);
  const [firstOwn, lastOwn] = quarters((s) => s.own);
  const most = Math.max(...samples.map((s) => s.disk));
  const lost = samples.at(-1).lost;
  const mib = (bytes) => `${count(bytes / 2 ** 20, 1)} MiB`;
  return [
    [
      Math.abs(last / first - 1) <= 0.05,
      `memory: ${mib(first)} in the first quarter, ${mib(last)} in the last: ${count((last / first - 1) * 100, 1)} % (its own: ${mib(firstOwn)}, ${mib(lastOwn)})`,
    ],
    [most <= parseBytes(keep, '--keep'), `disk: at most ${mib(most)} of ${keep}`],
    [lost === 0, `lost: ${count(lost)} of ${mib(samples.at(-1).eventBytes)} of events`],
    [
      analysis.capture.verdict === 'complete' && final.verdict.state === 'complete' && status === 0,
      `snapshot: ${analysis.capture.verdict}, ${count(analysis.capture.events)} events; capture at the end: ${final.verdict.name}`,
    ],
  ];
}

function clean() {
  for (const child of children) child.kill('SIGKILL');
  if (existsSync(`/run/netns/${namespace}`)) execFileSync('ip', ['netns', 'delete', namespace]);
  rmSync(folder, { recursive: true, force: true });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    clean();
    process.exit(1);
  });
}
try {
  for (const [holds, sentence] of judge(await soak())) {
    console.log(`${holds ? 'ok ' : 'NOT'} ${sentence}`);
    if (!holds) process.exitCode = 1;
  }
} finally {
  clean();
}
