/**
 * Who owns a socket, and who stands behind an address. Tried best first, and the grade says how: cgroup
 * of the socket, process that owns it, network namespace, address at that time, unknown. Nothing is
 * guessed: an address counts only while its container had it, a namespace only where one container
 * has it to itself.
 */
import { GRADES } from '../model.js';
import type { Grade, Workload } from '../model.js';
import type { Listener } from '../listeners.js';
import { Listeners } from '../listeners.js';
import type { Socket } from '../socket.js';
import type { Container, Containers } from './containers.js';
import type { Process, Processes } from './processes.js';
import { processName } from './processes.js';

/** A workload and how sure we are of it. */
export interface Party {
  workload: Workload;
  grade: Grade;
}

/** More external addresses than this are one service, so that a public port cannot fill the map. */
export const MAX_EXTERNAL = 200;

/** Owners of listeners in a namespace beyond which nobody looks for the one that has it to itself. */
const MAX_OWNERS = 64;

const SHARED = -1;

export class Attribution {
  readonly workloads: Workload[] = [];
  readonly #byKey = new Map<string, Workload>();
  readonly #containers: Containers;
  readonly #processes: Processes;
  readonly #hostNetns: number;
  /** Network namespaces that had an address, as local ends of sockets show; the latest one last. */
  readonly #netnsOf = new Map<string, number[]>();
  /** The workload that a network namespace belongs to, SHARED where several use it. */
  readonly #soleOf = new Map<number, number>();
  readonly #listeners: Listeners;
  #external = 0;

  constructor(
    containers: Containers,
    processes: Processes,
    hostNetns: number,
    listeners = new Listeners(),
  ) {
    this.#containers = containers;
    this.#processes = processes;
    this.#listeners = listeners;
    this.#hostNetns = hostNetns;
  }

  /** A socket was seen with this local address. */
  noteAddress(address: string, netns: number): void {
    if (netns === 0 || isLoopback(address) || isWildcard(address)) return;
    const before = this.#netnsOf.get(address) ?? [];
    if (before.at(-1) === netns) return;
    this.#netnsOf.set(address, [...before.filter((other) => other !== netns), netns]);
  }

  /** Name of the service that listens, or listened last, on a port; null where it is not known. */
  serviceOn(netns: number, port: number, atNs: number): string | null {
    const listener = this.#listeners.on({ netns, localAddr: '', localPort: port });
    return this.#ofListener(listener, atNs)?.workload.service ?? null;
  }

  #ofListener(listener: Listener | undefined, atNs: number): Party | null {
    if (listener === undefined) return null;
    const { cgroup, netns } = listener.end;
    return this.#own(cgroup, listener.pid, listener.process, netns, atNs);
  }

  /** The owner of a socket of this machine. */
  ofSocket(socket: Socket, atNs: number): Party {
    const { end, pid } = socket;
    const process = socket.process ?? this.#processes.get(pid) ?? null;
    const own = this.#own(end.cgroup, pid, process, end.netns, atNs);
    if (own !== null) return own;
    if (socket.role === 'server') {
      const party = this.#ofListener(this.#listeners.on(end), atNs);
      if (party !== null) return party;
    }
    const container = this.#containers.byAddress(end.localAddr, atNs);
    if (container !== undefined) return this.#container(container, 'address', atNs);
    return this.#unknown('unknown', atNs);
  }

  /**
   * Whoever stands behind an address, for ends of which this machine shows no socket.
   * @param port the port listened on; null for a client.
   * @param from the other end: its namespace tells what `localhost` means.
   */
  ofAddress(
    address: string,
    port: number | null,
    from: { netns: number; service: string },
    atNs: number,
  ): Party {
    const container = this.#containers.byAddress(address, atNs);
    if (container !== undefined) return this.#container(container, 'address', atNs);
    if (this.#containers.isAddressVacant(address, atNs)) {
      return this.#externalAddress(address, atNs);
    }
    const loopback = isLoopback(address);
    const had = loopback ? [from.netns] : this.#netnsOf.get(address);
    if (had === undefined) return this.#externalAddress(address, atNs);
    const netns = had.findLast((one) => !this.#containers.isNetnsVacant(one, atNs));
    if (netns !== undefined) {
      const listener =
        port === null
          ? undefined
          : this.#listeners.on({ netns, localAddr: address, localPort: port });
      const party = this.#ofListener(listener, atNs) ?? this.#soleIn(netns, atNs);
      if (party !== null) return { workload: party.workload, grade: 'address' };
    }
    return this.#unknown(loopback ? `localhost of ${from.service}` : address, atNs);
  }

  /** A container that something else than its sockets points to. */
  ofContainer(container: Container, atNs: number): Party {
    return this.#container(container, 'address', atNs);
  }

  #own(
    cgroup: number,
    pid: number,
    process: Process | null,
    netns: number,
    atNs: number,
  ): Party | null {
    const party =
      this.#byCgroup(cgroup, 'cgroup', process, atNs) ??
      this.#byOwner(pid, process, netns, atNs) ??
      this.#byNetns(netns, atNs);
    if (party !== null && netns !== this.#hostNetns) this.#noteSole(netns, party.workload.id);
    return party;
  }

  #byCgroup(cgroup: number, grade: Grade, process: Process | null, atNs: number): Party | null {
    const container = this.#containers.byCgroup(cgroup);
    return container === undefined ? null : this.#container(container, grade, atNs, process);
  }

  #byOwner(pid: number, process: Process | null, netns: number, atNs: number): Party | null {
    const contained =
      this.#byCgroup(process?.cgroup ?? 0, 'owner', process, atNs) ??
      this.#byFamily(pid, process, atNs);
    if (contained !== null) return contained;
    // A process whose cgroup tells nothing may still live in a container's namespace.
    const container = netns === this.#hostNetns ? undefined : this.#containers.byNetns(netns, atNs);
    if (container !== undefined) return this.#container(container, 'netns', atNs);
    if (process === null || processName(process) === '') return null;
    return { workload: this.#process(process, netns, atNs), grade: 'owner' };
  }

  /** The container whose main process this is, or its parent's. */
  #byFamily(pid: number, process: Process | null, atNs: number): Party | null {
    const parent = process?.ppid ?? 0;
    const container =
      this.#containers.byPid(pid, atNs) ??
      this.#containers.byPid(parent, atNs) ??
      this.#containers.byPid(this.#processes.get(parent)?.ppid ?? 0, atNs);
    return container === undefined ? null : this.#container(container, 'owner', atNs);
  }

  #byNetns(netns: number, atNs: number): Party | null {
    if (netns === 0 || netns === this.#hostNetns) return null;
    const container = this.#containers.byNetns(netns, atNs);
    return container === undefined ? null : this.#container(container, 'netns', atNs);
  }

  /** The one workload that uses a namespace, as its sockets or else its listeners show. */
  #soleIn(netns: number, atNs: number): Party | null {
    if (netns === this.#hostNetns) return null;
    // So many owners are not one workload; a crafted capture may have any number.
    if (!this.#soleOf.has(netns) && this.#listeners.ownersIn(netns) <= MAX_OWNERS) {
      for (const listener of this.#listeners.in(netns)) this.#ofListener(listener, atNs);
    }
    const sole = this.#soleOf.get(netns);
    if (sole === undefined || sole === SHARED) return null;
    return { workload: this.#seen(this.workloads[sole - 1]!, atNs), grade: 'address' };
  }

  #noteSole(netns: number, workload: number): void {
    const before = this.#soleOf.get(netns);
    if (before === undefined) this.#soleOf.set(netns, workload);
    else if (before !== workload) this.#soleOf.set(netns, SHARED);
  }

  #container(
    container: Container,
    grade: Grade,
    atNs: number,
    process: Process | null = null,
  ): Party {
    // Of a container that no engine told about, its program says more than its id.
    const program = container.told || process === null ? '' : processName(process);
    const workload = this.#workload(`container ${container.id}`, atNs, () => ({
      kind: 'container',
      name: container.name,
      service: program || container.service,
      project: container.project,
      addresses: [...container.addresses],
      containerId: container.id,
      image: container.image,
      pid: container.pids.values().next().value ?? null,
      comm: null,
    }));
    return { workload, grade };
  }

  /** Processes of one name in one network namespace are one workload; `pid` is the first one's. */
  #process(process: Process, netns: number, atNs: number): Workload {
    const name = processName(process);
    return this.#workload(`process ${netns} ${name}`, atNs, () => ({
      kind: 'process',
      name,
      service: name,
      project: null,
      addresses: [],
      containerId: null,
      image: null,
      pid: process.pid,
      comm: process.comm || null,
    }));
  }

  #externalAddress(address: string, atNs: number): Party {
    const key = `external ${address}`;
    if (!this.#byKey.has(key) && this.#external >= MAX_EXTERNAL) {
      return { workload: this.#nameless('external', 'other addresses', atNs), grade: 'address' };
    }
    if (!this.#byKey.has(key)) this.#external++;
    return { workload: this.#nameless('external', address, atNs), grade: 'address' };
  }

  #unknown(name: string, atNs: number): Party {
    return { workload: this.#nameless('unknown', name, atNs), grade: 'unknown' };
  }

  #nameless(kind: 'external' | 'unknown', name: string, atNs: number): Workload {
    return this.#workload(`${kind} ${name}`, atNs, () => ({
      kind,
      name,
      service: name,
      project: null,
      addresses: [],
      containerId: null,
      image: null,
      pid: null,
      comm: null,
    }));
  }

  #workload(
    key: string,
    atNs: number,
    make: () => Omit<Workload, 'id' | 'firstSeenNs' | 'lastSeenNs'>,
  ): Workload {
    const found = this.#byKey.get(key);
    if (found !== undefined) return this.#seen(found, atNs);
    const made: Workload = {
      id: this.workloads.length + 1,
      ...make(),
      firstSeenNs: atNs,
      lastSeenNs: atNs,
    };
    this.workloads.push(made);
    this.#byKey.set(key, made);
    return made;
  }

  #seen(workload: Workload, atNs: number): Workload {
    if (atNs < workload.firstSeenNs) workload.firstSeenNs = atNs;
    if (atNs > workload.lastSeenNs) workload.lastSeenNs = atNs;
    return workload;
  }
}

/** The worse of two grades. */
export function worse(a: Grade, b: Grade): Grade {
  return GRADES.indexOf(a) >= GRADES.indexOf(b) ? a : b;
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
