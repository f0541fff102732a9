/** Established sockets without a partner, and how one is found: by the pair of initial sequence numbers. */
import type { Socket } from '../socket.js';
import { isInverse, serverTuple } from './tuples.js';

/** How far apart the ends may see the handshake done: a lost ACK is made up for by the first data. */
const HANDSHAKE_NS = 10e9;

/** So many sockets with one ISN no kernel makes: in a crafted capture, and there nobody decides. */
const CROWD = 64;

export class Singles {
  /** Sockets with a pair of ISNs that was not unique. */
  ambiguous = 0;
  /** By their own ISN. */
  readonly #byIsn = new Map<number, Set<Socket>>();
  /** The servers among them by their tuple, as it was when they came. */
  readonly #byTuple = new Map<string, Set<Socket>>();
  readonly #tupleOf = new Map<Socket, string>();

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
  inverseServers(client: Socket): Iterable<Socket> {
    return this.#byTuple.get(serverTuple(client)) ?? [];
  }

  add(socket: Socket): void {
    put(this.#byIsn, socket.isnLocal, socket);
    if (socket.role !== 'server' || this.#tupleOf.has(socket)) return;
    const tuple = serverTuple(socket);
    this.#tupleOf.set(socket, tuple);
    put(this.#byTuple, tuple, socket);
  }

  remove(socket: Socket): void {
    take(this.#byIsn, socket.isnLocal, socket);
    const tuple = this.#tupleOf.get(socket);
    if (tuple === undefined) return;
    this.#tupleOf.delete(socket);
    take(this.#byTuple, tuple, socket);
  }

  #with(isn: number): Socket[] {
    return [...(this.#byIsn.get(isn) ?? [])];
  }
}

function put<K>(map: Map<K, Set<Socket>>, key: K, socket: Socket): void {
  const same = map.get(key);
  if (same === undefined) map.set(key, new Set([socket]));
  else same.add(socket);
}

function take<K>(map: Map<K, Set<Socket>>, key: K, socket: Socket): void {
  const same = map.get(key);
  if (same?.delete(socket) === true && same.size === 0) map.delete(key);
}
