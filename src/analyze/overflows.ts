/**
 * Full queues of listeners, from what the kernel counts in each network namespace. The counters do not say which
 * listener it was: the connections that came to nothing do.
 */
import type { TimedNetstat } from './frame.js';
import type { Account } from './listeners.js';

/**
 * By port, and by the service that listens on it (null where that is not known): how many connections were dropped
 * at full queues in its namespaces; 0 where the queues of that service were never full.
 */
export type Overflows = ReadonlyMap<number, ReadonlyMap<string | null, number>>;

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

/**
 * The same, by the ports that were listened on and who listens there.
 * @param ports each with its namespace.
 */
export function overflowsByPort(
  grown: ReadonlyMap<number, number>,
  ports: readonly Pick<Account, 'netns' | 'port'>[],
  serviceOn: (netns: number, port: number) => string | null,
): Overflows {
  const found = new Map<number, Map<string | null, number>>();
  if (grown.size === 0) return found;
  for (const { netns, port } of ports) {
    const services = found.get(port) ?? new Map<string | null, number>();
    const service = serviceOn(netns, port);
    services.set(service, (services.get(service) ?? 0) + (grown.get(netns) ?? 0));
    found.set(port, services);
  }
  return found;
}

/** Those that may be of this server. One that is not known to listen on the port may be any of those that do. */
export function overflowsOn(overflows: Overflows, server: string, port: number): number {
  const services = overflows.get(port);
  return services?.get(server) ?? [...(services?.values() ?? [])].reduce((sum, n) => sum + n, 0);
}
