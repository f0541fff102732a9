/**
 * What the container engine and the cgroups say about containers, and when. All of it is read before the
 * events are: a container's name often arrives after its first connections.
 */
import type { ContainerBody, WorkloadsBody } from '../../capture/blocks.js';
import { projectOf, serviceOf } from '../../capture/service.js';

export interface Container {
  id: string;
  name: string;
  service: string;
  /** What the engine says it belongs to. */
  project: string | null;
  /** Every address that it had. */
  addresses: Set<string>;
  /** The engine told about it; else only its id is known. */
  told: boolean;
  image: string | null;
  /** Main processes it had, by process id. */
  pids: Set<number>;
  hostNetwork: boolean;
  /** When it was made; -Infinity where it was there before the recording. */
  firstSeenNs: number;
  /** When it ended; Infinity while it runs. */
  endedNs: number;
  /** Its place in the order in which containers became known. */
  readonly index: number;
}

/** WORKLOADS with its time counted from the capture's start. */
export interface TimedWorkloads extends WorkloadsBody {
  atNs: number;
}

interface Lease {
  container: Container;
  fromNs: number;
  toNs: number;
}

/** The engine's word comes a little later than the container's first packet. */
const ENGINE_DELAY_NS = 5e9;

/** A container's id where a cgroup's path names one. */
export function containerIdOf(path: string): string | null {
  const found = /(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/.exec(path);
  return found?.[1] ?? null;
}

export class Containers {
  readonly #byId = new Map<string, Container>();
  /** In the order of #byId. */
  readonly #byPid = new Map<number, Container[]>();
  readonly #byCgroup = new Map<number, Container>();
  /** The kernel gives the number of a namespace that is gone to a new one: they are leased like addresses. */
  readonly #byNetns = new Map<number, Lease[]>();
  /** The namespace that a container is in now. */
  readonly #inNetns = new Map<Container, { netns: number; lease: Lease }>();
  /** When the engine last spoke of a container. */
  readonly #lastNews = new Map<Container, number>();
  readonly #leases = new Map<string, Lease[]>();
  /** Leases that a container's own news have not ended. */
  readonly #held = new Map<Container, { address: string; lease: Lease }[]>();
  readonly #published = new Map<number, { container: Container; port: number }>();

  /** @param bodies in order of time. */
  constructor(bodies: readonly TimedWorkloads[]) {
    // What the first list names was there before the recording began.
    let first = true;
    let silentFromNs: number | null = null;
    for (const body of bodies) {
      if (body.what === 'gap') silentFromNs ??= body.atNs;
      if (body.what === 'list' && body.reason === undefined) {
        this.#endOthers(body.containers, silentFromNs ?? body.atNs);
        silentFromNs = null;
      }
      for (const container of body.containers) this.#note(container, body, first);
      if (body.what !== 'gap') first = false;
    }
  }

  /** All containers, in the order in which they became known. */
  get all(): IterableIterator<Container> {
    return this.#byId.values();
  }

  /** A cgroup was made. Where its path names a container, the cgroup's sockets belong to it. */
  noteCgroup(id: number, path: string, atNs: number, unified: boolean): void {
    const containerId = containerIdOf(path);
    if (containerId === null) return;
    const container = this.#get(containerId, containerId.slice(0, 12), {}, null, atNs);
    container.firstSeenNs = Math.min(container.firstSeenNs, atNs);
    // Sockets carry ids of the v2 hierarchy; another hierarchy's ids would collide with them.
    if (unified) this.#byCgroup.set(id, container);
  }

  byCgroup(id: number): Container | undefined {
    return id === 0 ? undefined : this.#byCgroup.get(id);
  }

  byPid(pid: number, atNs: number): Container | undefined {
    if (pid === 0) return undefined;
    return this.#byPid.get(pid)?.find(({ endedNs }) => atNs <= endedNs);
  }

  /** The container that had this network namespace to itself at this time; undefined where several shared it. */
  byNetns(netns: number, atNs: number): Container | undefined {
    const leases = this.#byNetns.get(netns)?.filter((lease) => covers(lease, atNs));
    return leases?.length === 1 ? leases[0]!.container : undefined;
  }

  /** True where containers had this network namespace at other times, and none at this one. */
  isNetnsVacant(netns: number, atNs: number): boolean {
    const leases = this.#byNetns.get(netns);
    return leases !== undefined && !leases.some((lease) => covers(lease, atNs));
  }

  /** The container that had this address at this time. */
  byAddress(address: string, atNs: number): Container | undefined {
    const leases = this.#leases.get(address);
    if (leases === undefined) return undefined;
    let soon: Container | undefined;
    for (const lease of leases) {
      if (covers(lease, atNs)) return lease.container;
      // Not before the container was made: the address was another one's then, or nobody's.
      const delayed = lease.fromNs > atNs && lease.fromNs - atNs <= ENGINE_DELAY_NS;
      if (delayed && atNs >= lease.container.firstSeenNs) soon ??= lease.container;
    }
    return soon;
  }

  /** True where containers had this address at other times, and none at this one. */
  isAddressVacant(address: string, atNs: number): boolean {
    return this.#leases.has(address) && this.byAddress(address, atNs) === undefined;
  }

  /** The container that publishes this port of the host. */
  byHostPort(port: number): { container: Container; port: number } | undefined {
    return this.#published.get(port);
  }

  #get(
    id: string,
    name: string,
    labels: Record<string, string>,
    image: string | null,
    atNs: number,
  ): Container {
    const found = this.#byId.get(id);
    if (found !== undefined) return found;
    const made: Container = {
      id,
      name,
      service: serviceOf(name, labels),
      project: projectOf(labels),
      addresses: new Set(),
      told: false,
      image,
      pids: new Set(),
      hostNetwork: false,
      firstSeenNs: atNs,
      endedNs: Infinity,
      index: this.#byId.size,
    };
    this.#byId.set(id, made);
    return made;
  }

  /**
   * A whole list: containers that it does not show as running have ended. Where the engine was silent
   * before, that may have been at any time since: only what is certain counts.
   */
  #endOthers(listed: readonly ContainerBody[], fromNs: number): void {
    const running = new Set(listed.filter(isRunning).map((body) => body.id));
    for (const container of this.#byId.values()) {
      if (!container.told || running.has(container.id)) continue;
      const atNs = Math.max(fromNs, this.#lastNews.get(container) ?? fromNs);
      container.endedNs = Math.min(container.endedNs, atNs);
      this.#endLeases(container, [], atNs);
      this.#leaseNetns(container, 0, atNs);
    }
  }

  #note(body: ContainerBody, { atNs, action }: TimedWorkloads, first: boolean): void {
    const name = body.name.replace(/^\//, '') || body.id.slice(0, 12);
    const container = this.#get(body.id, name, body.labels, body.image, atNs);
    if (first) container.firstSeenNs = -Infinity;
    container.name = name;
    container.told = true;
    container.service = serviceOf(name, body.labels);
    container.project = projectOf(body.labels);
    for (const { addresses } of body.networks) {
      for (const address of addresses) container.addresses.add(address);
    }
    container.image = body.image || container.image;
    container.hostNetwork = body.hostNetwork;
    this.#notePid(container, body.pid);
    const cgroup = Number(body.cgroup);
    if (cgroup > 1) this.#byCgroup.set(cgroup, container);
    for (const { hostPort, containerPort } of body.ports) {
      if (hostPort !== 0) this.#published.set(hostPort, { container, port: containerPort });
    }
    this.#lastNews.set(container, atNs);
    // Of a container that is gone when it is asked about, the body is what was known before.
    const runs = isRunning(body) && action !== 'die' && action !== 'destroy';
    this.#leaseNetns(container, runs && !body.hostNetwork ? body.netns : 0, atNs);
    container.endedNs = runs ? Infinity : Math.min(container.endedNs, atNs);
    this.#lease(container, runs ? body.networks.flatMap((n) => n.addresses) : [], atNs, first);
  }

  #notePid(container: Container, pid: number): void {
    if (pid === 0 || container.pids.has(pid)) return;
    container.pids.add(pid);
    const same = this.#byPid.get(pid) ?? [];
    this.#byPid.set(pid, same);
    same.push(container);
    same.sort((a, b) => a.index - b.index);
  }

  /** From now on the container has this network namespace (0: none that is known) and no other. */
  #leaseNetns(container: Container, netns: number, atNs: number): void {
    const held = this.#inNetns.get(container);
    if (held?.netns === netns) return;
    if (held !== undefined) held.lease.toNs = atNs;
    this.#inNetns.delete(container);
    if (netns === 0) return;
    const leases = this.#byNetns.get(netns) ?? [];
    this.#byNetns.set(netns, leases);
    // It has it from its start, of which the engine speaks a little later.
    const fromNs = container.endedNs < atNs ? container.endedNs : container.firstSeenNs;
    const lease = { container, fromNs, toNs: Infinity };
    leases.push(lease);
    this.#inNetns.set(container, { netns, lease });
  }

  /** From now on the container has these addresses and no others. */
  #lease(container: Container, addresses: readonly string[], atNs: number, first: boolean): void {
    this.#endLeases(container, addresses, atNs);
    for (const address of addresses) {
      const leases = this.#leases.get(address) ?? [];
      this.#leases.set(address, leases);
      if (leases.some((l) => l.container === container && l.toNs === Infinity)) continue;
      for (const lease of leases) lease.toNs = Math.min(lease.toNs, atNs);
      const lease = { container, fromNs: first ? -Infinity : atNs, toNs: Infinity };
      leases.push(lease);
      this.#held.set(container, [...(this.#held.get(container) ?? []), { address, lease }]);
    }
  }
  /** The container's leases end, but for those of the addresses that it keeps. */
  #endLeases(container: Container, kept: readonly string[], atNs: number): void {
    const held = this.#held.get(container) ?? [];
    const staying = held.filter(({ address }) => kept.includes(address));
    for (const { address, lease } of held) {
      if (!kept.includes(address)) lease.toNs = Math.min(lease.toNs, atNs);
    }
    this.#held.set(container, staying);
  }
}

function covers(lease: Lease, atNs: number): boolean {
  return lease.fromNs <= atNs && atNs <= lease.toNs;
}

function isRunning(body: ContainerBody): boolean {
  return body.state === 'running' || body.state === 'paused';
}
