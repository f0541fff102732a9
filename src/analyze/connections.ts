/**
 * Stage 3, connections: events become sockets. A state machine a socket: connecting → established → closed;
 * sockets that were there before the recording come from the first census. Guarantee: each socket is
 * reported to the next stage when it connects, when it is established and when it ends, in this order,
 * and keeps its object throughout. An answer that is read late may follow the end. Memory: the open sockets
 * and the listeners.
 */
import { formatAddress } from '../base/address.js';
import type { EventLayout, RecordCursor } from '../capture/events.js';
import { Flag, Kind, Role } from '../capture/layout.gen.js';
import type { CensusRow } from './frame.js';
import type { Turn } from './normalize.js';
import { cookieAt, emptyTurn, endpointAt, processAt, readTurn, roleName } from './normalize.js';
import type { Listeners } from './listeners.js';
import type { Endpoint } from './socket.js';
import { Socket, TcpState, isSynchronized, requestKey } from './socket.js';
import type { Attribution } from './workloads/attribution.js';
import type { Containers } from './workloads/containers.js';
import type { Process, Processes } from './workloads/processes.js';

/** What the next stage is told. */
export interface SocketSink {
  connecting(socket: Socket): void;
  established(socket: Socket): void;
  /** An exchange; `turn` is only valid during the call. */
  exchanged(socket: Socket, turn: Turn): void;
  retransmitted(socket: Socket, atNs: number): void;
  ended(socket: Socket): void;
}

/** Events that fitted no socket known, by what that means. */
export interface Strays {
  /** Sockets whose end was seen, but neither their opening nor a census row. */
  sockets: number;
  exchanges: number;
  /** Exchanges told twice. */
  repeated: number;
  /** Places in the byte streams where exchanges are missing. */
  gaps: number;
  others: number;
}

interface Surroundings {
  layout: EventLayout;
  processes: Processes;
  containers: Containers;
  attribution: Attribution;
  listeners: Listeners;
  /** SYN-ACKs sent again, by whom they were for: see `requestKey`. */
  resentSynAcks: Map<string, number>;
  /** Events before that may be of sockets that were gone when the first census was taken. */
  firstCensusNs: number;
  sink: SocketSink;
}

/** Handshakes of which a server's second SYN-ACK is remembered; more are only counted. */
const MAX_REQUESTS = 10_000;

export class Connections {
  readonly strays: Strays = { sockets: 0, exchanges: 0, repeated: 0, gaps: 0, others: 0 };
  /** SYN-ACKs that had to be sent again. */
  synackRetransmits = 0;
  /** By cookie; closed ones stay until the next stage is done with them. */
  readonly #sockets = new Map<number, Socket>();
  /** The event at hand is older than the first census. */
  #early = false;
  readonly #turn = emptyTurn();
  readonly #with: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#with = surroundings;
  }

  /** Sockets without an end so far, in the order in which they were opened. */
  get open(): Socket[] {
    return [...this.#sockets.values()].filter((socket) => !socket.closed);
  }

  /** True for a socket that has ended a short while ago. */
  hasEnded(cookie: number): boolean {
    return this.#sockets.get(cookie)?.closed ?? false;
  }

  /** Nothing more can come for this socket. */
  forget(socket: Socket): void {
    if (this.#sockets.get(socket.cookie) === socket) this.#sockets.delete(socket.cookie);
  }

  /** Takes over the first census: listeners first, so that server sockets find theirs. */
  begin(rows: readonly CensusRow[]): void {
    for (const row of rows) {
      const process = this.#censusProcess(row);
      this.#with.attribution.noteAddress(row.end.localAddr, row.end.netns);
      if (row.role === 'listener') this.#with.listeners.add(row.cookie, row.end, row.pid, process);
    }
    for (const row of rows) {
      if (row.role === 'listener' || this.#sockets.has(row.cookie)) continue;
      const socket = new Socket(row.cookie, row.role, row.end);
      // The recorder's programs run before the census does: such a socket's opening is on its way.
      if ((row.flags & Flag.PREEXISTING) === 0) continue;
      socket.preexisting = true;
      socket.pid = row.pid;
      socket.process = this.#censusProcess(row);
      // Without a process it still waits in the listener's queue, or has been closed.
      socket.accepted = row.pid !== 0 || (row.flags & Flag.ACCEPTED) !== 0;
      socket.exchangesBefore = row.exchanges;
      socket.isnLocal = row.isnLocal;
      socket.isnRemote = row.isnRemote;
      socket.lastNs = 0;
      // Its FINs are older than the recording: when they were, nobody saw.
      if ((row.flags & Flag.FIN_RECEIVED) !== 0) socket.finReceivedNs = 0;
      if ((row.flags & Flag.FIN_SENT) !== 0) socket.finSentNs = 0;
      this.#enter(socket, 'atStart');
      this.#sockets.set(row.cookie, socket);
      socket.connecting = row.state === TcpState.SYN_SENT;
      if (socket.connecting) this.#with.sink.connecting(socket);
      else this.#with.sink.established(socket);
    }
  }

  /** Handles one event, in order of time. */
  handle(event: RecordCursor, atNs: number): void {
    this.#early = atNs < this.#with.firstCensusNs;
    switch (event.kind) {
      case Kind.EXCHANGE:
        this.#exchange(event);
        break;
      case Kind.LISTEN:
        this.#listen(event);
        break;
      case Kind.CONNECT:
        this.#connect(event, atNs);
        break;
      case Kind.ESTABLISHED:
        this.#establish(event, atNs);
        break;
      case Kind.ACCEPT:
        this.#accept(event, atNs);
        break;
      case Kind.FIN:
        this.#fin(event, atNs);
        break;
      case Kind.CLOSE:
        this.#close(event, atNs);
        break;
      case Kind.RETRANSMIT:
        this.#retransmit(event, atNs);
        break;
      case Kind.RESET:
        this.#reset(event, atNs);
        break;
      case Kind.PROCESS:
        this.#process(event);
        break;
      case Kind.CGROUP: {
        const at = this.#with.layout.at.CGROUP;
        if ((event.u16(at.flags) & Flag.DIED) !== 0) break;
        const unified = event.u32(at.hierarchy) <= 1;
        this.#with.containers.noteCgroup(event.u64(at.id), event.text(at.path, 192), atNs, unified);
        break;
      }
      default:
        break;
    }
  }

  #exchange(event: RecordCursor): void {
    const { layout, sink } = this.#with;
    const socket = this.#sockets.get(cookieAt(event, layout.at.EXCHANGE.cookie));
    if (socket === undefined) {
      if (!this.#early) this.strays.exchanges++;
      return;
    }
    const turn = this.#turn;
    readTurn(event, layout, turn);
    if (this.#isRepeated(socket, turn)) {
      socket.repeated++;
      this.strays.repeated++;
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
      this.#own(socket, event.u32(layout.at.EXCHANGE.pid));
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
    if (expected >= 0 && expected !== turn.offset) this.strays.gaps++;
    socket.nextOffset = (turn.offset + turn.requestBytes) >>> 0;
    socket.synchronized = true;
  }

  #listen(event: RecordCursor): void {
    const { layout, listeners, processes, attribution } = this.#with;
    const at = layout.at.LISTEN;
    const end = endpointAt(event, at);
    const pid = event.u32(at.pid);
    listeners.add(cookieAt(event, at.cookie), end, pid, processes.get(pid) ?? null);
    attribution.noteAddress(end.localAddr, end.netns);
  }

  #connect(event: RecordCursor, atNs: number): void {
    const { layout, sink } = this.#with;
    const at = layout.at.CONNECT;
    const socket = this.#make(cookieAt(event, at.cookie), 'client', endpointAt(event, at));
    socket.openedNs = atNs;
    socket.lastNs = atNs;
    this.#own(socket, event.u32(at.pid));
    sink.connecting(socket);
  }

  #establish(event: RecordCursor, atNs: number): void {
    const { layout, sink, attribution } = this.#with;
    const at = layout.at.ESTABLISHED;
    const cookie = cookieAt(event, at.cookie);
    const role = roleName(event.u8(at.role));
    if (role === null) return;
    const end = endpointAt(event, at);
    let socket = this.#sockets.get(cookie);
    if (socket === undefined || socket.closed) {
      // A server's socket begins here; a client's only where its CONNECT was lost.
      socket = this.#make(cookie, role, end);
      this.#enter(socket, 'opens');
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
    socket.nextOffset = 0;
    sink.established(socket);
  }

  #accept(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.ACCEPT;
    const socket = this.#find(event, at.cookie);
    if (socket === undefined) return;
    socket.accepted = true;
    if (Number.isNaN(socket.acceptedNs)) socket.acceptedNs = atNs;
    this.#own(socket, event.u32(at.pid));
  }

  #fin(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.FIN;
    const socket = this.#find(event, at.cookie);
    if (socket === undefined) return;
    const flags = event.u16(at.flags);
    if ((flags & Flag.FIN_SENT) !== 0) socket.finSentNs = atNs;
    else socket.finReceivedNs = atNs;
    socket.synchronized = true;
    socket.lastNs = atNs;
  }

  #reset(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.RESET;
    const socket = this.#find(event, at.cookie);
    if (socket === undefined) return;
    const sent = (event.u16(at.flags) & Flag.RST_SENT) !== 0;
    if (sent && Number.isNaN(socket.resetSentNs)) socket.resetSentNs = atNs;
    if (!sent && Number.isNaN(socket.resetReceivedNs)) socket.resetReceivedNs = atNs;
    if (isSynchronized(event.u8(at.state))) socket.synchronized = true;
    socket.lastNs = atNs;
  }

  #retransmit(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.RETRANSMIT;
    if ((event.u16(at.flags) & Flag.SYNACK) !== 0) {
      this.synackRetransmits++;
      this.#resendSynAck(event);
      return;
    }
    const socket = this.#find(event, at.cookie);
    if (socket === undefined) return;
    socket.retransmits++;
    if (isSynchronized(event.u8(at.state))) socket.synchronized = true;
    this.#with.sink.retransmitted(socket, atNs);
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

  #close(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.CLOSE;
    const cookie = cookieAt(event, at.cookie);
    if (this.#with.listeners.close(cookie)) return;
    const socket = this.#sockets.get(cookie);
    if (socket === undefined || socket.closed) {
      if (event.u8(at.role) !== Role.LISTENER && !this.#early) this.strays.sockets++;
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
    if (socket.pid === 0) this.#own(socket, event.u32(at.pid));
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
    socket.retransmits = Math.max(socket.retransmits, event.u32(at.retransmits));
    socket.kernelExchanges = event.u32(at.exchanges) - socket.exchangesBefore - socket.repeated;
    if (socket.account !== null) socket.account.closes++;
    this.#with.sink.ended(socket);
  }

  #process(event: RecordCursor): void {
    const { layout, processes, listeners } = this.#with;
    listeners.note(processes.note(processAt(event, layout)));
  }

  #make(cookie: number, role: 'client' | 'server', end: Endpoint): Socket {
    const socket = new Socket(cookie, role, end);
    this.#sockets.set(cookie, socket);
    return socket;
  }

  /** Counts a server's socket in the account of its port. */
  #enter(socket: Socket, column: 'atStart' | 'opens'): void {
    if (socket.role !== 'server') return;
    socket.account = this.#with.listeners.accountOf(socket.end) ?? null;
    if (socket.account !== null) socket.account[column]++;
  }

  #find(event: RecordCursor, field: number): Socket | undefined {
    const socket = this.#sockets.get(cookieAt(event, field));
    if (socket === undefined && !this.#early) this.strays.others++;
    return socket;
  }

  #own(socket: Socket, pid: number): void {
    if (pid === 0 || socket.pid !== 0) return;
    socket.pid = pid;
    socket.process = this.#with.processes.get(pid) ?? null;
  }

  #censusProcess(row: CensusRow): Process | null {
    if (row.pid === 0) return null;
    const { pid, comm, ownerCgroup } = row;
    return this.#with.processes.note({
      pid,
      started: 0,
      ppid: 0,
      cgroup: ownerCgroup,
      comm,
      exe: '',
    });
  }
}
