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
import type { SocketSink } from './connections.js';
import { Link } from './link.js';
import type { Turn } from './normalize.js';
import { copyTurn, emptyTurn } from './normalize.js';
import type { Proxies } from './proxies.js';
import type { Socket } from './socket.js';
import { Flag } from '../capture/layout.gen.js';

/**
 * How long after its end a link waits for what may still come: the other end, where the two ends' clocks
 * were read in another order, and an answer that the process reads after the connection's last state.
 */
export const SETTLE_NS = 1e9;

/** How far apart the ends may see the handshake done: a lost ACK is made up for by the first data. */
const HANDSHAKE_NS = 10e9;

/** A handshake on one machine in which no SYN was lost takes no longer: a lost one is sent again after a second. */
const PROMPT_NS = 200e6;

/** What the next stage is told. */
export interface LinkSink {
  /**
   * One exchange, valid during the call. `client` is null where only the server's end saw it, `server`
   * where only the client's did.
   * @param disagree the ends differ about where a request ends: more than one was under way.
   */
  exchange(link: Link, client: Turn | null, server: Turn | null, disagree: boolean): void;
  retransmit(link: Link, atNs: number): void;
  finished(link: Link): void;
}

/** Where sockets are let go of once their link is finished. */
export type Release = (socket: Socket) => void;

export class Correlator implements SocketSink {
  /** Sockets with a pair of ISNs that was not unique. */
  ambiguous = 0;
  readonly #sink: LinkSink;
  readonly #proxies: Proxies;
  readonly #letGo: Release;
  /** Established sockets without a partner, by their own ISN. */
  readonly #single = new Map<number, Socket[]>();
  /** Clients' sockets of which no ESTABLISHED has come, by whom they call. */
  readonly #calling = new Map<string, Set<Socket>>();
  /** Links whose known ends have ended, in order of time, from #endedHead. */
  #ended: { link: Link; dueNs: number }[] = [];
  #endedHead = 0;

  constructor(sink: LinkSink, proxies: Proxies, letGo: Release) {
    this.#sink = sink;
    this.#proxies = proxies;
    this.#letGo = letGo;
  }

  connecting(socket: Socket): void {
    const link = linkOf(socket);
    const key = addressKey(socket.end.remoteAddr, socket.end.remotePort);
    const same = this.#calling.get(key);
    if (same === undefined) this.#calling.set(key, new Set([socket]));
    else same.add(socket);
    const first = this.#proxies.firstHopOf(socket);
    if (first === null) return;
    link.downstream = first;
    first.upstream = link;
  }

  established(socket: Socket): void {
    const link = linkOf(socket);
    if (socket.role === 'server') this.#proxies.accepted(socket);
    if (socket.isnLocal === 0 && socket.isnRemote === 0) return;
    if (socket.role === 'client') {
      this.#hangUp(socket);
      // Taken for the client of a server that came up before: now the numbers tell.
      if (link.server !== null && isSwapped(socket, link.server)) return;
      if (link.server !== null) this.#part(link, link.server);
    }
    const partner = this.#partnerOf(socket) ?? this.#callerOf(socket);
    if (partner === null) {
      this.#list(socket);
      return;
    }
    this.#forget(partner);
    join(link, linkOf(partner));
  }

  exchanged(socket: Socket, turn: Turn): void {
    let link = linkOf(socket);
    if (link.downstream !== null) {
      // Of the second hop only the server's end says something that the first hop does not.
      if (socket.role === 'client') return;
      link = link.downstream;
    } else if (socket.role === 'server' && link.farServer !== socket) {
      return;
    }
    if (socket.role === 'client') this.#clientTurn(link, turn);
    else this.#serverTurn(link, turn);
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
    if (link.clientTurn?.full === true) this.#releaseClient(link, link.clientTurn);
    this.#unlist(link);
    this.#sink.finished(link);
    this.#drop(link);
    if (link.upstream !== null) {
      link.upstream.finished = true;
      this.#drop(link.upstream);
    }
  }

  /** The one socket whose ISNs are these, swapped. */
  #partnerOf(socket: Socket): Socket | null {
    const candidates = (this.#single.get(socket.isnRemote) ?? []).filter(
      (other) =>
        other.isnRemote === socket.isnLocal &&
        other.role !== socket.role &&
        (other.preexisting ||
          socket.preexisting ||
          Math.abs(other.establishedNs - socket.establishedNs) <= HANDSHAKE_NS),
    );
    if (candidates.length === 0) return null;
    const rivals = (this.#single.get(socket.isnLocal) ?? []).filter(
      (other) => other.isnRemote === socket.isnRemote && other.role === socket.role,
    );
    if (candidates.length === 1 && rivals.length === 0) return candidates[0]!;
    this.ambiguous++;
    const inverse = candidates.filter((other) => isInverse(socket, other));
    return inverse.length === 1 ? inverse[0]! : null;
  }

  /*
   * Of a client whose ESTABLISHED was lost the sequence numbers are not known. On one machine the client's end is
   * established before the server's: when a server's socket comes up without a partner, whoever was the last to
   * call exactly there, and still does, is its client. Its ESTABLISHED, or the port that its CLOSE tells,
   * may say otherwise.
   */

  #callerOf(server: Socket): Socket | null {
    const { localAddr, localPort, remoteAddr } = server.end;
    if (server.role !== 'server') return null;
    const caller = [...(this.#calling.get(addressKey(localAddr, localPort)) ?? [])]
      .filter(
        ({ end, openedNs, retransmits }) =>
          end.localAddr === remoteAddr &&
          (end.localPort === 0 || end.localPort === server.end.remotePort) &&
          retransmits === 0 &&
          server.establishedNs - openedNs <= PROMPT_NS,
      )
      .at(-1);
    if (caller === undefined) return null;
    this.#hangUp(caller);
    caller.end.localPort = server.end.remotePort;
    return caller;
  }

  #part(link: Link, server: Socket): void {
    link.server = null;
    server.link = null;
    linkOf(server);
    this.#list(server);
  }

  #endedCall(client: Socket): void {
    this.#hangUp(client);
    const link = linkOf(client);
    if (client.isnLocal !== 0) return;
    const { server } = link;
    if (server !== null && client.end.localPort !== server.end.remotePort) this.#part(link, server);
    if (!client.established || link.server !== null) return;
    for (const same of this.#single.values()) {
      for (const server of same) {
        if (server.role !== 'server' || !isInverseTuple(client, server)) continue;
        const other = linkOf(server);
        if (link.place !== null && other.place !== null) return;
        this.#forget(server);
        join(link, other);
        return;
      }
    }
  }

  /** It calls no more. */
  #hangUp(client: Socket): void {
    const key = addressKey(client.end.remoteAddr, client.end.remotePort);
    const same = this.#calling.get(key);
    if (same?.delete(client) === true && same.size === 0) this.#calling.delete(key);
  }

  #list(socket: Socket): void {
    const same = this.#single.get(socket.isnLocal);
    if (same === undefined) this.#single.set(socket.isnLocal, [socket]);
    else same.push(socket);
  }

  #forget(socket: Socket): void {
    const same = this.#single.get(socket.isnLocal);
    if (same === undefined) return;
    const rest = same.filter((other) => other !== socket);
    if (rest.length === 0) this.#single.delete(socket.isnLocal);
    else if (rest.length < same.length) this.#single.set(socket.isnLocal, rest);
  }

  #unlist(link: Link): void {
    if (link.client !== null) this.#forget(link.client);
    if (link.server !== null) this.#forget(link.server);
  }

  /*
   * Both ends tell each exchange, in the same order, the server's a little later: so one slot an end is enough
   * to bring them together. The place in the byte stream says which belongs to which.
   */

  #clientTurn(link: Link, turn: Turn): void {
    if (link.farServer === null) {
      this.#sink.exchange(link, turn, null, false);
      return;
    }
    const held = (link.clientTurn ??= emptyTurn());
    if (held.full) this.#releaseClient(link, held);
    const other = link.serverTurn;
    if (other?.full === true && other.offset === turn.offset) {
      other.full = false;
      this.#sink.exchange(link, turn, other, disagree(turn, other));
      return;
    }
    copyTurn(turn, held);
  }

  #serverTurn(link: Link, turn: Turn): void {
    if (link.client === null) {
      this.#sink.exchange(link, null, turn, false);
      return;
    }
    const held = link.clientTurn;
    if (held?.full === true && held.offset === turn.offset) {
      held.full = false;
      this.#sink.exchange(link, held, turn, disagree(held, turn));
      return;
    }
    const waiting = (link.serverTurn ??= emptyTurn());
    if (waiting.full) link.passedServer = waiting.offset;
    copyTurn(turn, waiting);
    if (held?.full === true && isInside(turn.offset, held)) this.#releaseClient(link, held);
  }

  /** Gives out a client's exchange without its counterpart. */
  #releaseClient(link: Link, turn: Turn): void {
    turn.full = false;
    const waiting = link.serverTurn;
    const split =
      (link.passedServer >= 0 && isInside(link.passedServer, turn)) ||
      (waiting?.full === true &&
        (isInside(waiting.offset, turn) || isInside(turn.offset, waiting)));
    this.#sink.exchange(link, turn, null, split);
  }

  #drop(link: Link): void {
    if (link.client !== null) this.#letGo(link.client);
    if (link.server !== null) this.#letGo(link.server);
  }
}

/** The socket's link; a socket that has none yet begins one. */
function linkOf(socket: Socket): Link {
  if (socket.link !== null) return socket.link;
  const link = new Link();
  link[socket.role] = socket;
  socket.link = link;
  return link;
}

/** Makes two links of one end each into one. */
function join(a: Link, b: Link): void {
  const [into, from] = a.client !== null ? [a, b] : [b, a];
  into.server = from.server;
  if (from.server !== null) from.server.link = into;
  into.place ??= from.place;
  into.exchanges += from.exchanges;
  into.serverTurn ??= from.serverTurn;
  into.upstream ??= from.upstream;
  if (from.upstream !== null) from.upstream.downstream = into;
  from.finished = true;
}

function addressKey(address: string, port: number): string {
  return `${address} ${port}`;
}

/** Each one's pair of ISNs is the other's, swapped. */
function isSwapped(a: Socket, b: Socket): boolean {
  return a.isnLocal === b.isnRemote && a.isnRemote === b.isnLocal;
}

function isInverse(a: Socket, b: Socket): boolean {
  return a.end.netns === b.end.netns && isInverseTuple(a, b);
}

function isInverseTuple(a: Socket, b: Socket): boolean {
  return (
    a.end.localPort === b.end.remotePort &&
    a.end.remotePort === b.end.localPort &&
    a.end.localAddr === b.end.remoteAddr &&
    a.end.remoteAddr === b.end.localAddr
  );
}

/** True where a request begins within this one's bytes, not at their start. */
function isInside(offset: number, turn: Turn): boolean {
  // Offsets count modulo 2^32: so does their difference.
  const distance = (offset - turn.offset) >>> 0;
  return distance > 0 && distance < turn.requestBytes;
}

/** Same start, other length: one end saw two requests where the other saw one. */
function disagree(client: Turn, server: Turn): boolean {
  return (
    client.requestBytes !== server.requestBytes &&
    ((client.flags | server.flags) & (Flag.NO_RESPONSE | Flag.UNFINISHED)) === 0
  );
}
