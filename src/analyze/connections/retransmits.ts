/** Segments that were sent again: a socket's own, and a listener's answers to handshakes. */
import { formatAddress } from '../../base/address.js';
import type { RecordCursor } from '../../capture/events.js';
import { Flag } from '../../capture/layout.gen.js';
import { cookieAt } from '../normalize.js';
import { isSynchronized, requestKey } from '../socket.js';
import type { Context } from './context.js';

/** Handshakes of which a server's second SYN-ACK is remembered; more are only counted. */
const MAX_REQUESTS = 10_000;

export class Retransmits {
  /** SYN-ACKs that had to be sent again. */
  synacks = 0;
  readonly #with: Context;

  constructor(context: Context) {
    this.#with = context;
  }

  handle(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.RETRANSMIT;
    const counts = atNs >= this.#with.countedFromNs;
    if ((event.u16(at.flags) & Flag.SYNACK) !== 0) {
      if (counts) this.synacks++;
      this.#resendSynAck(event);
      return;
    }
    const socket = this.#with.sockets.find(cookieAt(event, at.cookie));
    if (socket === undefined) return;
    if (counts) socket.retransmits++;
    else socket.retransmitsBefore++;
    if (isSynchronized(event.u8(at.state))) socket.synchronized = true;
    if (counts) this.#with.sink.retransmitted(socket, atNs);
  }

  #resendSynAck(event: RecordCursor): void {
    const { layout, resentSynAcks } = this.#with;
    const at = layout.at.RETRANSMIT;
    const client = formatAddress(event.bytes(at.daddr, 16));
    const key = requestKey(client, event.u16(at.dport), event.u16(at.sport));
    const before = resentSynAcks.get(key);
    if (before === undefined && resentSynAcks.size >= MAX_REQUESTS) return;
    resentSynAcks.set(key, (before ?? 0) + 1);
  }
}
