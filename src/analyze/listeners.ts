/** Sockets that listen, and the account of each port: which of its sockets came and went. */
import { Seats } from './seats.js';
import type { Endpoint } from './socket.js';
import type { Process } from './workloads/processes.js';

/** The sockets that a port of one network namespace gave birth to. */
export interface Account {
  netns: number;
  port: number;
  /** Sockets in the first census, opened and closed since. */
  atStart: number;
  opens: number;
  closes: number;
}

export interface Listener {
  cookie: number;
  end: Endpoint;
  pid: number;
  process: Process | null;
  account: Account;
  open: boolean;
}

export class Listeners {
  readonly #open = new Map<number, Listener>();
  /** Those that have closed too: who listened there stays known. */
  readonly #onPort = new Map<string, Seats>();
  /** Open ones whose process nobody has told yet, by its id. */
  readonly #nameless = new Map<number, Set<Listener>>();
  /** One of each owner that a namespace had, by cgroup and process. */
  readonly #inNetns = new Map<number, Map<string, Listener>>();
  readonly #accounts = new Map<string, Account>();

  /** Listeners without an end so far. */
  get open(): IterableIterator<Listener> {
    return this.#open.values();
  }

  /** The account of each port, in the order in which they were first listened on. */
  get accounts(): Account[] {
    return [...this.#accounts.values()];
  }

  add(cookie: number, end: Endpoint, pid: number, process: Process | null): void {
    if (this.#open.has(cookie)) return;
    const key = portKey(end.netns, end.localPort);
    const account = this.#accounts.get(key) ?? {
      netns: end.netns,
      port: end.localPort,
      atStart: 0,
      opens: 0,
      closes: 0,
    };
    this.#accounts.set(key, account);
    const listener: Listener = { cookie, end, pid, process, account, open: true };
    this.#open.set(cookie, listener);
    const seats = this.#onPort.get(key) ?? new Seats();
    this.#onPort.set(key, seats);
    seats.take(listener);
    if (process === null) this.#awaitName(listener);
    const owners = this.#inNetns.get(end.netns) ?? new Map<string, Listener>();
    this.#inNetns.set(end.netns, owners);
    owners.set(`${end.cgroup} ${pid}`, listener);
  }

  /** True where the cookie was a listener's. */
  close(cookie: number): boolean {
    const listener = this.#open.get(cookie);
    if (listener === undefined) return false;
    listener.open = false;
    this.#nameless.get(listener.pid)?.delete(listener);
    return this.#open.delete(cookie);
  }

  /** A process was told after it began to listen. */
  note(process: Process): void {
    for (const listener of this.#nameless.get(process.pid) ?? []) listener.process ??= process;
    this.#nameless.delete(process.pid);
  }

  #awaitName(listener: Listener): void {
    const same = this.#nameless.get(listener.pid);
    if (same === undefined) this.#nameless.set(listener.pid, new Set([listener]));
    else same.add(listener);
  }

  /**
   * Who listens, or listened last, for connections to this address and port. One port may have a listener for
   * each address and for each family.
   */
  on({
    netns,
    localAddr,
    localPort,
  }: Pick<Endpoint, 'netns' | 'localAddr' | 'localPort'>): Listener | undefined {
    return this.#onPort.get(portKey(netns, localPort))?.holderOf(localAddr);
  }

  /** The latest listener of each owner that ever listened in a network namespace. */
  in(netns: number): Iterable<Listener> {
    return this.#inNetns.get(netns)?.values() ?? [];
  }

  /** How many `in` gives. */
  ownersIn(netns: number): number {
    return this.#inNetns.get(netns)?.size ?? 0;
  }

  accountOf({ netns, localPort }: Endpoint): Account | undefined {
    return this.#accounts.get(portKey(netns, localPort));
  }
}

function portKey(netns: number, port: number): string {
  return `${netns} ${port}`;
}
