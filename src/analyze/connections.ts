/**
 * Stage 3, connections: events become sockets. A state machine a socket: connecting → established → closed;
 * sockets that were there before the recording come from the first census. Guarantee: each socket is
 * reported to the next stage when it connects, when it is established and when it ends, in this order,
 * and keeps its object throughout. An answer that is read late may follow the end. Memory: the open sockets
 * and the listeners.
 */
import type { RecordCursor } from '../capture/events.js';
import { Flag, Kind } from '../capture/layout.gen.js';
import { begin } from './connections/census.js';
import type { Context, Surroundings } from './connections/context.js';
import { Exchanges } from './connections/exchanges.js';
import { Lifecycle } from './connections/lifecycle.js';
import { Retransmits } from './connections/retransmits.js';
import type { Strays } from './connections/sockets.js';
import { Sockets } from './connections/sockets.js';
import { startOver } from './connections/start-over.js';
import type { CensusRow } from './frame.js';
import { cookieAt, endpointAt, processAt } from './normalize.js';
import type { Socket } from './socket.js';

export class Connections {
  readonly #with: Context;
  readonly #lifecycle: Lifecycle;
  readonly #exchanges: Exchanges;
  readonly #retransmits: Retransmits;

  constructor(surroundings: Surroundings) {
    this.#with = { ...surroundings, sockets: new Sockets(surroundings.processes) };
    this.#lifecycle = new Lifecycle(this.#with);
    this.#exchanges = new Exchanges(this.#with);
    this.#retransmits = new Retransmits(this.#with);
  }

  get strays(): Readonly<Strays> {
    return this.#with.sockets.strays;
  }

  /** SYN-ACKs that had to be sent again. */
  get synackRetransmits(): number {
    return this.#retransmits.synacks;
  }

  /** Sockets without an end so far, in the order in which they were opened. */
  get open(): Socket[] {
    return this.#with.sockets.open;
  }

  /** True for a socket that has ended a short while ago. */
  hasEnded(cookie: number): boolean {
    return this.#with.sockets.get(cookie)?.closed ?? false;
  }

  /** Nothing more can come for this socket. */
  forget(socket: Socket): void {
    this.#with.sockets.forget(socket);
  }

  /** Takes over the first census. */
  begin(rows: readonly CensusRow[]): void {
    begin(rows, this.#with);
  }

  /** A cut of the capture begins: what is open was there before, and all counts begin anew. */
  startOver(): void {
    startOver(this.#with);
  }

  /** An EXCHANGE after the end of a cut, in which it may have begun. */
  exchangedLater(event: RecordCursor, atNs: number): void {
    const { layout, sockets } = this.#with;
    const socket = sockets.get(cookieAt(event, layout.at.EXCHANGE.cookie));
    if (socket !== undefined) this.#exchanges.handle(event, atNs);
  }

  /** A CLOSE after the end of a cut: its socket was there when the cut ended. */
  closedLater(event: RecordCursor): void {
    const { layout, sockets } = this.#with;
    const socket = sockets.get(cookieAt(event, layout.at.CLOSE.cookie));
    if (socket?.closed === false) socket.inLastCensus = true;
  }

  /** Handles one event, in order of time. */
  handle(event: RecordCursor, atNs: number): void {
    this.#with.sockets.early = atNs < this.#with.firstCensusNs;
    switch (event.kind) {
      case Kind.EXCHANGE:
        this.#exchanges.handle(event, atNs);
        break;
      case Kind.LISTEN:
        this.#listen(event);
        break;
      case Kind.CONNECT:
        this.#lifecycle.connect(event, atNs);
        break;
      case Kind.ESTABLISHED:
        this.#lifecycle.establish(event, atNs);
        break;
      case Kind.ACCEPT:
        this.#lifecycle.accept(event, atNs);
        break;
      case Kind.FIN:
        this.#lifecycle.fin(event, atNs);
        break;
      case Kind.CLOSE:
        this.#lifecycle.close(event, atNs);
        break;
      case Kind.RETRANSMIT:
        this.#retransmits.handle(event, atNs);
        break;
      case Kind.RESET:
        this.#lifecycle.reset(event, atNs);
        break;
      case Kind.PROCESS:
        this.#process(event);
        break;
      case Kind.CGROUP:
        this.#cgroup(event, atNs);
        break;
      default:
        break;
    }
  }

  #listen(event: RecordCursor): void {
    const { layout, listeners, processes, attribution } = this.#with;
    const at = layout.at.LISTEN;
    const end = endpointAt(event, at);
    const pid = event.u32(at.pid);
    listeners.add(cookieAt(event, at.cookie), end, pid, processes.get(pid) ?? null);
    attribution.noteAddress(end.localAddr, end.netns);
  }

  #cgroup(event: RecordCursor, atNs: number): void {
    const at = this.#with.layout.at.CGROUP;
    if ((event.u16(at.flags) & Flag.DIED) !== 0) return;
    const unified = event.u32(at.hierarchy) <= 1;
    this.#with.containers.noteCgroup(event.u64(at.id), event.text(at.path, 192), atNs, unified);
  }

  #process(event: RecordCursor): void {
    const { layout, processes, listeners } = this.#with;
    listeners.note(processes.note(processAt(event, layout)));
  }
}
