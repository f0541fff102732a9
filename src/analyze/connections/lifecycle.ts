/** The states of one socket: connecting → established → accepted → closing → closed, as its events tell them. */
import type { RecordCursor } from '../../capture/events.js';
import { Flag, Role } from '../../capture/layout.gen.js';
import { cookieAt, endpointAt, roleName } from '../normalize.js';
import { isSynchronized } from '../socket.js';
import type { Context } from './context.js';
import { enter } from './context.js';

export class Lifecycle {
  readonly #with: Context;

  constructor(context: Context) {
    this.#with = context;
  }

  connect(event: RecordCursor, atNs: number): void {
    const { layout, sink } = this.#with;
    const at = layout.at.CONNECT;
    const socket = this.#with.sockets.make(
      cookieAt(event, at.cookie),
      'client',
      endpointAt(event, at),
    );
    socket.openedNs = atNs;
    socket.lastNs = atNs;
    this.#with.sockets.own(socket, event.u32(at.pid));
    sink.connecting(socket);
  }

  establish(event: RecordCursor, atNs: number): void {
    const { layout, sink, attribution } = this.#with;
    const at = layout.at.ESTABLISHED;
    const cookie = cookieAt(event, at.cookie);
    const role = roleName(event.u8(at.role));
    if (role === null) return;
    const end = endpointAt(event, at);
    let socket = this.#with.sockets.get(cookie);
    if (socket === undefined || socket.closed) {
      // A server's socket begins here; a client's only where its CONNECT was lost.
      socket = this.#with.sockets.make(cookie, role, end);
      enter(this.#with, socket, 'opens');
    } else {
      // CONNECT could not know the local port yet, and often not the local address.
      Object.assign(socket.end, end, { cgroup: end.cgroup || socket.end.cgroup });
    }
    attribution.noteAddress(end.localAddr, end.netns);
    socket.establishedNs = atNs;
    socket.lastNs = atNs;
    socket.isnLocal = event.u32(at.isn_local);
    socket.isnRemote = event.u32(at.isn_remote);
    // The first census had it as established already: this happened while that was read.
    if (socket.preexisting && !socket.connecting) return;
    socket.connecting = false;
    socket.beginStream();
    sink.established(socket);
  }

  accept(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.ACCEPT;
    const socket = this.#with.sockets.find(cookieAt(event, at.cookie));
    if (socket === undefined) return;
    socket.accepted = true;
    if (Number.isNaN(socket.acceptedNs)) socket.acceptedNs = atNs;
    this.#with.sockets.own(socket, event.u32(at.pid));
  }

  fin(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.FIN;
    const socket = this.#with.sockets.find(cookieAt(event, at.cookie));
    if (socket === undefined) return;
    const flags = event.u16(at.flags);
    if ((flags & Flag.FIN_SENT) !== 0) socket.finSentNs = atNs;
    else socket.finReceivedNs = atNs;
    socket.synchronized = true;
    socket.lastNs = atNs;
  }

  reset(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.RESET;
    const socket = this.#with.sockets.find(cookieAt(event, at.cookie));
    if (socket === undefined) return;
    const sent = (event.u16(at.flags) & Flag.RST_SENT) !== 0;
    if (sent && Number.isNaN(socket.resetSentNs)) socket.resetSentNs = atNs;
    if (!sent && Number.isNaN(socket.resetReceivedNs)) socket.resetReceivedNs = atNs;
    if (isSynchronized(event.u8(at.state))) socket.synchronized = true;
    socket.lastNs = atNs;
  }

  close(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.CLOSE;
    const cookie = cookieAt(event, at.cookie);
    if (this.#with.listeners.close(cookie)) return;
    const socket = this.#with.sockets.get(cookie);
    if (socket === undefined || socket.closed) {
      if (event.u8(at.role) !== Role.LISTENER && !this.#with.sockets.early)
        this.#with.sockets.strays.sockets++;
      return;
    }
    const flags = event.u16(at.flags);
    const once = (before: number, bit: number): number =>
      Number.isNaN(before) && (flags & bit) !== 0 ? atNs : before;
    socket.finSentNs = once(socket.finSentNs, Flag.FIN_SENT);
    socket.finReceivedNs = once(socket.finReceivedNs, Flag.FIN_RECEIVED);
    socket.resetSentNs = once(socket.resetSentNs, Flag.RST_SENT);
    socket.resetReceivedNs = once(socket.resetReceivedNs, Flag.RST_RECEIVED);
    if ((flags & Flag.ACCEPTED) !== 0) socket.accepted = true;
    if (socket.pid === 0) this.#with.sockets.own(socket, event.u32(at.pid));
    socket.end.localPort = event.u16(at.sport) || socket.end.localPort;
    socket.closedNs = atNs;
    socket.lastNs = atNs;
    socket.err = event.u16(at.err);
    socket.oldState = event.u8(at.old_state);
    if (isSynchronized(socket.oldState)) socket.synchronized = true;
    socket.bytesSent = event.u64(at.bytes_sent);
    socket.bytesReceived = event.u64(at.bytes_received);
    socket.unread = event.u32(at.unread);
    socket.rttUs = event.u32(at.srtt_us);
    const retransmits = event.u32(at.retransmits) - socket.retransmitsBefore;
    socket.retransmits = Math.max(socket.retransmits, retransmits);
    socket.kernelExchanges = event.u32(at.exchanges) - socket.exchangesBefore - socket.repeated;
    if (socket.account !== null) socket.account.closes++;
    this.#with.sink.ended(socket);
  }
}
