/** The sockets that the connections stage knows, by cookie, and what fitted none of them. */
import { Ends } from '../ends.js';
import type { Endpoint } from '../socket.js';
import { Socket } from '../socket.js';
import { Cookies } from './cookies.js';
import type { Processes } from '../workloads/processes.js';

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

export class Sockets {
  readonly strays: Strays = { sockets: 0, exchanges: 0, repeated: 0, gaps: 0, others: 0 };
  /** What the exchanges of all sockets change. */
  readonly ends = new Ends(64);
  /** The event at hand is older than the first census. */
  early = false;
  /** Closed ones stay until the next stage is done with them. */
  readonly #byCookie = new Map<number, Socket>();
  /** The same, for the many events of exchanges. */
  readonly #index = new Cookies();
  readonly #processes: Processes;

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Sockets without an end so far, in the order in which they were opened. */
  get open(): Socket[] {
    return [...this.#byCookie.values()].filter((socket) => !socket.closed);
  }

  get(cookie: number): Socket | undefined {
    return this.#byCookie.get(cookie);
  }

  /** Row of a socket in `ends` by the halves of its cookie, as signed integers; or NO_ROW. */
  rowOf(low: number, high: number): number {
    return this.#index.get(low, high);
  }

  /** The socket that an event is of; one that nobody knows is counted. */
  find(cookie: number): Socket | undefined {
    const socket = this.#byCookie.get(cookie);
    if (socket === undefined && !this.early) this.strays.others++;
    return socket;
  }

  make(cookie: number, role: 'client' | 'server', end: Endpoint): Socket {
    const socket = new Socket(cookie, role, end, this.ends);
    this.#byCookie.set(cookie, socket);
    this.#index.set(cookie, socket.row);
    return socket;
  }

  /** Nothing more can come for this socket. */
  forget(socket: Socket): void {
    if (socket.forgotten) return;
    socket.forgotten = true;
    this.ends.release(socket.row);
    if (this.#byCookie.get(socket.cookie) !== socket) return;
    this.#byCookie.delete(socket.cookie);
    this.#index.delete(socket.cookie);
  }

  /** Its process is seen for the first time. */
  own(socket: Socket, pid: number): void {
    if (pid === 0 || socket.pid !== 0) return;
    socket.pid = pid;
    socket.process = this.#processes.get(pid) ?? null;
  }
}
