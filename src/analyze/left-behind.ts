/** Leaks: an end that its process still holds long after the other end has gone. */
import type { Link } from './link.js';
import type { Horizon } from './verdict.js';

/**
 * Since when a process has held an end without a use: its peer has closed, it has not, and nothing has moved for
 * longer than `--stale-after`. Null where that is not so. An idle connection that both ends hold is none.
 */
export function leftBehindNs(link: Link, { endNs, staleAfterNs }: Horizon): number | null {
  const { client, server } = link;
  for (const [held, other] of [
    [server, client],
    [client, server],
  ] as const) {
    if (held === null || held.closed || !held.inLastCensus) continue;
    if (other !== null && !other.closed) continue;
    if (Number.isNaN(held.finReceivedNs) || !Number.isNaN(held.finSentNs)) continue;
    if (endNs - held.lastNs > staleAfterNs) return held.finReceivedNs;
  }
  return null;
}
