/**
 * The ledger: for each port, sockets in the first census + opened − closed must be the sockets in the last
 * census. Where it does not add up, the rows say which sockets are to blame.
 */
import type { CensusRow } from './frame.js';
import type { Account } from './listeners.js';
import type { Socket } from './socket.js';

export interface LedgerRow {
  account: Account;
  atEnd: number;
  /** Open by the events, but no process holds it in the last census, though one did. */
  vanished: number;
  /** In the last census, but no event opened it. */
  appeared: number;
}

/**
 * What does not add up. Sockets that no census can show are no difference: those that their process has shut
 * down already, and those that no process took from the queue. Neither are those that ended while the
 * last census was taken.
 * @param ended the cookie's socket was known, and has ended.
 */
export function balance(
  accounts: readonly Account[],
  open: readonly Socket[],
  lastCensus: readonly CensusRow[],
  ended: (cookie: number) => boolean,
): LedgerRow[] {
  const key = (netns: number, port: number): string => `${netns} ${port}`;
  const rows = new Map<string, LedgerRow>(
    accounts.map((account) => [
      key(account.netns, account.port),
      { account, atEnd: 0, vanished: 0, appeared: 0 },
    ]),
  );
  for (const socket of open) {
    const row = rows.get(key(socket.end.netns, socket.end.localPort));
    if (socket.role !== 'server' || row === undefined || socket.inLastCensus) continue;
    if (socket.accepted && Number.isNaN(socket.finSentNs)) row.vanished++;
  }
  const openCookies = new Set(open.map((socket) => socket.cookie));
  const seen = new Set<number>();
  for (const { cookie, role, end } of lastCensus) {
    const row = rows.get(key(end.netns, end.localPort));
    if (role !== 'server' || row === undefined || seen.has(cookie) || ended(cookie)) continue;
    seen.add(cookie);
    row.atEnd++;
    if (!openCookies.has(cookie)) row.appeared++;
  }
  return [...rows.values()].filter((row) => row.vanished > 0 || row.appeared > 0);
}
