/**
 * Both ends tell each exchange, in the same order, the server's a little later: so one turn an end is enough
 * to bring them together. The place in the byte stream says which belongs to which.
 */
import { Flag } from '../../capture/layout.gen.js';
import type { Ends } from '../ends.js';
import { NO_ROW, Rare, State, Word } from '../ends.js';
import type { LinkSink } from './sink.js';

export class Turns {
  readonly #sink: LinkSink;

  constructor(sink: LinkSink) {
    this.#sink = sink;
  }

  /** The end whose row this is has told its latest turn. */
  tell(ends: Ends, row: number): void {
    const lead = ends.words[row + Word.lead]!;
    if (lead === NO_ROW) return;
    if (lead !== row) this.#server(ends, lead, row);
    else if (ends.has(row, State.PAIRED)) this.#client(ends, row);
    else if (ends.has(row, State.CLIENT)) this.#sink.exchange(ends, row, row, NO_ROW, false);
    else this.#sink.exchange(ends, row, NO_ROW, row, false);
  }

  /** The turn that waits in this row makes way for the next one. */
  giveWay(ends: Ends, row: number): void {
    const lead = ends.words[row + Word.lead]!;
    if (ends.has(row, State.CLIENT)) this.#releaseClient(ends, row);
    else if (lead !== row && lead !== NO_ROW) pass(ends, lead, row);
    else ends.clear(row, State.HELD);
  }

  /** The connection that this row leads is finished: nothing is held back any more. */
  flush(ends: Ends, lead: number): void {
    if (ends.has(lead, State.CLIENT) && ends.has(lead, State.HELD)) this.#releaseClient(ends, lead);
  }

  #client(ends: Ends, row: number): void {
    if (ends.has(row, State.AWAITED)) {
      const other = ends.rare(row, Rare.serverTurn);
      if (ends.has(other, State.HELD) && sameStart(ends.words, row, other)) {
        ends.clear(other, State.HELD);
        ends.clear(row, State.AWAITED);
        this.#sink.exchange(ends, row, row, other, disagree(ends.words, row, other));
        return;
      }
    }
    ends.set(row, State.HELD);
  }

  #server(ends: Ends, client: number, row: number): void {
    const { words } = ends;
    const isHeld = ends.has(client, State.HELD);
    if (isHeld && sameStart(words, row, client)) {
      ends.clear(client, State.HELD);
      this.#sink.exchange(ends, client, client, row, disagree(words, client, row));
      return;
    }
    if (ends.has(client, State.AWAITED)) {
      const waiting = ends.rare(client, Rare.serverTurn);
      if (ends.has(waiting, State.HELD)) pass(ends, client, waiting);
    }
    ends.setRare(client, Rare.serverTurn, row);
    ends.set(client, State.AWAITED);
    ends.set(row, State.HELD);
    if (isHeld && isInside(words, row, client)) this.#releaseClient(ends, client);
  }

  /** Gives out a client's exchange without its counterpart. */
  #releaseClient(ends: Ends, row: number): void {
    const { words } = ends;
    ends.clear(row, State.HELD);
    const waiting = ends.has(row, State.AWAITED) ? ends.rare(row, Rare.serverTurn) : NO_ROW;
    const split =
      (ends.has(row, State.PASSED) && reaches(words, row, ends.rare(row, Rare.passedServer))) ||
      (waiting !== NO_ROW &&
        ends.has(waiting, State.HELD) &&
        (isInside(words, waiting, row) || isInside(words, row, waiting)));
    this.#sink.exchange(ends, row, row, NO_ROW, split);
  }
}

/** A server's turn has waited in vain. */
function pass(ends: Ends, lead: number, server: number): void {
  ends.setRare(lead, Rare.passedServer, ends.words[server + Word.offset]!);
  ends.set(lead, State.PASSED);
  ends.clear(server, State.HELD);
}

function sameStart(words: Uint32Array, a: number, b: number): boolean {
  return words[a + Word.offset] === words[b + Word.offset];
}

/** True where turn `a` begins within the request of turn `b`, not at its start. */
function isInside(words: Uint32Array, a: number, b: number): boolean {
  return reaches(words, b, words[a + Word.offset]!);
}

/** True where a place in the byte stream lies within a turn's request, not at its start. */
function reaches(words: Uint32Array, turn: number, offset: number): boolean {
  // Offsets count modulo 2^32: so does their difference.
  const distance = (offset - words[turn + Word.offset]!) >>> 0;
  return distance > 0 && distance < words[turn + Word.requestBytes]!;
}

/** Same start, other length: one end saw two requests where the other saw one. */
function disagree(words: Uint32Array, client: number, server: number): boolean {
  return (
    words[client + Word.requestBytes] !== words[server + Word.requestBytes] &&
    ((words[client + Word.flags]! | words[server + Word.flags]!) &
      (Flag.NO_RESPONSE | Flag.UNFINISHED)) ===
      0
  );
}
