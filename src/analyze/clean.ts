/**
 * Stage 4, clean: at the end of the capture, says of each socket without an end whether the last census still
 * holds it. What is neither held nor closed is `gone`. Some of these no census can show: those in a
 * listener's queue, and those that their process has shut down and the kernel has not. Of all others the
 * end was not recorded. The verdicts `stale` and `unknown` follow from that and from
 * `--stale-after`. Everything that had to be repaired is counted.
 */
import type { CensusRow } from './frame.js';
import type { Socket } from './socket.js';
import { isSynchronized } from './socket.js';

export interface Repairs {
  /** Sockets whose CLOSE was not recorded. */
  endLost: number;
  /** Sockets without a CLOSE in a capture without a last census: nobody knows. */
  undecided: number;
}

/** How long the kernel may take to end a socket that both sides have closed. */
const LINGER_NS = 500e6;

/** Marks the open sockets. `lastCensus` is null where the recording did not come to it. */
export function clean(
  open: Iterable<Socket>,
  lastCensus: readonly CensusRow[] | null,
  { endNs, lastCensusNs }: { endNs: number; lastCensusNs: number },
): Repairs {
  const repairs: Repairs = { endLost: 0, undecided: 0 };
  const held = new Map((lastCensus ?? []).map((row) => [row.cookie, row]));
  for (const socket of open) {
    const row = held.get(socket.cookie);
    if (row !== undefined) {
      socket.inLastCensus = true;
      // A process holds it: it was accepted, though nothing was read from it yet.
      socket.accepted = true;
      if (isSynchronized(row.state)) socket.synchronized = true;
      socket.bytesSent = row.bytesSent;
      socket.bytesReceived = row.bytesReceived;
      if (socket.pid === 0) socket.pid = row.pid;
    } else if (lastCensus === null) {
      repairs.undecided++;
    } else if (socket.openedNs >= lastCensusNs || socket.establishedNs >= lastCensusNs) {
      // Opened while the census was taken: it need not be in it.
      continue;
    } else {
      socket.gone = true;
      socket.endLost = !lingers(socket, endNs);
      if (socket.endLost) repairs.endLost++;
    }
  }
  return repairs;
}

/** True for a socket that lives on without a process, or may do so for all that is known. */
function lingers(socket: Socket, endNs: number): boolean {
  if (socket.role === 'server' && !socket.taken) return true;
  if (Number.isNaN(socket.finSentNs)) return false;
  const partner = socket.role === 'server' ? socket.link?.client : socket.link?.server;
  const { finSentNs, finReceivedNs } = socket;
  const dueNs = [Math.max(finSentNs, finReceivedNs), partner?.closedNs ?? NaN].filter(
    (ns) => !Number.isNaN(ns),
  );
  return !dueNs.some((ns) => endNs - ns > LINGER_NS);
}
