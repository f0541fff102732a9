/** What the parts of the connections stage work with, and whom they tell. */
import type { EventLayout } from '../../capture/events.js';
import type { Ends } from '../ends.js';
import type { Listeners } from '../listeners.js';
import type { Socket } from '../socket.js';
import type { Attribution } from '../workloads/attribution.js';
import type { Containers } from '../workloads/containers.js';
import type { Processes } from '../workloads/processes.js';
import type { Sockets } from './sockets.js';

/** What the next stage is told. */
export interface SocketSink {
  connecting(socket: Socket): void;
  established(socket: Socket): void;
  /** The turn that waits in this row makes way for the next one. */
  overtaken(ends: Ends, row: number): void;
  /** The end whose row this is tells an exchange: its latest turn. */
  exchanged(ends: Ends, row: number): void;
  retransmitted(socket: Socket, atNs: number): void;
  ended(socket: Socket): void;
}

export interface Surroundings {
  layout: EventLayout;
  processes: Processes;
  containers: Containers;
  attribution: Attribution;
  listeners: Listeners;
  /** SYN-ACKs sent again, by whom they were for: see `requestKey`. */
  resentSynAcks: Map<string, number>;
  /** Events before that may be of sockets that were gone when the first census was taken. */
  firstCensusNs: number;
  /** Of a cut only exchanges that began in it count; without one -Infinity and Infinity. */
  countedFromNs: number;
  countedUntilNs: number;
  sink: SocketSink;
}

/** The same with the sockets known so far. */
export interface Context extends Surroundings {
  sockets: Sockets;
}

/** Counts a server's socket in the account of its port. */
export function enter(context: Context, socket: Socket, column: 'atStart' | 'opens'): void {
  if (socket.role !== 'server') return;
  socket.account = context.listeners.accountOf(socket.end) ?? null;
  if (socket.account !== null) socket.account[column]++;
}
