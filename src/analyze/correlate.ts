/**
 * Stage 5, correlate: sockets become connections, and exchanges seen at both ends become one.
 *
 * Two ends belong together when each one's pair of initial sequence numbers is the other's, swapped: that
 * holds through address translation and between network namespaces. Where a pair is not unique among
 * the sockets of its time, the inverse tuple in the same namespace decides, or nobody does.
 *
 * Guarantee: each link is reported once as finished, SETTLE_NS after all its known ends have ended. Memory:
 * the unfinished links.
 */
import type { SocketSink } from './connections/context.js';
import { Callers } from './correlate/callers.js';
import type { LinkSink } from './correlate/sink.js';
import type { Ends } from './ends.js';
import { Singles } from './correlate/singles.js';
import { isSwapped } from './correlate/tuples.js';
import { Turns } from './correlate/turns.js';
import type { Link } from './link.js';
import { chain, join, linkOf, part } from './link.js';
import type { Proxies } from './proxies.js';
import type { Socket } from './socket.js';

/**
 * How long after its end a link waits for what may still come: the other end, where the two ends' clocks
 * were read in another order, and an answer that the process reads after the connection's last state.
 */
export const SETTLE_NS = 1e9;

/** Where sockets are let go of once their link is finished. */
export type Release = (socket: Socket) => void;

export class Correlator implements SocketSink {
  readonly #sink: LinkSink;
  readonly #proxies: Proxies;
  readonly #letGo: Release;
  readonly #singles = new Singles();
  readonly #callers = new Callers();
  readonly #turns: Turns;
  /** Links whose known ends have ended, in order of time, from #endedHead. */
  #ended: { link: Link; dueNs: number }[] = [];
  #endedHead = 0;

  constructor(sink: LinkSink, proxies: Proxies, letGo: Release) {
    this.#sink = sink;
    this.#proxies = proxies;
    this.#letGo = letGo;
    this.#turns = new Turns(sink);
  }

  /** Sockets with a pair of ISNs that was not unique. */
  get ambiguous(): number {
    return this.#singles.ambiguous;
  }

  connecting(socket: Socket): void {
    const link = linkOf(socket);
    this.#callers.add(socket);
    const first = this.#proxies.firstHopOf(socket);
    if (first !== null) chain(first, link);
  }

  established(socket: Socket): void {
    const link = linkOf(socket);
    if (socket.role === 'server') this.#proxies.accepted(socket);
    if (socket.isnLocal === 0 && socket.isnRemote === 0) return;
    if (socket.role === 'client') {
      this.#callers.hangUp(socket);
      // Taken for the client of a server that came up before: now the numbers tell.
      if (link.server !== null && isSwapped(socket, link.server)) return;
      if (link.server !== null) this.#part(link, link.server);
    }
    const partner = this.#singles.partnerOf(socket) ?? this.#callers.callerOf(socket);
    if (partner === null) {
      this.#singles.add(socket);
      return;
    }
    this.#singles.remove(partner);
    join(link, linkOf(partner));
  }

  overtaken(ends: Ends, row: number): void {
    this.#turns.giveWay(ends, row);
  }

  exchanged(ends: Ends, row: number): void {
    this.#turns.tell(ends, row);
  }

  retransmitted(socket: Socket, atNs: number): void {
    const link = linkOf(socket);
    this.#sink.retransmit(link.downstream ?? link, atNs);
  }

  ended(socket: Socket): void {
    if (socket.role === 'client') this.#endedCall(socket);
    const link = linkOf(socket);
    if (link.ended) this.#ended.push({ link, dueNs: socket.closedNs + SETTLE_NS });
  }

  /** Time has come to `nowNs`: finishes what has waited long enough. */
  tick(nowNs: number): void {
    const { length } = this.#ended;
    let head = this.#endedHead;
    while (head < length && this.#ended[head]!.dueNs <= nowNs)
      this.#finish(this.#ended[head++]!.link);
    if (head > length / 2) {
      this.#ended = this.#ended.slice(head);
      head = 0;
    }
    this.#endedHead = head;
  }

  /** The capture has ended: finishes everything. `open` are the sockets without an end. */
  end(open: Iterable<Socket>): void {
    this.tick(Infinity);
    const links = new Set<Link>();
    for (const socket of open) links.add(linkOf(socket));
    for (const link of links) this.#report(link.downstream ?? link);
  }

  #finish(link: Link): void {
    if (!link.ended || link.finished) return;
    this.#unlist(link);
    const first = link.downstream;
    if (first !== null) {
      if (first.ended) this.#report(first);
    } else if (link.upstream === null || link.upstream.ended) {
      this.#report(link);
    }
  }

  #report(link: Link): void {
    if (link.finished) return;
    link.finished = true;
    this.#turns.flush(link.lead.ends, link.lead.row);
    this.#unlist(link);
    this.#sink.finished(link);
    this.#drop(link);
    if (link.upstream !== null) {
      link.upstream.finished = true;
      this.#unlist(link.upstream);
      this.#drop(link.upstream);
    }
  }

  #part(link: Link, server: Socket): void {
    part(link, server);
    this.#singles.add(server);
  }

  #endedCall(client: Socket): void {
    this.#callers.hangUp(client);
    const link = linkOf(client);
    if (client.isnLocal !== 0) return;
    const { server } = link;
    if (server !== null && client.end.localPort !== server.end.remotePort) this.#part(link, server);
    if (!client.established || link.server !== null) return;
    for (const server of this.#singles.inverseServers(client)) {
      const other = linkOf(server);
      if (link.place !== null && other.place !== null) return;
      this.#singles.remove(server);
      join(link, other);
      return;
    }
  }

  #unlist(link: Link): void {
    if (link.client !== null) this.#singles.remove(link.client);
    if (link.server !== null) this.#singles.remove(link.server);
  }

  #drop(link: Link): void {
    if (link.client !== null) this.#letGo(link.client);
    if (link.server !== null) this.#letGo(link.server);
  }
}
