/**
 * How the recorder comes by all sockets that it records: with the iterator over their storage where the kernel allows
 * it, else by the processes that hold them, and then namespace by namespace for those that none holds: sockets in a
 * listener's queue, and closed ones that are still sending.
 */
import { readdirSync } from 'node:fs';
import { netnsOfProcess } from './cgroups.js';
import type { OpenPass } from './census.js';
import type { BpfObject } from './libbpf.js';
import { inNamespace } from './setns.js';

/**
 * @param programs those of the plan.
 * @param openCensus opens the census's own iterator, which comes by recorded sockets, too.
 */
export function recordedSockets(
  object: BpfObject,
  programs: readonly string[],
  openCensus: () => number,
): OpenPass {
  if (programs.includes('storage_iter')) {
    const open = object.attachIterator('storage_iter', object.map('socks'));
    return () => [open()];
  }
  const open = object.attachIterator('tcp_iter');
  return function* () {
    yield openCensus();
    const own = netnsOfProcess(process.pid);
    // To be where one is already takes no capability.
    yield open();
    for (const pid of inhabitants(own)) {
      const fd = inNamespace(pid, open);
      if (fd !== null) yield fd;
    }
  };
}

/** A process of each network namespace that one lives in, but for one namespace. */
function inhabitants(except: number): Iterable<number> {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const netns = netnsOfProcess(Number(name));
    if (netns !== 0 && netns !== except && !found.has(netns)) found.set(netns, Number(name));
  }
  return found.values();
}
