/** Established sockets without a partner, and how one is found: by the pair of initial sequence numbers. */
import type { Socket } from '../socket.js';
import { isInverse, isInverseTuple } from './tuples.js';

/** How far apart the ends may see the handshake done: a lost ACK is made up for by the first data. */
const HANDSHAKE_NS = 10e9;

export class Singles {
  /** Sockets with a pair of ISNs that was not unique. */
  ambiguous = 0;
  /** By their own ISN. */
  readonly #byIsn = new Map<number, Socket[]>();

  /** The one socket whose ISNs are these, swapped. */
  partnerOf(socket: Socket): Socket | null {
    const candidates = (this.#byIsn.get(socket.isnRemote) ?? []).filter(
      (other) =>
        other.isnRemote === socket.isnLocal &&
        other.role !== socket.role &&
        (other.preexisting ||
          socket.preexisting ||
          Math.abs(other.establishedNs - socket.establishedNs) <= HANDSHAKE_NS),
    );
    if (candidates.length === 0) return null;
    const rivals = (this.#byIsn.get(socket.isnLocal) ?? []).filter(
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
    if (same === undefined) this.#byIsn.set(socket.isnLocal, [socket]);
    else same.push(socket);
  }

  remove(socket: Socket): void {
    const same = this.#byIsn.get(socket.isnLocal);
    if (same === undefined) return;
    const rest = same.filter((other) => other !== socket);
    if (rest.length === 0) this.#byIsn.delete(socket.isnLocal);
    else if (rest.length < same.length) this.#byIsn.set(socket.isnLocal, rest);
  }
}
