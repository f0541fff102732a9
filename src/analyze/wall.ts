/**
 * From the wall clock, which k6 and people write, to the capture's own time. The capture holds both clocks side by side, at its
 * start, every second and at its end, so that a wall clock that was set meanwhile does no harm.
 */

/** Both clocks at one moment. */
export interface ClockPair {
  /** Since the capture's start. */
  atNs: number;
  /** Nanoseconds of the wall clock since `startedWallMs`. */
  wallNs: number;
}

export class WallClock {
  readonly #pairs: readonly ClockPair[];
  readonly #startedWallMs: number;
  /** How far the wall clock moved against the capture's, at most. */
  readonly movedNs: number;

  /** @param pairs in order of `atNs`; where there are none, the capture's start stands for both clocks. */
  constructor(startedWallMs: number, pairs: readonly ClockPair[]) {
    this.#startedWallMs = startedWallMs;
    this.#pairs = pairs.length > 0 ? pairs : [{ atNs: 0, wallNs: 0 }];
    const gaps = this.#pairs.map(({ atNs, wallNs }) => wallNs - atNs);
    this.movedNs = gaps.reduce((most, gap) => Math.max(most, Math.abs(gap - gaps[0]!)), 0);
  }

  /** Nanoseconds since the capture's start; negative before it. */
  atNs({ ms, ns }: WallTime): number {
    const wallNs = (ms - this.#startedWallMs) * 1e6 + ns;
    let low = 0;
    let high = this.#pairs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#pairs[middle]!.wallNs <= wallNs) low = middle;
      else high = middle - 1;
    }
    const pair = this.#pairs[low]!;
    return pair.atNs + (wallNs - pair.wallNs);
  }
}

/** Milliseconds since 1970, whole seconds, and the nanoseconds beyond. */
export interface WallTime {
  ms: number;
  ns: number;
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Reads RFC 3339 with up to nine digits behind the point; null where it is none. */
export function parseWallTime(text: string): WallTime | null {
  const parts = TIME.exec(text);
  if (parts === null) return null;
  const ms = Date.parse(`${parts[1]!}${parts[3]!}`);
  return Number.isNaN(ms) ? null : { ms, ns: Number((parts[2] ?? '').padEnd(9, '0')) };
}
