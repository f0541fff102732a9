/**
 * Full queues of listeners, from what the kernel counts in each network namespace. The counters do not say which
 * listener it was: the connections that came to nothing do.
 */
import type { TimedNetstat } from './frame.js';
import type { Listeners } from './listeners.js';

/** By port: how many connections were dropped at a full queue in the namespaces that listen on it. */
export type Overflows = ReadonlyMap<number, number>;

/** How much ListenOverflows grew in each namespace while it was watched. */
export function overflowsOf(netstat: readonly TimedNetstat[]): Map<number, number> {
  const first = new Map<number, number>();
  const grown = new Map<number, number>();
  for (const { netns, counters } of netstat) {
    const now = counters['ListenOverflows'] ?? 0;
    const before = first.get(netns);
    if (before === undefined) first.set(netns, now);
    else grown.set(netns, now - before);
  }
  return new Map([...grown].filter(([, n]) => n > 0));
}

/** The same, by the ports that were listened on. */
export function overflowsByPort(
  grown: ReadonlyMap<number, number>,
  listeners: Listeners,
): Overflows {
  const ports = new Map<number, number>();
  for (const [netns, n] of grown) {
    for (const port of new Set(listeners.in(netns).map(({ end }) => end.localPort))) {
      ports.set(port, (ports.get(port) ?? 0) + n);
    }
  }
  return ports;
}
