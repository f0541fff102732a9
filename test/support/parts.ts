/** The real parts that some tests need: a daemon, a kernel, a browser, databases. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Whether the tests called `kind` can run: true where nothing is missing. Otherwise says why they are
 * skipped; under `CI=true` a missing part is an error.
 */
export function canRun(kind: string, missing: (string | null)[]): boolean {
  const reasons = missing.filter((reason) => reason !== null);
  if (reasons.length === 0) return true;
  const sentence = `${kind} tests need ${reasons.join(', ')}`;
  if (process.env['CI'] === 'true') throw new Error(`${sentence}, and CI=true allows no skip`);
  console.log(`skipped: ${sentence}`);
  return false;
}

/** What is missing to record on this machine, or null. */
export function missingRecorder(): string | null {
  if (process.platform !== 'linux') return 'Linux';
  if (process.getuid?.() !== 0) return 'root';
  if (!existsSync('/sys/kernel/btf/vmlinux')) return 'a kernel with BTF';
  return null;
}

/** What is missing to run containers, or null. */
export function missingDocker(): string | null {
  return spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0
    ? null
    : 'a Docker daemon that answers';
}

/** `command`, or null where it is on the PATH. */
export function missingCommand(command: string): string | null {
  const found = spawnSync('sh', ['-c', 'command -v "$0"', command], { stdio: 'ignore' });
  return found.status === 0 ? null : command;
}
