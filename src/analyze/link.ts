/** A connection in the making: one socket, or the two that belong together. */
import { NO_TURN } from './ends.js';
import type { Socket } from './socket.js';
import type { Party } from './workloads/attribution.js';

/** Where a connection belongs; decided once, when its first number must be counted. */
export interface Place {
  /** Id of the connection. */
  id: number;
  /** Id of its edge. */
  edge: number;
  client: Party;
  server: Party;
  serverAddr: string;
  serverPort: number;
}

export class Link {
  client: Socket | null = null;
  server: Socket | null = null;
  /** This link goes through a proxy, which opened that one for it; and the other way round. */
  upstream: Link | null = null;
  downstream: Link | null = null;
  finished = false;
  place: Place | null = null;
  /** The turn of the server's end that waited last for its counterpart. */
  serverTurn = NO_TURN;
  /** Offset of the latest server's exchange that no client's exchange took; -1: none. */
  passedServer = -1;
  /** Exchanges counted, so that those whose event was lost can be told. */
  exchanges = 0;

  /** The server's real end: behind the proxy where there is one. */
  get farServer(): Socket | null {
    return this.upstream?.server ?? this.server;
  }

  get established(): boolean {
    return (this.client?.established ?? false) || (this.server?.established ?? false);
  }

  /** Every end that is known has ended. */
  get ended(): boolean {
    return (this.client?.closed ?? true) && (this.server?.closed ?? true);
  }
}

export /** The socket's link; a socket that has none yet begins one. */
function linkOf(socket: Socket): Link {
  if (socket.link !== null) return socket.link;
  const link = new Link();
  link[socket.role] = socket;
  socket.link = link;
  return link;
}

/** Makes two links of one end each into one. */
export function join(a: Link, b: Link): void {
  const [into, from] = a.client !== null ? [a, b] : [b, a];
  into.server = from.server;
  if (from.server !== null) from.server.link = into;
  into.place ??= from.place;
  into.exchanges += from.exchanges;
  if (into.serverTurn < 0) into.serverTurn = from.serverTurn;
  into.upstream ??= from.upstream;
  if (from.upstream !== null) from.upstream.downstream = into;
  from.finished = true;
}
