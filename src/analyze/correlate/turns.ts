/**
 * Both ends tell each exchange, in the same order, the server's a little later: so one turn an end is enough
 * to bring them together. The place in the byte stream says which belongs to which.
 */
import { Flag } from '../../capture/layout.gen.js';
import type { Ends } from '../ends.js';
import { AT_HAND, End, NO_TURN } from '../ends.js';
import type { Link } from '../link.js';
import type { Socket } from '../socket.js';
import type { LinkSink } from './sink.js';

export class Turns {
  readonly #sink: LinkSink;

  constructor(sink: LinkSink) {
    this.#sink = sink;
  }

  /** The client's end, `socket`, tells a turn. */
  client(link: Link, { ends, row }: Socket): void {
    if (link.farServer === null) {
      this.#sink.exchange(link, ends, AT_HAND, NO_TURN, false);
      return;
    }
    const { numbers } = ends;
    if (numbers[row + End.full] === 1) this.#releaseClient(link, ends, row);
    const other = link.serverTurn;
    if (other >= 0 && numbers[other + End.full] === 1 && sameStart(numbers, AT_HAND, other)) {
      numbers[other + End.full] = 0;
      this.#sink.exchange(link, ends, AT_HAND, other, disagree(numbers, AT_HAND, other));
      return;
    }
    ends.hold(row);
  }

  /** The server's end, `socket`, tells a turn. */
  server(link: Link, { ends, row }: Socket): void {
    const { client } = link;
    if (client === null) {
      this.#sink.exchange(link, ends, NO_TURN, AT_HAND, false);
      return;
    }
    const { numbers } = ends;
    const held = client.row;
    const isHeld = numbers[held + End.full] === 1;
    if (isHeld && sameStart(numbers, AT_HAND, held)) {
      numbers[held + End.full] = 0;
      this.#sink.exchange(link, ends, held, AT_HAND, disagree(numbers, held, AT_HAND));
      return;
    }
    const waiting = link.serverTurn;
    if (waiting >= 0 && numbers[waiting + End.full] === 1) {
      link.passedServer = numbers[waiting + End.offset]!;
      numbers[waiting + End.full] = 0;
    }
    link.serverTurn = row;
    ends.hold(row);
    if (isHeld && isInside(numbers, AT_HAND, held)) this.#releaseClient(link, ends, held);
  }

  /** The link is finished: nothing is held back any more. */
  flush(link: Link): void {
    if (link.client === null) return;
    const { ends, row } = link.client;
    if (ends.numbers[row + End.full] === 1) this.#releaseClient(link, ends, row);
  }

  /** Gives out a client's exchange without its counterpart. */
  #releaseClient(link: Link, ends: Ends, row: number): void {
    const { numbers } = ends;
    numbers[row + End.full] = 0;
    const waiting = link.serverTurn;
    const split =
      (link.passedServer >= 0 && reaches(numbers, row, link.passedServer)) ||
      (waiting >= 0 &&
        numbers[waiting + End.full] === 1 &&
        (isInside(numbers, waiting, row) || isInside(numbers, row, waiting)));
    this.#sink.exchange(link, ends, row, NO_TURN, split);
  }
}

function sameStart(numbers: Float64Array, a: number, b: number): boolean {
  return numbers[a + End.offset] === numbers[b + End.offset];
}

/** True where turn `a` begins within the request of turn `b`, not at its start. */
function isInside(numbers: Float64Array, a: number, b: number): boolean {
  return reaches(numbers, b, numbers[a + End.offset]!);
}

/** True where a place in the byte stream lies within a turn's request, not at its start. */
function reaches(numbers: Float64Array, turn: number, offset: number): boolean {
  // Offsets count modulo 2^32: so does their difference.
  const distance = (offset - numbers[turn + End.offset]!) >>> 0;
  return distance > 0 && distance < numbers[turn + End.requestBytes]!;
}

/** Same start, other length: one end saw two requests where the other saw one. */
function disagree(numbers: Float64Array, client: number, server: number): boolean {
  return (
    numbers[client + End.requestBytes] !== numbers[server + End.requestBytes] &&
    ((numbers[client + End.flags]! | numbers[server + End.flags]!) &
      (Flag.NO_RESPONSE | Flag.UNFINISHED)) ===
      0
  );
}
