/**
 * The ledger: for each listener, sockets in the first census + opened − closed must be the sockets in the last
 * census. Where it does not add up, the rows say which sockets are to blame.
 */
import type { CensusRow } from './frame.js';
import type { Listener, Socket } from './socket.js';

export interface LedgerRow {
  listener: Listener;
  /** Open by the events, but held by no process in the last census: already shut down, never accepted, or unseen. */
  missing: { shutDown: number; neverAccepted: number; unexplained: number };
  /** In the last census, but no event opened it. */
  unopened: number;
}

/** What does not add up, for listeners where something does not. */
export function balance(
  listeners: readonly Listener[],
  open: Iterable<Socket>,
  lastCensus: readonly CensusRow[],
): LedgerRow[] {
  const rows = new Map<string, LedgerRow>();
  const key = (netns: number, port: number): string => `${netns} ${port}`;
  for (const listener of listeners) {
    rows.set(key(listener.end.netns, listener.end.localPort), {
      listener,
      missing: { shutDown: 0, neverAccepted: 0, unexplained: 0 },
      unopened: 0,
    });
  }
  const openCookies = new Set<number>();
  for (const socket of open) {
    openCookies.add(socket.cookie);
    const row = rows.get(key(socket.end.netns, socket.end.localPort));
    if (socket.role !== 'server' || row === undefined || socket.inLastCensus) continue;
    if (!socket.accepted) row.missing.neverAccepted++;
    else if (!Number.isNaN(socket.finSentNs)) row.missing.shutDown++;
    else row.missing.unexplained++;
  }
  const counted = new Set<number>();
  for (const { cookie, role, end } of lastCensus) {
    const row = rows.get(key(end.netns, end.localPort));
    if (role !== 'server' || row === undefined || counted.has(cookie)) continue;
    counted.add(cookie);
    row.listener.atEnd++;
    if (!openCookies.has(cookie)) row.unopened++;
  }
  return [...rows.values()].filter((r) => r.missing.unexplained > 0 || r.unopened > 0);
}
