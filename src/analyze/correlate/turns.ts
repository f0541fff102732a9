/**
 * Both ends tell each exchange, in the same order, the server's a little later: so one slot an end is enough
 * to bring them together. The place in the byte stream says which belongs to which.
 */
import { Flag } from '../../capture/layout.gen.js';
import type { Link } from '../link.js';
import type { Turn } from '../normalize.js';
import { copyTurn, emptyTurn } from '../normalize.js';
import type { LinkSink } from './sink.js';

export class Turns {
  readonly #sink: LinkSink;

  constructor(sink: LinkSink) {
    this.#sink = sink;
  }

  /** The client's end tells a turn. */
  client(link: Link, turn: Turn): void {
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

  /** The server's end tells a turn. */
  server(link: Link, turn: Turn): void {
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

  /** The link is finished: nothing is held back any more. */
  flush(link: Link): void {
    if (link.clientTurn?.full === true) this.#releaseClient(link, link.clientTurn);
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
