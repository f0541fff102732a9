/** Who waited for whom: slow edges behind slow edges, and what share of a service's time went into waiting. */
import type { Cell } from '../metrics/cells.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import type { Facts } from './facts.js';
import { shared, total } from './facts.js';
import type { Exhausted } from './pool.js';
import type { Slow } from './slow.js';

/** Most of the time: of the overlap of two stretches, and of the time that was added. */
const MOST = 0.5;

/** A call that explains why the service behind a slow edge was slow. */
export interface Cause {
  call: Slow;
  /** Share of the service's own time that it waited for this call, meanwhile and usually. */
  share: number;
  usualShare: number;
}

export class Waits {
  readonly #slow: readonly Slow[];
  readonly #pools: readonly Exhausted[];
  readonly #into = new Map<string, EdgeMetrics[]>();
  readonly #causes = new Map<Slow, Cause[]>();
  readonly #depths = new Map<Slow, number>();

  constructor(facts: Facts, slow: readonly Slow[], pools: readonly Exhausted[]) {
    this.#slow = slow;
    this.#pools = pools;
    for (const edge of facts.edges) {
      const same = this.#into.get(edge.server);
      if (same === undefined) this.#into.set(edge.server, [edge]);
      else same.push(edge);
    }
  }

  /** The slow calls that explain most of what was added to the time of `slow`'s server. */
  causesOf(slow: Slow): Cause[] {
    const known = this.#causes.get(slow);
    if (known !== undefined) return known;
    const causes = this.#slow
      .filter((call) => call !== slow && call.edge.client === slow.edge.server)
      .flatMap((call) => this.#cause(call, slow));
    this.#causes.set(slow, causes);
    return causes;
  }

  /** Length of the longest chain of causes behind it. */
  depthOf(slow: Slow): number {
    const known = this.#depths.get(slow);
    if (known !== undefined) return known;
    // Services that call each other in a circle end here.
    this.#depths.set(slow, 0);
    const depth = this.causesOf(slow).reduce(
      (most, { call }) => Math.max(most, 1 + this.depthOf(call)),
      0,
    );
    this.#depths.set(slow, depth);
    return depth;
  }

  #cause(call: Slow, slow: Slow): Cause[] {
    if (shared(call.span, slow.span) < MOST * (slow.span.to - slow.span.from)) return [];
    const inSpan = (step: number): boolean => step >= slow.span.from && step < slow.span.to;
    const during = this.#work(call.edge, slow.edge.server, inSpan);
    const usual = this.#work(call.edge, slow.edge.server, slow.isUsual);
    // Whoever waits for a free connection waits for the service behind it.
    const pool = this.#pools.find(
      ({ edge, span }) => edge === call.edge && shared(span, slow.span) > 0,
    );
    const explains =
      pool !== undefined || during.waitedUs - usual.waitedUs >= MOST * (during.ownUs - usual.ownUs);
    if (!explains || during.ownUs === 0) return [];
    const share = pool === undefined ? during.waitedUs / during.ownUs : 1;
    const usualShare = usual.ownUs === 0 ? 0 : usual.waitedUs / usual.ownUs;
    return [{ call, share: Math.min(1, share), usualShare: Math.min(1, usualShare) }];
  }

  /** Microseconds for each exchange that `service` served: of its own, and of those waiting for `call`. */
  #work(
    call: EdgeMetrics,
    service: string,
    wanted: (step: number) => boolean,
  ): { ownUs: number; waitedUs: number } {
    const cells = (this.#into.get(service) ?? []).flatMap((edge) => some(edge, wanted));
    const served = Math.max(
      1,
      total(cells, (cell) => cell.served),
    );
    return {
      ownUs: total(cells, (cell) => cell.allServedUs) / served,
      waitedUs: total(some(call, wanted), (cell) => cell.sumUs) / served,
    };
  }
}

function some(edge: EdgeMetrics, wanted: (step: number) => boolean): Cell[] {
  return edge.cells.filter(([step]) => wanted(step)).map(([, cell]) => cell);
}
