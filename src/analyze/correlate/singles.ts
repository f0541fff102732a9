/** Established sockets without a partner, and how one is found: by the pair of initial sequence numbers. */
import type { Socket } from '../socket.js';
import { isInverse, isInverseTuple } from './tuples.js';

/** How far apart the ends may see the handshake done: a lost ACK is made up for by the first data. */
const HANDSHAKE_NS = 10e9;

/** So many sockets with one ISN no kernel makes: in a crafted capture, and there nobody decides. */
const CROWD = 64;

export class Singles {
  /** Sockets with a pair of ISNs that was not unique. */
  ambiguous = 0;
  /** By their own ISN. */
  readonly #byIsn = new Map<number, Set<Socket>>();

  /** The one socket whose ISNs are these, swapped. */
  partnerOf(socket: Socket): Socket | null {
    const ends = [socket.isnLocal, socket.isnRemote].map((isn) => this.#byIsn.get(isn)?.size ?? 0);
    if (Math.max(...ends) > CROWD) {
      this.ambiguous++;
      return null;
    }
    const candidates = this.#with(socket.isnRemote).filter(
      (other) =>
        other.isnRemote === socket.isnLocal &&
        other.role !== socket.role &&
        (other.preexisting ||
          socket.preexisting ||
          Math.abs(other.establishedNs - socket.establishedNs) <= HANDSHAKE_NS),
    );
    if (candidates.length === 0) return null;
    const rivals = this.#with(socket.isnLocal).filter(
      (other) => other.isnRemote === socket.isnRemote && other.role === socket.role,
    );
    if (candidates.length === 1 && rivals.length === 0) return candidates[0]!;
    this.ambiguous++;
    const inverse = candidates.filter((other) => isInverse(socket, other));
    return inverse.length === 1 ? inverse[0]! : null;
  }

  /** The servers whose tuple is the inverse of this client's, oldest first. */
  *inverseServers(client: Socket): Generator<Socket> {
    for (const same of this.#byIsn.values()) {
      for (const server of same) {
        if (server.role === 'server' && isInverseTuple(client, server)) yield server;
      }
    }
  }

  add(socket: Socket): void {
    const same = this.#byIsn.get(socket.isnLocal);
    if (same === undefined) this.#byIsn.set(socket.isnLocal, new Set([socket]));
    else same.add(socket);
  }

  remove(socket: Socket): void {
    const same = this.#byIsn.get(socket.isnLocal);
    if (same?.delete(socket) === true && same.size === 0) this.#byIsn.delete(socket.isnLocal);
  }

  #with(isn: number): Socket[] {
    return [...(this.#byIsn.get(isn) ?? [])];
  }
}
