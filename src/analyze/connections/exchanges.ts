/** EXCHANGE events become turns of their sockets; those told twice and those missing are counted. */
import type { RecordCursor } from '../../capture/events.js';
import { Flag } from '../../capture/layout.gen.js';
import type { Turn } from '../normalize.js';
import { cookieAt, emptyTurn, readTurn } from '../normalize.js';
import type { Socket } from '../socket.js';
import type { Context } from './context.js';

export class Exchanges {
  readonly #turn = emptyTurn();
  readonly #with: Context;

  constructor(context: Context) {
    this.#with = context;
  }

  handle(event: RecordCursor): void {
    const { layout, sink } = this.#with;
    const socket = this.#with.sockets.get(cookieAt(event, layout.at.EXCHANGE.cookie));
    if (socket === undefined) {
      if (!this.#with.sockets.early) this.#with.sockets.strays.exchanges++;
      return;
    }
    const turn = this.#turn;
    readTurn(event, layout, turn);
    if (this.#isRepeated(socket, turn)) {
      socket.repeated++;
      this.#with.sockets.strays.repeated++;
      return;
    }
    this.#follow(socket, turn);
    const lastByteNs = turn.startNs + turn.totalUs * 1e3;
    if (lastByteNs < 0 && (turn.flags & Flag.NO_RESPONSE) === 0) {
      // Over before the capture began, and told with the next turn.
      socket.exchangesBefore++;
      return;
    }
    if ((turn.flags & Flag.NO_RESPONSE) === 0) socket.exchanges++;
    else socket.unanswered++;
    // The event comes out when the next turn begins, or at the very end: neither is a sign of life.
    if (!(socket.lastNs >= lastByteNs)) socket.lastNs = lastByteNs;
    if (socket.pid === 0 && event.u32(layout.at.EXCHANGE.pid) !== 0) {
      this.#with.sockets.own(socket, event.u32(layout.at.EXCHANGE.pid));
    }
    sink.exchanged(socket, turn);
  }

  /** The last flush of a recording and the close of a socket, on two CPUs, may both tell its last exchange. */
  #isRepeated(socket: Socket, turn: Turn): boolean {
    const same =
      turn.offset === socket.lastOffset && Math.abs(turn.startNs - socket.lastStartNs) <= 1e6;
    socket.lastOffset = turn.offset;
    socket.lastStartNs = turn.startNs;
    return same;
  }

  /** One exchange begins where the one before ended: what lies between was not recorded. */
  #follow(socket: Socket, turn: Turn): void {
    const expected = socket.nextOffset;
    if (expected >= 0 && expected !== turn.offset) this.#with.sockets.strays.gaps++;
    socket.nextOffset = (turn.offset + turn.requestBytes) >>> 0;
    socket.synchronized = true;
  }
}
