/** EXCHANGE events become turns of their sockets; those told twice and those missing are counted. */
import type { RecordCursor } from '../../capture/events.js';
import { Flag } from '../../capture/layout.gen.js';
import type { Ends } from '../ends.js';
import { End, NO_ROW, Rare, State, Word } from '../ends.js';
import type { Context } from './context.js';

/** Two events that tell the same exchange may differ so much in when it began. */
const SAME_NS = 1e6;

export class Exchanges {
  readonly #with: Context;

  constructor(context: Context) {
    this.#with = context;
  }

  handle(event: RecordCursor, atNs: number): void {
    const { layout, sink, sockets, countedFromNs, countedUntilNs } = this.#with;
    const { ends, strays } = sockets;
    const at = layout.at.EXCHANGE;
    const { cookie } = at;
    const row = sockets.rowOf(event.i32(cookie), cookie < 0 ? 0 : event.i32(cookie + 4));
    if (row === NO_ROW) {
      if (!sockets.early) strays.exchanges++;
      return;
    }
    const flags = event.u16(at.flags);
    // Times count back from the event's own, which is when the next turn began.
    const startNs = atNs - event.u32(at.age) * ((flags & Flag.AGE_MILLIS) !== 0 ? 1e6 : 1);
    const offset = event.u32(at.offset);
    if (isRepeated(ends, row, startNs, offset)) {
      ends.socket(row).repeated++;
      strays.repeated++;
      return;
    }
    if (ends.has(row, State.FOLLOWS) && offset !== nextOffset(ends.words, row)) strays.gaps++;
    if (ends.has(row, State.HELD)) sink.overtaken(ends, row);
    ends.read(row, event, layout, startNs);
    ends.set(row, State.SEEN | State.FOLLOWS);

    const { numbers, words } = ends;
    const lastByteNs = startNs + ends.us(row, Word.total) * 1e3;
    const answered = (flags & Flag.NO_RESPONSE) === 0;
    if (startNs < countedFromNs || startNs >= countedUntilNs) {
      // It is the neighbouring cut's; what it says of the socket holds.
      ends.socket(row).synchronized = true;
      ends.socket(row).accepted = true;
      if (answered) ends.socket(row).exchangesBefore++;
      return;
    }
    if (lastByteNs < 0 && answered) {
      // Over before the capture began, and told with the next turn.
      ends.socket(row).synchronized = true;
      ends.socket(row).exchangesBefore++;
      return;
    }
    if (answered) words[row + Word.exchanges]!++;
    else ends.setRare(row, Rare.unanswered, ends.rare(row, Rare.unanswered) + 1);
    // The event comes out when the next turn begins, or at the very end: neither is a sign of life.
    const aliveNs = Math.min(lastByteNs, countedUntilNs);
    const last = row / 2 + End.lastNs;
    if (!(numbers[last]! >= aliveNs)) numbers[last] = aliveNs;
    if (!ends.has(row, State.MET)) this.#meet(row, event.u32(at.pid));
    sink.exchanged(ends, row);
  }

  #meet(row: number, pid: number): void {
    const { sockets } = this.#with;
    const socket = sockets.ends.socket(row);
    socket.synchronized = true;
    sockets.own(socket, pid);
    if (socket.pid !== 0) sockets.ends.set(row, State.MET);
  }
}

/** The last flush of a recording and the close of a socket, on two CPUs, may both tell its last exchange. */
function isRepeated(ends: Ends, row: number, startNs: number, offset: number): boolean {
  return (
    ends.words[row + Word.offset] === offset &&
    ends.has(row, State.SEEN) &&
    Math.abs(startNs - ends.numbers[row / 2 + End.startNs]!) <= SAME_NS
  );
}

/** One exchange begins where the one before ended: what lies between was not recorded. */
function nextOffset(words: Uint32Array, row: number): number {
  return (words[row + Word.offset]! + words[row + Word.requestBytes]!) >>> 0;
}
