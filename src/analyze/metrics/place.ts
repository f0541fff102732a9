/**
 * Finds the place of a connection: who its ends belong to, and which edge that makes. Decided once, when its
 * first number must be counted, with all that is known by then.
 */
import type { Link, Place } from '../link.js';
import type { Listeners } from '../listeners.js';
import { DOCKER_PROXY, isProxy } from '../proxies.js';
import type { Attribution, Party } from '../workloads/attribution.js';
import type { Containers } from '../workloads/containers.js';
import { Cells } from './cells.js';
import { EdgeMetrics } from './edges.js';
import { openedNs } from './row.js';
import type { Steps } from './steps.js';

/** The server of a link, what it listens on, and what stands before it. */
interface Served {
  party: Party;
  address: string;
  port: number;
  via: string | null;
}

export class Places {
  /** Edge with id n is edges[n - 1]. */
  readonly edges: EdgeMetrics[] = [];
  readonly #cells = new Cells();
  readonly #byName = new Map<string, EdgeMetrics>();
  readonly #attribution: Attribution;
  readonly #containers: Containers;
  readonly #listeners: Listeners;
  readonly #steps: Steps;
  #count = 0;

  constructor(
    attribution: Attribution,
    containers: Containers,
    listeners: Listeners,
    steps: Steps,
  ) {
    this.#attribution = attribution;
    this.#containers = containers;
    this.#listeners = listeners;
    this.#steps = steps;
  }

  /** Gives the link its place, and counts its opening on the edge. */
  place(link: Link): Place {
    const opened = openedNs(link);
    const atNs = opened ?? 0;
    // An end of this machine explains the other end's addresses: it comes first.
    const own = link.client === null ? null : this.#attribution.ofSocket(link.client, atNs);
    const served = this.#served(link, own, atNs);
    const client = own ?? this.#remoteClient(link, served.party, atNs);
    const edge = this.#edge(client.workload.service, served.party.workload.service, served.port);
    if (served.via !== null) edge.via = served.via;
    edge.opened(opened);
    return {
      id: ++this.#count,
      edge: edge.id,
      client,
      server: served.party,
      serverAddr: served.address,
      serverPort: served.port,
    };
  }

  #remoteClient(link: Link, server: Party, atNs: number): Party {
    const { end } = link.server!;
    const from = { netns: end.netns, service: server.workload.service };
    return this.#attribution.ofAddress(end.remoteAddr, null, from, atNs);
  }

  #served(link: Link, client: Party | null, atNs: number): Served {
    const server = link.farServer;
    const via = link.upstream === null ? null : DOCKER_PROXY;
    // Where no server's socket was seen, the last client's socket says whom it wanted.
    const asking = link.upstream === null ? link.client : link.upstream.client;
    if (asking !== null && (server === null || (via !== null && link.upstream?.server === null))) {
      const { remoteAddr: address, remotePort: port, netns } = asking.end;
      const from = { netns, service: client?.workload.service ?? '' };
      return { party: this.#attribution.ofAddress(address, port, from, atNs), address, port, via };
    }
    const { localAddr: address, localPort: port } = server!.end;
    const listener = this.#listeners.on(server!.end);
    if (via === null && isProxy(listener?.process ?? server!.process)) {
      const published = this.#containers.byHostPort(port);
      if (published !== undefined) {
        const party = this.#attribution.ofContainer(published.container, atNs);
        return { party, address, port: published.port, via: DOCKER_PROXY };
      }
    }
    return { party: this.#attribution.ofSocket(server!, atNs), address, port, via };
  }

  #edge(client: string, server: string, port: number): EdgeMetrics {
    const key = `${client}\n${server}\n${port}`;
    let edge = this.#byName.get(key);
    if (edge === undefined) {
      edge = new EdgeMetrics(this.edges.length + 1, client, server, port, this.#steps, this.#cells);
      this.edges.push(edge);
      this.#byName.set(key, edge);
    }
    return edge;
  }
}
