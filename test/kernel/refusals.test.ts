/** A machine that cannot record says so in one sentence, says what to do, and ends with 3. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { builtFiles, packageRoot } from '../../src/base/paths.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { scratchFolder } from '../support/recording.js';

const CLI = join(packageRoot, 'dist', 'cli.js');
const can = canRun('kernel', [
  missingRecorder(),
  missingCommand('unshare'),
  missingCommand('setpriv'),
]);

describe.runIf(can)('recording where it cannot be done', () => {
  const folder = scratchFolder();
  const out = join(folder.path, 'none.dhr');

  beforeAll(() => {
    chmodSync(folder.path, 0o777);
  });
  afterAll(() => {
    folder.remove();
  });

  /** Runs `record` behind `prefix` and gives what it said. */
  function refused(
    command: string,
    ...prefix: string[]
  ): { status: number | null; lines: string[] } {
    const args = [...prefix, process.execPath, CLI, 'record', '-o', out];
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    expect(existsSync(out) || existsSync(`${out}.partial`)).toBe(false);
    return { status, lines: stderr.trim().split('\n') };
  }

  /** Runs it with a file or folder of the machine hidden, in a mount namespace of its own. */
  function refusedWithout(...hide: string[]): { status: number | null; lines: string[] } {
    return refused('unshare', '--mount', 'sh', '-c', `${hide.join(' ')} && exec "$0" "$@"`);
  }

  it('without root', () => {
    const { status, lines } = refused('setpriv', '--reuid=65534', '--clear-groups');
    expect(status).toBe(3);
    expect(lines).toEqual([
      'dhrishti: Recording needs root, or CAP_BPF and CAP_PERFMON: this process lacks CAP_BPF and CAP_PERFMON.',
      'sudo dhrishti record …',
    ]);
  });

  it('without BTF', () => {
    const { status, lines } = refusedWithout('mount -t tmpfs none /sys/kernel/btf');
    expect(status).toBe(3);
    expect(lines).toEqual([
      'dhrishti: The kernel has no type information: /sys/kernel/btf/vmlinux is missing.',
      'boot a kernel built with CONFIG_DEBUG_INFO_BTF=y (most distributions have it)',
    ]);
  });

  it('without libbpf', () => {
    const libraries = execFileSync('ldconfig', ['-p'], { encoding: 'utf8' });
    const path = /libbpf\.so\.1 .*=> (\S+)/.exec(libraries)?.[1] ?? '';
    const { status, lines } = refusedWithout(`mount --bind /dev/null "$(readlink -f ${path})"`);
    expect(status).toBe(3);
    expect(lines[0]).toMatch(/^dhrishti: The library libbpf\.so\.1 cannot be loaded: .*\.$/);
    expect(lines[1]).toBe('Install it: `apt-get install libbpf1` or `dnf install libbpf`.');
  });

  it('without the BPF object', () => {
    const { status, lines } = refusedWithout(
      'mount -t tmpfs none',
      join(builtFiles.bpfObject, '..'),
    );
    expect(status).toBe(3);
    expect(lines[0]).toBe(`dhrishti: The BPF object is missing: ${builtFiles.bpfObject}.`);
  });
});
