/** Work that nobody waits for: one piece at a time when the browser has nothing else to do, so that a reader waits for one at most. */

/** So long a piece is put off where the browser never rests, ms. */
const MOST_MS = 1000;

const pieces = new Set<() => void>();

function wake(): void {
  if ('requestIdleCallback' in window) requestIdleCallback(next, { timeout: MOST_MS });
  else setTimeout(next);
}

function next(): void {
  const [piece] = pieces;
  if (piece === undefined) return;
  pieces.delete(piece);
  if (pieces.size > 0) wake();
  piece();
}

/** Calls `piece` when the browser rests; gives what takes it back. */
export function whenIdle(piece: () => void): () => void {
  pieces.add(piece);
  if (pieces.size === 1) wake();
  return () => pieces.delete(piece);
}
