/**
 * What a guest boots with: an archive of busybox, Node, Python and their libraries, the built project and
 * the traffic generator, at the same paths as here. An uncompressed cpio unpacks fastest, and archives
 * can simply be put one behind the other.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packageRoot } from '../../src/base/paths.js';
import type { GuestKernel } from './packages.js';

const SUPPORT = join(packageRoot, 'test', 'support');
const GUEST = join(packageRoot, 'test', 'kernels', 'guest');
export const SCENARIO = join(GUEST, 'scenario.mjs');

function output(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

function commandPath(name: string): string {
  return output('sh', '-c', `command -v ${name}`).trim();
}

/** All regular files below a folder. */
function filesBelow(folder: string, without?: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter(
      (file) => !(without?.test(file) ?? false) && existsSync(file) && statSync(file).isFile(),
    );
}

/** The shared libraries that a program or library needs, the dynamic linker included. */
function librariesOf(file: string): string[] {
  // It fails for a program that needs none.
  const { stdout } = spawnSync('ldd', [file], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
}

function libraryPath(name: string): string {
  const line = output('/sbin/ldconfig', '-p')
    .split('\n')
    .find((text) => text.includes(`${name} `));
  return /=> (\S+)/.exec(line ?? '')?.[1] ?? '';
}

/** Python itself, behind whatever link or wrapper is on the PATH. */
function pythonPath(): string {
  return output('python3', '-c', 'import os, sys; print(os.path.realpath(sys.executable))').trim();
}

/** What Python loads for the traffic: a hundred files instead of its whole library. */
function pythonFiles(): string[] {
  const loaded = `
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(SUPPORT)})
import traffic, encodings.idna
for module in list(sys.modules.values()):
    for name in ("__file__", "__cached__"):
        print(getattr(module, name, None) or "")
`;
  return output('python3', '-c', loaded)
    .split('\n')
    .filter((file) => file.startsWith('/') && existsSync(file));
}

/** Files of the packages that the built project needs to run. */
function packageFiles(): string[] {
  const folders = output('npm', 'ls', '--prefix', packageRoot, '--omit=dev', '--all', '--parseable')
    .trim()
    .split('\n')
    .slice(1);
  return folders
    .flatMap((folder) => filesBelow(folder))
    .filter((file) => /\.([cm]?js|json|node)$/.test(file));
}

/** An archive of files below `root`, given by their paths from there; parents come before children. */
function archive(root: string, names: Iterable<string>): Buffer {
  const all = new Set<string>();
  for (const name of names) {
    const parts = name.split('/');
    for (let n = 1; n <= parts.length; n++) all.add(parts.slice(0, n).join('/'));
  }
  return execFileSync('cpio', ['-o', '-H', 'newc', '-L', '--quiet'], {
    cwd: root,
    input: [...all].join('\n'),
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Programs with the libraries that they and the loaded modules need. */
function userland(): string[] {
  const programs = [process.execPath, pythonPath(), commandPath('ip'), commandPath('busybox')];
  const native = packageFiles().filter((file) => file.endsWith('.node'));
  const python = pythonFiles();
  const loaded = [
    ...programs,
    libraryPath('libbpf.so.1'),
    ...native,
    ...python.filter((file) => file.endsWith('.so')),
  ];
  return [
    ...new Set([
      ...programs,
      ...python,
      libraryPath('libbpf.so.1'),
      ...loaded.flatMap(librariesOf),
    ]),
  ];
}

function project(): string[] {
  return [
    join(packageRoot, 'package.json'),
    ...filesBelow(join(packageRoot, 'dist')),
    ...packageFiles(),
    SCENARIO,
    ...readdirSync(SUPPORT)
      .filter((name) => name.endsWith('.py'))
      .map((name) => join(SUPPORT, name)),
  ];
}

/** What all guests have in common. */
export function commonImage(): Buffer {
  const files = [...userland(), ...project()].map((file) => file.slice(1));
  return archive('/', files);
}

/** What one guest has besides: its init and modules. */
export function guestImage(kernel: GuestKernel): Buffer {
  const root = mkdtempSync(join(tmpdir(), 'dhrishti-guest-'));
  try {
    mkdirSync(join(root, 'modules'));
    kernel.modules.forEach((file, at) => {
      copyFileSync(file, join(root, 'modules', `${String(at)}-${basename(file)}`));
    });
    for (const folder of ['bin', 'proc', 'sys', 'dev', 'tmp', 'run', 'out', 'etc'])
      mkdirSync(join(root, folder));
    copyFileSync(commandPath('busybox'), join(root, 'bin', 'busybox'));
    copyFileSync(join(GUEST, 'init.sh'), join(root, 'init'));
    execFileSync('chmod', ['755', join(root, 'init')]);
    execFileSync('gcc', ['-O2', '-static', '-o', join(root, 'end'), join(GUEST, 'end.c')]);
    writeFileSync(
      join(root, 'guest.env'),
      `NODE=${process.execPath}\nSCENARIO=${SCENARIO}\nexport PYTHON=${pythonPath()}\n`,
    );
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
    return archive(root, names);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
