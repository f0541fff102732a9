/**
 * Stage 4, clean: at the end of the capture, says of each socket without an end whether the last census still
 * holds it. What is neither held nor closed is `gone`: its end was not recorded. The verdict of
 * `stale` follows from that and from `--stale-after`. Everything that had to be repaired is counted.
 */
import type { CensusRow } from './frame.js';
import type { Socket } from './socket.js';

export interface Repairs {
  /** Sockets without a CLOSE that the last census does not hold. */
  gone: number;
  /** Sockets without a CLOSE in a capture without a last census: nobody knows. */
  undecided: number;
}

/** Marks the open sockets. `lastCensus` is null where the recording did not come to it. */
export function clean(open: Iterable<Socket>, lastCensus: readonly CensusRow[] | null): Repairs {
  const repairs: Repairs = { gone: 0, undecided: 0 };
  const held = new Map((lastCensus ?? []).map((row) => [row.cookie, row]));
  for (const socket of open) {
    const row = held.get(socket.cookie);
    if (row !== undefined) {
      socket.inLastCensus = true;
      // A process holds it: it was accepted, though nothing was read from it yet.
      socket.accepted = true;
      socket.bytesSent = row.bytesSent;
      socket.bytesReceived = row.bytesReceived;
      if (socket.pid === 0) socket.pid = row.pid;
    } else if (lastCensus === null) {
      repairs.undecided++;
    } else {
      socket.gone = true;
      repairs.gone++;
    }
  }
  return repairs;
}
