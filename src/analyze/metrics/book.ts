/**
 * Books what the correlated connections did: finds the edge of each, counts its exchanges as they come and, when
 * it is finished, judges it and makes its row. Rows are handed on at once; of failures a bounded
 * number is kept.
 */
import type { Connection, Exchange } from '../model.js';
import { FAILURES } from '../model.js';
import type { LinkSink } from '../correlate.js';
import type { Listeners } from '../listeners.js';
import type { Link, Place } from '../link.js';
import type { Turn } from '../normalize.js';
import { PIPELINED, STAINED } from '../normalize.js';
import { DOCKER_PROXY, isProxy } from '../proxies.js';
import type { Socket } from '../socket.js';
import { known } from '../socket.js';
import type { Horizon, Judgement } from '../verdict.js';
import { judge } from '../verdict.js';
import type { Attribution, Party } from '../workloads/attribution.js';
import { worse } from '../workloads/attribution.js';
import type { Containers } from '../workloads/containers.js';
import { Flag } from '../../capture/layout.gen.js';
import { EdgeMetrics } from './edges.js';
import type { Steps } from './steps.js';

/** Where rows go as soon as they are whole. */
export interface RowSink {
  connection(row: Connection): void;
  /** Only called where exchanges are asked for; the row is only valid during the call. */
  exchange: ((row: Exchange) => void) | null;
}

/** What the quality rows need to know about the connections. */
export interface Tally {
  connections: number;
  paired: number;
  preexisting: number;
  unknownGrade: number;
  failures: number;
  /** Exchanges with a response, those kept out of percentiles, and requests without a response. */
  exchanges: number;
  flagged: number;
  pipelined: number;
  unanswered: number;
  /** Exchanges whose event was lost, known from the kernel's own count. */
  uncounted: number;
  stale: number;
}

/** Failed connections kept for the page. */
export const MAX_FAILURES = 2000;

interface Surroundings {
  attribution: Attribution;
  containers: Containers;
  listeners: Listeners;
  horizon: Horizon;
  steps: Steps;
  rows: RowSink;
}

export class Book implements LinkSink {
  readonly edges: EdgeMetrics[] = [];
  readonly failures: Connection[] = [];
  readonly tally: Tally = {
    connections: 0,
    paired: 0,
    preexisting: 0,
    unknownGrade: 0,
    failures: 0,
    exchanges: 0,
    flagged: 0,
    pipelined: 0,
    unanswered: 0,
    uncounted: 0,
    stale: 0,
  };
  readonly #edgeOf = new Map<string, EdgeMetrics>();
  readonly #with: Surroundings;
  #places = 0;
  /** Retransmits of connections that have no place yet. */
  readonly #early = new Map<Link, number[]>();

  constructor(surroundings: Surroundings) {
    this.#with = surroundings;
  }

  exchange(link: Link, client: Turn | null, server: Turn | null, disagree: boolean): void {
    const turn = client ?? server!;
    const place = (link.place ??= this.#place(link));
    let flags = client === null ? turn.flags : client.flags | ((server?.flags ?? 0) & STAINED);
    if (disagree) flags |= PIPELINED;
    // The client's word on whether there was an answer counts.
    if ((turn.flags & Flag.NO_RESPONSE) === 0) flags &= ~Flag.NO_RESPONSE;
    const serverUs = server !== null && (server.flags & STAINED) === 0 ? server.ttfbUs : null;
    if ((flags & Flag.NO_RESPONSE) === 0) {
      const flagged = (flags & STAINED) !== 0;
      link.exchanges++;
      this.tally.exchanges++;
      if (flagged) this.tally.flagged++;
      if (disagree) this.tally.pipelined++;
      const edge = this.edges[place.edge - 1]!;
      edge.exchange(turn.startNs, client === null ? null : client.ttfbUs, serverUs, flagged);
    } else {
      this.tally.unanswered++;
    }
    const unanswered = (flags & Flag.NO_RESPONSE) !== 0;
    this.#with.rows.exchange?.({
      connection: place.id,
      startedNs: turn.startNs,
      ttfbUs: client === null || unanswered ? null : client.ttfbUs,
      totalUs: turn.totalUs,
      serverUs,
      requestBytes: turn.requestBytes,
      responseBytes: turn.responseBytes,
      flags,
    });
  }

  retransmit(link: Link, atNs: number): void {
    if (link.place !== null) {
      this.edges[link.place.edge - 1]!.retransmit(atNs);
      return;
    }
    const early = this.#early.get(link);
    if (early === undefined) this.#early.set(link, [atNs]);
    else early.push(atNs);
  }

  finished(link: Link): void {
    const place = (link.place ??= this.#place(link));
    const row = this.#row(link, place, judgeLink(link, this.#with.horizon));
    this.#count(link, row);
    if (FAILURES.has(row.verdict) && this.failures.length < MAX_FAILURES) this.failures.push(row);
    this.#with.rows.connection(row);
  }

  #place(link: Link): Place {
    const { attribution } = this.#with;
    const { client, farServer: server } = link;
    const atNs = openedNs(link) ?? 0;
    // An end of this machine explains the other end's addresses: it comes first.
    const own = client === null ? null : attribution.ofSocket(client, atNs);
    const behind = this.#behind(link, own, atNs);
    const party =
      own ??
      attribution.ofAddress(
        link.server!.end.remoteAddr,
        null,
        { netns: link.server!.end.netns, service: behind.party.workload.service },
        atNs,
      );
    const edge = this.#edge(party.workload.service, behind.party.workload.service, behind.port);
    if (behind.via !== null) edge.via = behind.via;
    edge.opened(openedNs(link));
    const place: Place = {
      id: ++this.#places,
      edge: edge.id,
      client: party,
      server: behind.party,
      serverAddr: server?.end.localAddr ?? client!.end.remoteAddr,
      serverPort: behind.port,
    };
    for (const ns of this.#early.get(link) ?? []) edge.retransmit(ns);
    this.#early.delete(link);
    return place;
  }

  /** The server of a link, and what stands before it. */
  #behind(
    link: Link,
    client: Party | null,
    atNs: number,
  ): { party: Party; port: number; via: string | null } {
    const { attribution, containers, listeners } = this.#with;
    const server = link.farServer;
    const from = { netns: link.client?.end.netns ?? 0, service: client?.workload.service ?? '' };
    const via = link.upstream === null ? null : DOCKER_PROXY;
    if (link.upstream?.client !== null && link.upstream !== null && link.upstream.server === null) {
      const { remoteAddr, remotePort } = link.upstream.client.end;
      return {
        party: attribution.ofAddress(remoteAddr, remotePort, from, atNs),
        port: remotePort,
        via,
      };
    }
    if (server === null) {
      const { remoteAddr, remotePort } = link.client!.end;
      return {
        party: attribution.ofAddress(remoteAddr, remotePort, from, atNs),
        port: remotePort,
        via,
      };
    }
    const listener = listeners.on(server.end);
    const published =
      via === null && isProxy(listener?.process ?? server.process)
        ? containers.byHostPort(server.end.localPort)
        : undefined;
    if (published !== undefined) {
      const party = attribution.ofContainer(published.container, atNs);
      return { party, port: published.port, via: DOCKER_PROXY };
    }
    return { party: attribution.ofSocket(server, atNs), port: server.end.localPort, via };
  }

  #edge(client: string, server: string, port: number): EdgeMetrics {
    const key = `${client}\n${server}\n${port}`;
    let edge = this.#edgeOf.get(key);
    if (edge === undefined) {
      edge = new EdgeMetrics(this.edges.length + 1, client, server, port, this.#with.steps);
      this.edges.push(edge);
      this.#edgeOf.set(key, edge);
    }
    return edge;
  }

  #row(link: Link, place: Place, judgement: Judgement): Connection {
    const { client, server, upstream } = link;
    const far = link.farServer;
    const established = known(client?.establishedNs ?? server?.establishedNs ?? NaN);
    const opened = openedNs(link);
    const sent = firstKnown(client?.bytesSent, far?.bytesReceived, server?.bytesReceived);
    const received = firstKnown(client?.bytesReceived, far?.bytesSent, server?.bytesSent);
    const seen = client === null ? server!.exchanges : client.exchanges;
    return {
      id: place.id,
      clientWorkload: place.client.workload.id,
      serverWorkload: place.server.workload.id,
      edge: place.edge,
      clientAddr: client?.end.localAddr ?? server!.end.remoteAddr,
      clientPort: (client?.end.localPort ?? server!.end.remotePort) || null,
      serverAddr: place.serverAddr,
      serverPort: place.serverPort,
      openedNs: opened,
      establishedNs: established,
      acceptedNs: known(far?.acceptedNs ?? NaN),
      closedNs: judgement.closedNs,
      verdict: judgement.verdict,
      connState: judgement.connState,
      errno: judgement.errno,
      closedBy: judgement.closedBy,
      bytesSent: sent,
      bytesReceived: received,
      retransmits:
        (client?.retransmits ?? 0) +
        (server?.retransmits ?? 0) +
        (upstream?.client?.retransmits ?? 0) +
        (upstream?.server?.retransmits ?? 0),
      rttUs: client?.rttUs || server?.rttUs || null,
      connectUs:
        client !== null && !Number.isNaN(client.openedNs + client.establishedNs)
          ? (client.establishedNs - client.openedNs) / 1e3
          : null,
      exchanges: Math.max(seen, (client ?? server)?.kernelExchanges ?? 0),
      paired: client !== null && far !== null,
      preexisting: (client ?? server)!.preexisting,
      grade: worse(place.client.grade, place.server.grade),
      evidence: judgement.evidence,
    };
  }

  #count(link: Link, row: Connection): void {
    const { tally } = this;
    const edge = this.edges[row.edge - 1]!;
    const { endNs } = this.#with.horizon;
    tally.connections++;
    if (row.paired) tally.paired++;
    if (row.preexisting) tally.preexisting++;
    // Where nobody listened there is nobody to know.
    if (row.grade === 'unknown' && link.established) tally.unknownGrade++;
    if (row.verdict === 'stale') tally.stale++;
    if (FAILURES.has(row.verdict)) tally.failures++;
    if (row.exchanges > link.exchanges) {
      const missing = row.exchanges - link.exchanges;
      tally.uncounted += missing;
      tally.exchanges += missing;
      edge.exchanges += missing;
    }
    edge.retransmits += row.retransmits;
    edge.bytesSent += row.bytesSent ?? 0;
    edge.bytesReceived += row.bytesReceived ?? 0;
    if (row.connectUs !== null) edge.connect.add(row.connectUs);
    if (row.verdict === 'open') edge.open++;
    const usableNs = row.preexisting ? 0 : row.establishedNs;
    if (usableNs !== null) {
      const stale = row.verdict === 'stale';
      edge.lived(usableNs, stale ? lastSignNs(link) : row.closedNs);
      if (row.closedNs !== null && !row.preexisting) {
        edge.life.add((row.closedNs - (row.openedNs ?? usableNs)) / 1e3);
      }
    }
    edge.ended(row.verdict, row.closedNs ?? endNs);
    if (row.verdict === 'cancelled' && row.retransmits > 0) {
      edge.cellAt(row.closedNs ?? endNs).unansweredSyns++;
    }
    for (const { workload } of [link.place!.client, link.place!.server]) {
      workload.lastSeenNs = Math.max(workload.lastSeenNs, row.closedNs ?? endNs);
    }
  }
}

/** Judges a link; behind a proxy the worse of both hops counts. */
function judgeLink(link: Link, horizon: Horizon): Judgement {
  const first = judge(link.client, link.server, horizon);
  if (link.upstream === null || FAILURES.has(first.verdict)) return first;
  const second = judge(link.upstream.client, link.upstream.server, horizon);
  if (!FAILURES.has(second.verdict)) return first;
  return { ...second, evidence: `behind ${DOCKER_PROXY}: ${second.evidence}` };
}

/** When the connection began; null for one that was there before the recording. */
function openedNs(link: Link): number | null {
  const { client, server } = link;
  if ((client ?? server)!.preexisting) return null;
  return firstKnown(client?.openedNs, client?.establishedNs, server?.establishedNs);
}

function lastSignNs(link: Link): number {
  return Math.max(...[link.client, link.server].map((s: Socket | null) => s?.lastNs ?? 0));
}

function firstKnown(...values: (number | undefined)[]): number | null {
  return values.find((v) => v !== undefined && !Number.isNaN(v)) ?? null;
}
