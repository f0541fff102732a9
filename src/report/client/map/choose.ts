/** Which edges the map draws: all where they can be told apart, else those that matter most. */
import type { Page } from '../page.js';

/** More edges than this cannot be followed by eye. */
export const MOST_EDGES = 60;

export interface Drawn {
  /** Indexes of the drawn edges, ascending. */
  edges: number[];
  /** Indexes of the services they join, ascending. */
  services: number[];
}

/** Edges with findings first, then failing ones, then the busiest. It does not depend on the range. */
export function chooseDrawn(page: Page, everything: boolean): Drawn {
  const { edges, findings } = page.data;
  const found = new Set(findings.map(({ edge }) => edge));
  const weight = (index: number): number => {
    const edge = page.edge(index);
    return (found.has(index) ? 1e15 : 0) + edge.failures * 1e6 + edge.exchanges + edge.connections;
  };
  const ranked = edges.map((_, index) => index).sort((a, b) => weight(b) - weight(a) || a - b);
  const drawn = ranked.slice(0, everything ? ranked.length : MOST_EDGES).sort((a, b) => a - b);
  const services = new Set(
    drawn.flatMap((index) => [page.edge(index).client, page.edge(index).server]),
  );
  return { edges: drawn, services: [...services].sort((a, b) => a - b) };
}
