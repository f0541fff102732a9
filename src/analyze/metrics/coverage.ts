/**
 * The share of events that were recorded, for each step. The recorder tells running totals of lost events each
 * second; the loss of such an interval is spread evenly over it.
 */
import type { TimedStats } from '../frame.js';
import type { Steps } from './steps.js';
import { stepOf } from './steps.js';

export class Coverage {
  readonly #steps: Steps;
  #recorded = new Float64Array(64);
  #lost = new Float64Array(64);

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  /** One event was recorded. */
  count(atNs: number): void {
    const step = stepOf(this.#steps, atNs);
    if (step >= this.#recorded.length) this.#recorded = grow(this.#recorded, step);
    this.#recorded[step]!++;
  }

  /** Takes the recorder's statistics, in order of time. */
  lose(stats: readonly TimedStats[]): void {
    let beforeNs = 0;
    let before = 0;
    for (const { atNs, lost } of stats) {
      const total = lostEvents(lost);
      if (total > before) this.#spread(beforeNs, Math.max(atNs, beforeNs), total - before);
      before = Math.max(before, total);
      beforeNs = Math.max(beforeNs, atNs);
    }
  }

  /** Recorded / (recorded + lost) in steps [from, to); 1 where nothing happened. */
  share(from: number, to: number): number {
    let recorded = 0;
    let lost = 0;
    for (let step = Math.max(0, from); step < to; step++) {
      recorded += this.#recorded[step] ?? 0;
      lost += this.#lost[step] ?? 0;
    }
    return lost === 0 ? 1 : recorded / (recorded + lost);
  }

  #spread(fromNs: number, toNs: number, lost: number): void {
    const first = stepOf(this.#steps, fromNs);
    const last = Math.max(first, stepOf(this.#steps, toNs));
    if (last >= this.#lost.length) this.#lost = grow(this.#lost, last);
    for (let step = first; step <= last; step++) {
      const low = Math.max(fromNs, step * this.#steps.stepNs);
      const high = Math.min(toNs, (step + 1) * this.#steps.stepNs);
      const share = toNs > fromNs ? Math.max(0, high - low) / (toNs - fromNs) : 1;
      this.#lost[step]! += lost * (first === last ? 1 : share);
    }
  }
}

/** Lost events of all kinds. */
export function lostEvents(lost: Readonly<Record<string, number>>): number {
  return Object.values(lost).reduce((sum, n) => sum + n, 0);
}

function grow(array: Float64Array<ArrayBuffer>, index: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(Math.max(array.length * 2, index + 1));
  grown.set(array);
  return grown;
}
