/** The sockets of failed connections, so that a list of events can be cut down to what led to a verdict. */
import { analyzeInMemory } from './in-memory.js';
import type { Link } from './link.js';
import { FAILURES } from './model.js';
import type { PipelineOptions } from './pipeline.js';

/** Failures do not depend on windows, so that these may be wide. */
const OPTIONS: PipelineOptions = { windowNs: 60e9, stepNs: 60e9, staleAfterNs: 30e9 };

/**
 * Cookies of the sockets at both ends, and behind a proxy, of all connections with a verdict that counts as a failure.
 * @throws DhrishtiError NOT_A_CAPTURE, NEWER_CAPTURE or FAILED.
 */
export function failedSockets(path: string): Set<number> {
  const cookies = new Set<number>();
  const note = ({ client, server, upstream }: Link): void => {
    for (const socket of [client, server, upstream?.client, upstream?.server]) {
      if (socket !== null && socket !== undefined) cookies.add(socket.cookie);
    }
  };
  analyzeInMemory(path, OPTIONS, {
    connection: (row, link) => {
      if (FAILURES.has(row.verdict)) note(link);
    },
    exchange: null,
  });
  return cookies;
}
