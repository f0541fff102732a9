/**
 * The ledger: for each port, sockets in the first census + opened − closed must be the sockets in the last
 * census and those that no process holds any more. Where it does not add up, the rows say which sockets
 * are to blame.
 */
import type { CensusRow } from './frame.js';
import type { Account, Listener } from './listeners.js';
import type { LedgerRow } from './model.js';
import type { Socket } from './socket.js';
import { count } from './words.js';

/** A row before the name of the service is known. */
export type Balance = Omit<LedgerRow, 'service'>;

/**
 * One row for each account. Sockets that no census can show are no difference, as `clean` has found; neither
 * are those that ended while the last census was taken.
 * @param listening the listeners without an end.
 * @param ended the cookie's socket was known, and has ended.
 */
export function balance(
  accounts: readonly Account[],
  listening: Iterable<Listener>,
  open: readonly Socket[],
  lastCensus: readonly CensusRow[],
  ended: (cookie: number) => boolean,
): Balance[] {
  const key = (netns: number, port: number): string => `${netns} ${port}`;
  const rows = new Map(
    accounts.map((account) => [key(account.netns, account.port), empty(account)]),
  );
  for (const socket of open) {
    const end = socket.role === 'server' ? socket.end : socket.link?.server?.end;
    const row = end === undefined ? undefined : rows.get(key(end.netns, end.localPort));
    if (row === undefined || socket.inLastCensus) continue;
    if (socket.role === 'client') {
      if (socket.endLost) row.clients++;
    } else if (socket.account !== null) {
      if (socket.endLost) row.vanished++;
      else row.ownerless++;
    }
  }
  const held = new Set(lastCensus.map(({ cookie }) => cookie));
  for (const { cookie, end } of listening) {
    const row = rows.get(key(end.netns, end.localPort));
    if (row !== undefined && !held.has(cookie)) row.listeners++;
  }
  const opened = new Map(open.map((socket) => [socket.cookie, socket]));
  const seen = new Set<number>();
  for (const { cookie, role, end } of lastCensus) {
    const row = rows.get(key(end.netns, end.localPort));
    if (role !== 'server' || row === undefined || seen.has(cookie) || ended(cookie)) continue;
    seen.add(cookie);
    const socket = opened.get(cookie);
    // Older than the port's account, it is no part of it.
    if (socket?.account === null) continue;
    row.atEnd++;
    if (socket === undefined) row.appeared++;
  }
  return [...rows.values()];
}

function empty({ netns, port, atStart, opens, closes }: Account): Balance {
  const none = { atEnd: 0, ownerless: 0, vanished: 0, appeared: 0, clients: 0, listeners: 0 };
  return { netns, port, atStart, opens, closes, ...none };
}

/** How many sockets a row cannot account for; 0 where it balances. */
export function unaccounted({ vanished, appeared, clients, listeners }: Balance): number {
  return vanished + appeared + clients + listeners;
}

/** What a row cannot account for, in words; none where it balances. */
export function complaints({ vanished, appeared, clients, listeners }: Balance): string[] {
  return [
    ...(vanished > 0 ? [`${vanished} vanished without a close`] : []),
    ...(appeared > 0 ? [`${appeared} appeared without an opening`] : []),
    ...(clients > 0 ? [`${count(clients, "client's end", "clients' ends")} without a close`] : []),
    ...(listeners > 0 ? [`${count(listeners, 'listener')} without a close`] : []),
  ];
}
