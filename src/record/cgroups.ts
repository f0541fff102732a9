/** Cgroup ids and network namespaces of processes, as the kernel numbers them. */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where the v2 hierarchy is mounted; null on a machine that has none. */
function findMount(): string | null {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    if (after.startsWith('cgroup2 ')) return before.split(' ')[4] ?? null;
  }
  return null;
}

let mount: string | null | undefined;

/**
 * Id of a process's cgroup in the v2 hierarchy, as a decimal string: the inode of its folder. "0" where the
 * process is gone or the machine has no such hierarchy.
 */
export function cgroupOfProcess(pid: number): string {
  mount ??= findMount();
  if (mount === null || pid <= 0) return '0';
  try {
    const path = /^0::(.*)$/m.exec(readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8'))?.[1];
    if (path === undefined) return '0';
    return String(statSync(join(mount, path), { bigint: true }).ino);
  } catch {
    return '0';
  }
}

/** Inode of a process's network namespace; 0 where the process is gone. */
export function netnsOfProcess(pid: number | 'self'): number {
  try {
    const link = readlinkSync(`/proc/${String(pid)}/ns/net`);
    return Number.parseInt(/\d+/.exec(link)?.[0] ?? '0', 10);
  } catch {
    return 0;
  }
}
