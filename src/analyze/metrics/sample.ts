/**
 * Some connections of every edge, for the page: all of them where they are few, else every n-th in the order in
 * which they ended. No chance is in it, and what is kept grows with edges, not with connections.
 */
import type { Connection } from '../model.js';

/** Most connections kept of one edge while all edges together have few, and when they have many. */
const MOST_OF_AN_EDGE = 512;
const LEAST_OF_AN_EDGE = 16;
/** From here on the edges keep fewer each. */
const MANY = 8192;

class Kept {
  rows: Connection[] = [];
  /** Of how many one is kept, and how many have passed since. */
  stride = 1;
  passed = 0;

  thin(): number {
    const before = this.rows.length;
    this.rows = this.rows.filter((_, i) => i % 2 === 0);
    this.stride *= 2;
    return before - this.rows.length;
  }
}

export class ConnectionSample {
  readonly #byEdge = new Map<number, Kept>();
  #total = 0;
  #most = MOST_OF_AN_EDGE;

  add(row: Connection): void {
    let kept = this.#byEdge.get(row.edge);
    if (kept === undefined) this.#byEdge.set(row.edge, (kept = new Kept()));
    if (kept.passed++ % kept.stride !== 0) return;
    kept.rows.push(row);
    this.#total++;
    if (kept.rows.length > this.#most) this.#total -= kept.thin();
    if (this.#total > MANY && this.#most > LEAST_OF_AN_EDGE) this.#tighten();
  }

  /** Edge by edge, each in the order in which the connections ended. */
  rows(): Connection[] {
    return [...this.#byEdge.values()].flatMap(({ rows }) => rows);
  }

  #tighten(): void {
    this.#most /= 2;
    for (const kept of this.#byEdge.values()) {
      while (kept.rows.length > this.#most) this.#total -= kept.thin();
    }
  }
}
