/** Drawings of the map that were made, by what the reader asked for: groups are opened and closed again. */
import type { Drawing } from './draw.js';

/** So many are kept, each of some hundred elements: twice a map and what is drawn ahead of it, and some more. */
const MOST = 20;

/** Keeps the last drawings that were asked for. */
export interface Drawings {
  /** The drawing for this wish; `make` is called where it is not here. */
  of(wish: readonly unknown[], make: () => Drawing): Drawing;
}

export function createDrawings(): Drawings {
  const kept = new Map<string, Drawing>();
  return {
    of(wish, make) {
      const key = JSON.stringify(wish);
      const drawing = kept.get(key) ?? make();
      // The one that was asked for last stands last.
      kept.delete(key);
      kept.set(key, drawing);
      const [oldest] = kept.keys();
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
      return drawing;
    },
  };
}
