/** What the sections about `analyze` share: seeded captures that are made once, and the whole command on one core. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSynthetic } from './synthetic.mjs';

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;
const USAGE = new URL('usage.mjs', import.meta.url).pathname;
const CORE = String(cpus().length - 1);

/** Runs a command on one core to its end; gives what it wrote on descriptor 3, and the time that it took. */
export function onOneCore(command) {
  const fromMs = performance.now();
  const { status, stderr, output } = spawnSync('taskset', ['-c', CORE, ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`);
  return { told: output[3], wallS: (performance.now() - fromMs) / 1e3 };
}

/** The whole command, database and page included; files go to `folder`. */
export function analyze(capture, folder, options = []) {
  const out = ['--db', join(folder, 'a.sqlite'), '--report', join(folder, 'a.html')];
  const { told, wallS } = onOneCore([
    ...[process.execPath, '--import', USAGE, CLI, 'analyze', capture],
    ...out,
    ...options,
  ]);
  return { ...JSON.parse(told), wallS };
}

/** Seeded captures are the same each time: they are made once and kept. */
export function synthetic(millions) {
  const folder = join(tmpdir(), 'dhrishti-bench-captures');
  const file = join(folder, `${millions}m.dhr`);
  mkdirSync(folder, { recursive: true });
  if (existsSync(file)) return file;
  writeSynthetic(`${file}.new`, millions * 1e6);
  renameSync(`${file}.new`, file);
  return file;
}
