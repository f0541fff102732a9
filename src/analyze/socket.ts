/** One end of a connection, as the events of its cookie tell it. Times that are not known are NaN. */
import type { Ends } from './ends.js';
import { End, Rare, State, Word } from './ends.js';
import type { Link } from './link.js';
import type { Account } from './listeners.js';
import type { Process } from './workloads/processes.js';

/** TCP states as the kernel numbers them. */
export const TcpState = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
} as const;

/** States that a socket only comes to after its handshake. */
export function isSynchronized(state: number): boolean {
  return SYNCHRONIZED.has(state);
}

const SYNCHRONIZED: ReadonlySet<number> = new Set([
  TcpState.ESTABLISHED,
  TcpState.FIN_WAIT1,
  TcpState.FIN_WAIT2,
  TcpState.TIME_WAIT,
  TcpState.CLOSE_WAIT,
  TcpState.LAST_ACK,
  TcpState.CLOSING,
]);

/** Local and remote address of a socket and where it lives. */
export interface Endpoint {
  /** Id of the socket's cgroup, 0 where unknown. */
  cgroup: number;
  netns: number;
  localAddr: string;
  /** 0 where not bound yet. */
  localPort: number;
  remoteAddr: string;
  remotePort: number;
}

export class Socket {
  /** What its exchanges change, row `row` of `ends`. */
  readonly ends: Ends;
  readonly row: number;
  /** The connection that it is an end of. */
  link: Link | null = null;
  readonly cookie: number;
  readonly role: 'client' | 'server';
  readonly end: Endpoint;
  /** Owner: process id (0: not known) and what was known of that process when it was seen. */
  pid = 0;
  process: Process | null = null;
  /** Was there before the recording began. */
  preexisting = false;
  /** Was there before the recording began, and had no handshake yet. */
  connecting = false;
  inLastCensus = false;
  /** Set once the capture has ended: no CLOSE was seen, and the last census does not hold it. */
  gone = false;
  /** Set with `gone` where nothing explains that: its CLOSE came and was not recorded. */
  endLost = false;
  /** It did what only an established socket does, whether ESTABLISHED was recorded or not. */
  synchronized = false;

  openedNs = NaN;
  establishedNs = NaN;
  acceptedNs = NaN;
  accepted = false;
  finSentNs = NaN;
  finReceivedNs = NaN;
  resetSentNs = NaN;
  resetReceivedNs = NaN;
  closedNs = NaN;
  isnLocal = 0;
  isnRemote = 0;

  /** From CLOSE; `err` and `oldState` are 0 before. */
  err = 0;
  oldState = 0;
  bytesSent = NaN;
  bytesReceived = NaN;
  unread = 0;
  rttUs = 0;
  retransmits = 0;
  /** Those before the cut that is analyzed. */
  retransmitsBefore = 0;
  /** Exchanges that the kernel counted; -1 before CLOSE. */
  kernelExchanges = -1;
  /** Those that it had counted before the capture began. */
  exchangesBefore = 0;

  /** Exchange events that said the same once more. */
  repeated = 0;

  /** Nothing more can come for it, and its row is another's. */
  forgotten = false;

  /** The account of its port that it was counted in; only a server's is. */
  account: Account | null = null;

  constructor(cookie: number, role: 'client' | 'server', end: Endpoint, ends: Ends) {
    this.ends = ends;
    this.cookie = cookie;
    this.role = role;
    this.row = ends.add(this);
    this.end = end;
  }

  /** Last sign of life. */
  get lastNs(): number {
    return this.ends.numbers[this.row / 2 + End.lastNs]!;
  }

  set lastNs(ns: number) {
    this.ends.numbers[this.row / 2 + End.lastNs] = ns;
  }

  /** Exchange events with a response. */
  get exchanges(): number {
    return this.ends.words[this.row + Word.exchanges]!;
  }

  /** The next exchange is the first. */
  beginStream(): void {
    this.ends.set(this.row, State.FOLLOWS);
  }

  get closed(): boolean {
    return !Number.isNaN(this.closedNs);
  }

  /** The handshake was done, or the socket was there when the recording began. */
  get established(): boolean {
    return (
      (this.preexisting && !this.connecting) ||
      this.synchronized ||
      !Number.isNaN(this.establishedNs)
    );
  }

  /**
   * A process held the server's socket: it was seen to accept it, or the socket did what none does by itself in
   * the listener's queue.
   */
  get taken(): boolean {
    return (
      this.accepted ||
      this.exchanges + this.ends.rare(this.row, Rare.unanswered) > 0 ||
      !Number.isNaN(this.finSentNs) ||
      this.bytesSent > 0
    );
  }
}

/** Names a handshake as the listener sees it: the client's address and port, the port listened on. */
export function requestKey(clientAddr: string, clientPort: number, port: number): string {
  return `${clientAddr} ${clientPort} ${port}`;
}

/** `null` for a time or number that is not known. */
export function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
