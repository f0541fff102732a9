/**
 * docker-proxy copies bytes between two connections: client → docker-proxy and docker-proxy → container. People
 * mean one. Rule: a connection that a docker-proxy process opens belongs to the oldest connection
 * to that process's listener that has no such hop yet. The proxy opens its hop at once when it accepts, and all
 * of a process's hops lead to the same port of the same container, so that a swap among
 * connections of the same moment could only swap equal things.
 */
import type { Link } from './link.js';
import type { Socket } from './socket.js';
import type { Listeners } from './listeners.js';
import type { Process } from './workloads/processes.js';

export const DOCKER_PROXY = 'docker-proxy';

/** How many connections to one proxy wait for their second hop; more will not get one. */
const WAITING = 10_000;

export function isProxy(process: Process | null): boolean {
  return process !== null && (process.exe === DOCKER_PROXY || process.comm === DOCKER_PROXY);
}

export class Proxies {
  /** First hops without a second one, by the proxy's process. */
  readonly #waiting = new Map<number, Socket[]>();
  readonly #listeners: Listeners;

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  /** A server's socket was established: is it a first hop? */
  accepted(server: Socket): void {
    const listener = this.#listeners.on(server.end);
    if (listener === undefined || !isProxy(listener.process)) return;
    const waiting = this.#waiting.get(listener.pid) ?? [];
    this.#waiting.set(listener.pid, waiting);
    waiting.push(server);
    if (waiting.length > WAITING) waiting.shift();
  }

  /** A client's socket connects: is it a second hop, and whose? */
  firstHopOf(client: Socket): Link | null {
    if (!isProxy(client.process)) return null;
    const waiting = this.#waiting.get(client.pid);
    for (let first = waiting?.shift(); first !== undefined; first = waiting?.shift()) {
      if (!first.closed && first.link !== null && !first.link.finished) return first.link;
    }
    return null;
  }
}
