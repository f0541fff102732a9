/** A connection in the making: one socket, or the two that belong together. */
import { NO_ROW, Rare, State, Word } from './ends.js';
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

  /** The end that stands for the link: what its exchanges change lies in that socket's row. */
  get lead(): Socket {
    return (this.client ?? this.server)!;
  }

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

  /** Exchanges counted. */
  get exchanges(): number {
    return wordOf(this.lead, Word.counted);
  }

  /** Decides where it belongs. */
  settle(place: Place): void {
    this.place = place;
    setWord(this.lead, Word.edge, place.edge);
    setWord(this.lead, Word.connection, place.id);
  }
}

/** The socket's link; a socket that has none yet begins one. */
export function linkOf(socket: Socket): Link {
  if (socket.link !== null) return socket.link;
  const link = new Link();
  link[socket.role] = socket;
  socket.link = link;
  return link;
}

/** Makes two links of one end each into one. */
export function join(a: Link, b: Link): void {
  const [into, from] = a.client !== null ? [a, b] : [b, a];
  const { lead } = from;
  into.server = from.server;
  if (from.server !== null) from.server.link = into;
  if (into.place === null && from.place !== null) into.settle(from.place);
  setWord(into.lead, Word.counted, into.exchanges + wordOf(lead, Word.counted));
  handOn(lead, into.lead);
  into.upstream ??= from.upstream;
  if (from.upstream !== null) from.upstream.downstream = into;
  from.finished = true;
  direct(into);
}

/** Takes the server out of its link again; it begins one of its own. */
export function part(link: Link, server: Socket): void {
  handOn(link.lead, server);
  link.server = null;
  server.link = null;
  for (const word of [Word.edge, Word.connection, Word.counted]) setWord(server, word, 0);
  direct(link);
  direct(linkOf(server));
}

/** The link goes through a proxy, which opened `hop` for it. */
export function chain(link: Link, hop: Link): void {
  hop.downstream = link;
  link.upstream = hop;
  direct(link);
}

/** Tells the rows of all sockets concerned where their exchanges go, once a link has changed. */
function direct(link: Link): void {
  directHop(link);
  if (link.upstream !== null) directHop(link.upstream);
  if (link.downstream !== null) directHop(link.downstream);
}

function directHop(link: Link): void {
  const { client, server, downstream } = link;
  const far = link.farServer;
  if (client !== null) {
    if (far === null) client.ends.clear(client.row, State.PAIRED);
    else client.ends.set(client.row, State.PAIRED);
    // Of the second hop only the server's end says something that the first hop does not.
    setWord(client, Word.lead, downstream === null ? client.row : NO_ROW);
  }
  if (server === null) return;
  const told = downstream === null && far !== server ? NO_ROW : (downstream ?? link).lead.row;
  setWord(server, Word.lead, told);
}

/** A server's turn that waits for one lead waits for another. */
function handOn({ ends, row }: Socket, to: Socket): void {
  if (!ends.has(row, State.AWAITED) || ends.has(to.row, State.AWAITED)) return;
  ends.clear(row, State.AWAITED);
  ends.set(to.row, State.AWAITED);
  ends.setRare(to.row, Rare.serverTurn, ends.rare(row, Rare.serverTurn));
}

function wordOf({ ends, row }: Socket, word: number): number {
  return ends.words[row + word]!;
}

function setWord({ ends, row }: Socket, word: number, value: number): void {
  ends.words[row + word] = value;
}
