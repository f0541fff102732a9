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
import { End, NO_ROW, Word } from '../ends.js';
import type { Link, Place } from '../link.js';
import { linkOf } from '../link.js';
import { PIPELINED, STAINED } from '../normalize.js';
import type { Horizon } from '../verdict.js';
import type { Attribution } from '../workloads/attribution.js';
import type { Containers } from '../workloads/containers.js';
import { Flag } from '../../capture/layout.gen.js';
import type { EdgeMetrics } from './edges.js';
import { ExchangeLog, Mark } from './exchange-log.js';
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
  /** Connections that moved bytes which nobody counted: neither their end nor a last census was recorded. */
  unsized: number;
}

/** Failed connections kept for the page. */
export const MAX_FAILURES = 2000;
/** … and of one edge and verdict. */
export const MAX_FAILURES_OF_A_SORT = 500;

/** The kernel sends a SYN again after a second (RFC 6298); what took nearly as long for another reason did not. */
const LATE_CONNECT_US = 950_000;

/** How the recorder told times is of no interest to others. */
const UNITS = Flag.MICROS | Flag.AGE_MILLIS;

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
    unsized: 0,
  };
  readonly #kept = new Map<string, number>();
  readonly #places: Places;
  readonly #log: ExchangeLog;
  readonly #with: Surroundings;
  /** Retransmits of connections that have no place yet. */
  readonly #early = new Map<Link, { atNs: number; syn: boolean }[]>();

  constructor(surroundings: Surroundings) {
    const { attribution, containers, listeners, steps } = surroundings;
    this.#places = new Places(attribution, containers, listeners, steps);
    this.#log = new ExchangeLog(this.#places.edges, steps);
    this.#with = surroundings;
  }

  /** All edges; that with id n is edges[n - 1]. */
  get edges(): readonly EdgeMetrics[] {
    return this.#places.edges;
  }

  exchange(ends: Ends, lead: number, client: number, server: number, disagree: boolean): void {
    const { numbers, words } = ends;
    if (words[lead + Word.edge] === 0) this.#placeOf(linkOf(ends.socket(lead)));
    const turn = client === NO_ROW ? server : client;
    const own = words[turn + Word.flags]!;
    const theirs = server === NO_ROW ? 0 : words[server + Word.flags]!;
    let flags = (own & ~UNITS) | (theirs & STAINED);
    if (disagree) flags |= PIPELINED;
    // The client's word on whether there was an answer counts.
    if ((own & Flag.NO_RESPONSE) === 0) flags &= ~Flag.NO_RESPONSE;
    const served = server !== NO_ROW && (theirs & STAINED) === 0;
    if ((flags & Flag.NO_RESPONSE) !== 0) this.tally.unanswered++;
    else {
      words[lead + Word.counted]!++;
      this.tally.exchanges++;
      if (disagree) this.tally.pipelined++;
      let marks = (own & Flag.MICROS) === 0 ? 0 : Mark.MICROS;
      if ((theirs & Flag.MICROS) !== 0) marks |= Mark.SERVED_MICROS;
      if (client !== NO_ROW) marks |= Mark.TIMED;
      if (served) marks |= Mark.SERVED;
      if ((flags & STAINED) !== 0) {
        this.tally.flagged++;
        marks |= Mark.FLAGGED;
      }
      const startNs = numbers[turn / 2 + End.startNs]!;
      let pickupUs = 0;
      if (client !== NO_ROW && server !== NO_ROW) {
        pickupUs = Math.max(0, (numbers[server / 2 + End.startNs]! - startNs) / 1e3);
        const isFirst = words[client + Word.offset] === 0;
        if (isFirst && !ends.socket(lead).preexisting) marks |= Mark.FRESH;
      }
      this.#log.add(
        startNs,
        pickupUs,
        words[lead + Word.edge]!,
        words[lead + Word.connection]!,
        words[turn + Word.ttfb]!,
        words[server + Word.ttfb]!,
        words[turn + Word.total]!,
        marks,
      );
    }
    if (this.#with.rows.exchange === null) return;
    const timed = client !== NO_ROW && (flags & Flag.NO_RESPONSE) === 0;
    this.#with.rows.exchange({
      connection: words[lead + Word.connection]!,
      startedNs: numbers[turn / 2 + End.startNs]!,
      ttfbUs: timed ? ends.us(client, Word.ttfb) : null,
      totalUs: ends.us(turn, Word.total),
      serverUs: served ? ends.us(server, Word.ttfb) : null,
      requestBytes: words[turn + Word.requestBytes]!,
      responseBytes: words[turn + Word.responseBytes]!,
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

  /** The capture has ended: the numbers of the edges are final. */
  end(): void {
    this.#log.flush();
  }

  finished(link: Link): void {
    if (lastEndNs(link) < this.#with.countedFromNs) return;
    const place = this.#placeOf(link);
    const row = connectionRow(link, place, judgeLink(link, this.#with.horizon));
    this.#count(link, row);
    if (FAILURES.has(row.verdict)) this.#keep(row);
    this.sample.add(row);
    this.#with.rows.connection(row, link);
  }

  #placeOf(link: Link): Place {
    if (link.place !== null) return link.place;
    const place = this.#places.place(link);
    link.settle(place);
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
    if (row.exchanges > 0 && (row.bytesSent === null || row.bytesReceived === null)) {
      tally.unsized++;
    }
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
