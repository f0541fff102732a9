/**
 * Books what the correlated connections did: finds the edge of each, counts its exchanges as they come and, when
 * it is finished, judges it and makes its row. Rows are handed on at once; of failures a bounded
 * number is kept.
 */
import type { Connection, Exchange } from '../model.js';
import { FAILURES } from '../model.js';
import type { LinkSink } from '../correlate/sink.js';
import type { Listeners } from '../listeners.js';
import { leftBehindNs } from '../left-behind.js';
import type { Ends } from '../ends.js';
import { End } from '../ends.js';
import type { Link, Place } from '../link.js';
import { PIPELINED, STAINED } from '../normalize.js';
import { known } from '../socket.js';
import type { Horizon } from '../verdict.js';
import type { Attribution } from '../workloads/attribution.js';
import type { Containers } from '../workloads/containers.js';
import { Flag } from '../../capture/layout.gen.js';
import type { EdgeMetrics } from './edges.js';
import { Places } from './place.js';
import { connectionRow, judgeLink, lastSignNs } from './row.js';
import { ConnectionSample } from './sample.js';
import type { Steps } from './steps.js';

/** Where rows go as soon as they are whole. */
export interface RowSink {
  /** `link` has the sockets that the row was made of. */
  connection(row: Connection, link: Link): void;
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
  /** Connections whose verdict is `unknown`. */
  unknownEnd: number;
}

/** Failed connections kept for the page. */
export const MAX_FAILURES = 2000;
/** … and of one edge and verdict. */
export const MAX_FAILURES_OF_A_SORT = 500;

/** The kernel sends a SYN again after a second (RFC 6298); what took nearly as long for another reason did not. */
const LATE_CONNECT_US = 950_000;

interface Surroundings {
  attribution: Attribution;
  containers: Containers;
  listeners: Listeners;
  horizon: Horizon;
  steps: Steps;
  rows: RowSink;
  /** What ended before is no part of the cut; -Infinity without one. */
  countedFromNs: number;
}

export class Book implements LinkSink {
  readonly failures: Connection[] = [];
  readonly sample = new ConnectionSample();
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
    unknownEnd: 0,
  };
  readonly #kept = new Map<string, number>();
  readonly #places: Places;
  readonly #with: Surroundings;
  /** Retransmits of connections that have no place yet. */
  readonly #early = new Map<Link, { atNs: number; syn: boolean }[]>();

  constructor(surroundings: Surroundings) {
    const { attribution, containers, listeners, steps } = surroundings;
    this.#places = new Places(attribution, containers, listeners, steps);
    this.#with = surroundings;
  }

  /** All edges; that with id n is edges[n - 1]. */
  get edges(): readonly EdgeMetrics[] {
    return this.#places.edges;
  }

  exchange(link: Link, ends: Ends, client: number, server: number, disagree: boolean): void {
    const { numbers } = ends;
    const turn = client >= 0 ? client : server;
    const place = (link.place ??= this.#place(link));
    const own = numbers[turn + End.flags]!;
    const theirs = server < 0 ? 0 : numbers[server + End.flags]! & STAINED;
    let flags = own | theirs;
    if (disagree) flags |= PIPELINED;
    // The client's word on whether there was an answer counts.
    if ((own & Flag.NO_RESPONSE) === 0) flags &= ~Flag.NO_RESPONSE;
    const clientUs = client < 0 ? NaN : numbers[client + End.ttfbUs]!;
    const serverUs = server < 0 || theirs !== 0 ? NaN : numbers[server + End.ttfbUs]!;
    const unanswered = (flags & Flag.NO_RESPONSE) !== 0;
    if (unanswered) this.tally.unanswered++;
    else {
      const flagged = (flags & STAINED) !== 0;
      link.exchanges++;
      this.tally.exchanges++;
      if (flagged) this.tally.flagged++;
      if (disagree) this.tally.pipelined++;
      const edge = this.edges[place.edge - 1]!;
      const startNs = numbers[turn + End.startNs]!;
      const totalNs = numbers[turn + End.totalUs]! * 1e3;
      const both = client >= 0 && server >= 0;
      const pickupUs = both ? Math.max(0, (numbers[server + End.startNs]! - startNs) / 1e3) : 0;
      const fresh = both && numbers[client + End.offset] === 0 && link.client?.preexisting !== true;
      edge.exchange(startNs, totalNs, clientUs, serverUs, flagged, pickupUs, fresh);
      if (!flagged && clientUs > edge.slowest.floorUs) {
        edge.slowest.add(clientUs, startNs, serverUs, place.id);
      }
    }
    if (this.#with.rows.exchange === null) return;
    this.#with.rows.exchange({
      connection: place.id,
      startedNs: numbers[turn + End.startNs]!,
      ttfbUs: unanswered ? null : known(clientUs),
      totalUs: numbers[turn + End.totalUs]!,
      serverUs: known(serverUs),
      requestBytes: numbers[turn + End.requestBytes]!,
      responseBytes: numbers[turn + End.responseBytes]!,
      flags,
    });
  }

  retransmit(link: Link, atNs: number): void {
    const syn = !link.established;
    if (link.place !== null) {
      this.edges[link.place.edge - 1]!.retransmit(atNs, syn);
      return;
    }
    const early = this.#early.get(link);
    if (early === undefined) this.#early.set(link, [{ atNs, syn }]);
    else early.push({ atNs, syn });
  }

  finished(link: Link): void {
    if (lastEndNs(link) < this.#with.countedFromNs) return;
    const place = (link.place ??= this.#place(link));
    const row = connectionRow(link, place, judgeLink(link, this.#with.horizon));
    this.#count(link, row);
    if (FAILURES.has(row.verdict)) this.#keep(row);
    this.sample.add(row);
    this.#with.rows.connection(row, link);
  }

  #place(link: Link): Place {
    const place = this.#places.place(link);
    const edge = this.edges[place.edge - 1]!;
    for (const { atNs, syn } of this.#early.get(link) ?? []) edge.retransmit(atNs, syn);
    this.#early.delete(link);
    return place;
  }

  /** Keeps some failures of each sort, so that a flood of one does not hide the others. */
  #keep(row: Connection): void {
    const sort = `${row.edge} ${row.verdict}`;
    const kept = this.#kept.get(sort) ?? 0;
    if (kept >= MAX_FAILURES_OF_A_SORT || this.failures.length >= MAX_FAILURES) return;
    this.#kept.set(sort, kept + 1);
    this.failures.push(row);
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
    if (row.verdict === 'unknown') tally.unknownEnd++;
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
    if (row.connectUs !== null && row.connectUs >= LATE_CONNECT_US && row.retransmits > 0) {
      edge.connectedLate(row.openedNs ?? 0, row.connectUs);
    }
    if (row.verdict === 'open') edge.open++;
    if (row.verdict === 'open' && row.openedNs !== null && fellSilent(link, this.#with.horizon)) {
      edge.leaveIdle(row.openedNs);
    }
    const leftNs = leftBehindNs(link, this.#with.horizon);
    if (leftNs !== null) edge.leaveBehind(leftNs);
    const usableNs = row.preexisting && link.established ? 0 : row.establishedNs;
    if (usableNs !== null) {
      const stale = row.verdict === 'stale';
      edge.lived(usableNs, stale ? lastSignNs(link) : row.closedNs);
      if (row.closedNs !== null && !row.preexisting) {
        edge.life.add((row.closedNs - (row.openedNs ?? usableNs)) / 1e3);
      }
    }
    edge.ended(row.verdict, row.closedNs ?? endNs);
    if (row.verdict === 'cancelled' && row.retransmits > 0) {
      edge.gaveUp(row.closedNs ?? endNs);
    }
    for (const { workload } of [link.place!.client, link.place!.server]) {
      workload.lastSeenNs = Math.max(workload.lastSeenNs, row.closedNs ?? endNs);
    }
  }
}

/** When the last of its ends ended; NaN where one has not. */
function lastEndNs({ client, server, upstream }: Link): number {
  const ends = [client, server, upstream?.client ?? null, upstream?.server ?? null];
  return Math.max(...ends.filter((end) => end !== null).map(({ closedNs }) => closedNs));
}

/** Nothing has moved on it for longer than `--stale-after`. */
function fellSilent(link: Link, { endNs, staleAfterNs }: Horizon): boolean {
  return endNs - lastSignNs(link) > staleAfterNs;
}
