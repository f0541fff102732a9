/** Debian's kernels: downloaded through the machine's own apt, unpacked aside, never installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageRoot } from '../../src/base/paths.js';

/** Where downloads and images are kept between runs; git does not see it. */
const CACHE = join(packageRoot, 'node_modules', '.cache', 'kernels');

/** What a guest loads, in order of dependency. A kernel that has one built in has no file of it. */
const MODULES = [
  'virtio_ring',
  'virtio',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'virtio_blk',
  'veth',
];

/** One unpacked kernel. */
export interface GuestKernel {
  /** The compressed kernel image. */
  vmlinuz: string;
  /** Modules to load, uncompressed, in this order. */
  modules: string[];
}

/** The package that a meta package stands for now: point versions come and go. */
function packageOf(meta: string): string | null {
  const { stdout } = spawnSync('apt-cache', ['depends', '--important', meta], { encoding: 'utf8' });
  return /^ *Depends: (linux-image-\S+)/m.exec(stdout)?.[1] ?? null;
}

function refreshLists(): void {
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
}

/** What is missing to fetch the kernel that a meta package stands for, or null. */
export function missingKernel(meta: string): string | null {
  if (packageOf(meta) === null) refreshLists();
  return packageOf(meta) === null ? `the package ${meta} from apt` : null;
}

/** Downloads and unpacks a package into `folder`, of which it keeps the kernel and the modules above. */
function unpack(name: string, folder: string): void {
  const aside = `${folder}.new`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  execFileSync('apt-get', ['download', '-qq', name], {
    cwd: aside,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const wanted = MODULES.map((module) => `'*/${module}.ko*'`).join(' ');
  execFileSync(
    'sh',
    [
      '-c',
      `dpkg-deb --fsys-tarfile *.deb >tar && rm *.deb &&
       tar -xf tar --wildcards --transform 's|.*/||' './boot/vmlinuz-*' $(
         tar -tf tar --wildcards ${wanted} 2>/dev/null) && rm tar
       for module in *.ko.xz; do [ ! -e "$module" ] || xz -d "$module"; done`,
    ],
    { cwd: aside },
  );
  renameSync(aside, folder);
}

/** The folder of the unpacked kernel that a meta package stands for now. */
function unpacked(meta: string): string {
  const name = packageOf(meta);
  if (name === null) throw new Error(`apt knows no package ${meta}`);
  const folder = join(CACHE, name);
  if (!existsSync(folder)) unpack(name, folder);
  return folder;
}

/**
 * The kernel that a meta package stands for, downloaded unless it is kept from before.
 * @throws Error when apt cannot download it.
 */
export function fetchKernel(meta: string): GuestKernel {
  let folder: string;
  try {
    folder = unpacked(meta);
  } catch {
    // Old lists name a version that is gone from the mirror.
    refreshLists();
    folder = unpacked(meta);
  }
  const files = readdirSync(folder).map((file) => join(folder, file));
  const vmlinuz = files.find((file) => basename(file).startsWith('vmlinuz-'));
  if (vmlinuz === undefined) throw new Error(`${folder} holds no kernel`);
  const modules = MODULES.map((module) => join(folder, `${module}.ko`)).filter((file) =>
    files.includes(file),
  );
  return { vmlinuz, modules };
}
