/** What many edges do together in each step: the room that their p95 takes, and the middle of it. */
import type { StepValues } from './steps.js';

type Times = (number | null)[];

/** The p95 of many edges, in µs; null in steps in which none of them has one. */
export interface Band {
  /** How many edges. */
  edges: number;
  low: Times;
  middle: Times;
  high: Times;
}

/** Sums up the p95 of some edges, step by step. */
export function bandOf(edges: readonly StepValues[], steps: number): Band {
  const [low, middle, high]: [Times, Times, Times] = [[], [], []];
  for (let step = 0; step < steps; step++) {
    const known = edges.flatMap(({ p95 }) => p95[step] ?? []).sort((a, b) => a - b);
    low.push(known[0] ?? null);
    middle.push(known[known.length >> 1] ?? null);
    high.push(known.at(-1) ?? null);
  }
  return { edges: edges.length, low, middle, high };
}
