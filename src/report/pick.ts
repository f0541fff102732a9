/** Chooses which failures get a row of their own: some of every kind, spread over the time they took. */
import type { Connection } from '../analyze/model.js';

/** When a connection's failure was known, in ns: at its end. */
export function failedAtNs(connection: Connection): number {
  return (
    connection.closedNs ??
    connection.acceptedNs ??
    connection.establishedNs ??
    connection.openedNs ??
    0
  );
}

function inTime(a: Connection, b: Connection): number {
  return failedAtNs(a) - failedAtNs(b) || a.id - b.id;
}

/** `count` values of `rows` at even distances, first and last included. */
function spread<T>(rows: readonly T[], count: number): T[] {
  if (rows.length <= count) return [...rows];
  if (count === 1) return rows.slice(0, 1);
  const distance = (rows.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => rows[Math.round(i * distance)]!);
}

/**
 * At most `most` of the failures, in time order. Each edge and verdict gets an equal part, and what a
 * small group leaves goes to the larger ones, so that a flood of one kind cannot hide a rare one.
 */
export function pickFailures(failures: readonly Connection[], most: number): Connection[] {
  const groups = new Map<string, Connection[]>();
  for (const failure of [...failures].sort(inTime)) {
    const key = `${failure.edge} ${failure.verdict}`;
    const rows = groups.get(key);
    if (rows === undefined) groups.set(key, [failure]);
    else rows.push(failure);
  }
  let left = most;
  const picked: Connection[] = [];
  const bySize = [...groups.values()].sort((a, b) => a.length - b.length);
  for (const [i, rows] of bySize.entries()) {
    const part = spread(rows, Math.min(rows.length, Math.floor(left / (bySize.length - i))));
    picked.push(...part);
    left -= part.length;
  }
  return picked.sort(inTime);
}
