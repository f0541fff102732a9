/**
 * Takes the events of a capture of which only a part is asked for. Those before it are followed, so that connections
 * are known, and nothing is counted; where it begins, what is open counts as older, as if the recording had begun
 * there. Of those after it two are heard: an exchange that began in it and is told later, and a CLOSE, as it says that
 * the socket was still there at the end.
 */
import type { RecordCursor } from '../../capture/events.js';
import { Kind } from '../../capture/layout.gen.js';
import type { Connections } from '../connections.js';
import type { CensusRow } from '../frame.js';
import type { Socket } from '../socket.js';

export class Phases {
  /** Events of the cut. */
  count = 0;
  readonly #connections: Connections;
  readonly #untilNs: number;
  #begun = false;

  /** @param untilNs the cut's end, in its own time; Infinity where it ends with the recording. */
  constructor(connections: Connections, untilNs: number) {
    this.#connections = connections;
    this.#untilNs = untilNs;
  }

  /** Handles one event, in order of time; true where it is one of the cut's. */
  handle(event: RecordCursor, atNs: number): boolean {
    if (atNs >= 0) this.begin();
    if (atNs >= this.#untilNs) {
      if (event.kind === Kind.EXCHANGE) this.#connections.exchangedLater(event, atNs);
      else if (event.kind === Kind.CLOSE) this.#connections.closedLater(event);
      return false;
    }
    this.#connections.handle(event, atNs);
    if (atNs < 0) return false;
    this.count++;
    return true;
  }

  /** The cut begins, if it has not: also where no event lies in it. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#connections.startOver();
  }
}

/**
 * What a census at the end of a cut would have found, from what came later; null where the recording did not come to
 * its own last one. What sockets had sent by then nobody knows.
 */
export function censusAt(
  open: readonly Socket[],
  lastCensus: readonly CensusRow[] | null,
): CensusRow[] | null {
  if (lastCensus === null) return null;
  const held = new Set(lastCensus.map(({ cookie }) => cookie));
  return open
    .filter(({ cookie, inLastCensus }) => inLastCensus || held.has(cookie))
    .map(({ cookie, role, end, pid, isnLocal, isnRemote }) => ({
      cookie,
      role,
      end,
      pid,
      comm: '',
      ownerCgroup: 0,
      state: 0,
      isnLocal,
      isnRemote,
      bytesSent: NaN,
      bytesReceived: NaN,
      flags: 0,
      exchanges: 0,
    }));
}
