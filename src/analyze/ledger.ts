/**
 * The ledger: for each port, sockets in the first census + opened − closed must be the sockets in the last
 * census. Where it does not add up, the rows say which sockets are to blame.
 */
import type { CensusRow } from './frame.js';
import type { Account, Listener } from './listeners.js';
import type { Socket } from './socket.js';

export interface LedgerRow {
  account: Account;
  atEnd: number;
  /** Sockets that the port gave birth to whose end was not recorded. */
  vanished: number;
  /** In the last census, but no event opened it. */
  appeared: number;
  /** Clients of this port whose end was not recorded. */
  clients: number;
  /** Listeners that no event closed, and that no process holds in the last census. */
  listeners: number;
}

/**
 * What does not add up. Sockets that no census can show are no difference, as `clean` has found; neither are
 * those that ended while the last census was taken.
 * @param listening the listeners without an end.
 * @param ended the cookie's socket was known, and has ended.
 */
export function balance(
  accounts: readonly Account[],
  listening: Iterable<Listener>,
  open: readonly Socket[],
  lastCensus: readonly CensusRow[],
  ended: (cookie: number) => boolean,
): LedgerRow[] {
  const key = (netns: number, port: number): string => `${netns} ${port}`;
  const rows = new Map<string, LedgerRow>(
    accounts.map((account) => [
      key(account.netns, account.port),
      { account, atEnd: 0, vanished: 0, appeared: 0, clients: 0, listeners: 0 },
    ]),
  );
  for (const socket of open) {
    const end = socket.role === 'server' ? socket.end : socket.link?.server?.end;
    const row = end === undefined ? undefined : rows.get(key(end.netns, end.localPort));
    if (row === undefined || !socket.endLost) continue;
    if (socket.role === 'server') row.vanished++;
    else row.clients++;
  }
  const held = new Set(lastCensus.map(({ cookie }) => cookie));
  for (const { cookie, end } of listening) {
    const row = rows.get(key(end.netns, end.localPort));
    if (row !== undefined && !held.has(cookie)) row.listeners++;
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
  return [...rows.values()].filter(
    (row) => row.vanished + row.appeared + row.clients + row.listeners > 0,
  );
}
