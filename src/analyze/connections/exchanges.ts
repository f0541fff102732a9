/** EXCHANGE events become turns of their sockets; those told twice and those missing are counted. */
import type { RecordCursor } from '../../capture/events.js';
import { Flag } from '../../capture/layout.gen.js';
import { AT_HAND, End } from '../ends.js';
import type { Context } from './context.js';

export class Exchanges {
  readonly #with: Context;

  constructor(context: Context) {
    this.#with = context;
  }

  handle(event: RecordCursor): void {
    const { layout, sink, sockets, countedFromNs, countedUntilNs } = this.#with;
    const at = layout.at.EXCHANGE;
    const { cookie } = at;
    const socket = sockets.of(event.i32(cookie), cookie < 0 ? 0 : event.i32(cookie + 4));
    if (socket === undefined) {
      if (!sockets.early) sockets.strays.exchanges++;
      return;
    }
    const { ends } = sockets;
    ends.read(event, layout);
    const { row } = socket;
    if (this.#isRepeated(row)) {
      socket.repeated++;
      sockets.strays.repeated++;
      return;
    }
    this.#follow(row);
    if (!socket.synchronized) socket.synchronized = true;
    const { numbers } = ends;
    const startNs = numbers[AT_HAND + End.startNs]!;
    const lastByteNs = startNs + numbers[AT_HAND + End.totalUs]! * 1e3;
    const answered = (numbers[AT_HAND + End.flags]! & Flag.NO_RESPONSE) === 0;
    if (startNs < countedFromNs || startNs >= countedUntilNs) {
      // It is the neighbouring cut's; what it says of the socket holds.
      socket.accepted = true;
      if (answered) socket.exchangesBefore++;
      return;
    }
    if (lastByteNs < 0 && answered) {
      // Over before the capture began, and told with the next turn.
      socket.exchangesBefore++;
      return;
    }
    numbers[row + (answered ? End.exchanges : End.unanswered)]!++;
    // The event comes out when the next turn begins, or at the very end: neither is a sign of life.
    const aliveNs = Math.min(lastByteNs, countedUntilNs);
    if (!(numbers[row + End.lastNs]! >= aliveNs)) numbers[row + End.lastNs] = aliveNs;
    if (socket.pid === 0) sockets.own(socket, event.u32(at.pid));
    sink.exchanged(socket);
  }

  /** The last flush of a recording and the close of a socket, on two CPUs, may both tell its last exchange. */
  #isRepeated(row: number): boolean {
    const { numbers } = this.#with.sockets.ends;
    const offset = numbers[AT_HAND + End.offset]!;
    const startNs = numbers[AT_HAND + End.startNs]!;
    const same =
      offset === numbers[row + End.lastOffset] &&
      Math.abs(startNs - numbers[row + End.lastStartNs]!) <= 1e6;
    numbers[row + End.lastOffset] = offset;
    numbers[row + End.lastStartNs] = startNs;
    return same;
  }

  /** One exchange begins where the one before ended: what lies between was not recorded. */
  #follow(row: number): void {
    const { ends, strays } = this.#with.sockets;
    const { numbers } = ends;
    const expected = numbers[row + End.nextOffset]!;
    const offset = numbers[AT_HAND + End.offset]!;
    if (expected >= 0 && expected !== offset) strays.gaps++;
    const next = offset + numbers[AT_HAND + End.requestBytes]!;
    numbers[row + End.nextOffset] = next >= 4_294_967_296 ? next - 4_294_967_296 : next;
  }
}
