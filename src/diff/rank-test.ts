/**
 * The test that decides what is beyond noise: Mann–Whitney's U on units of time, with its variance made larger for
 * units that depend on their neighbours, and Holm's correction over all comparisons. No chance is in it.
 */

/** Dependence between neighbours beyond this leaves nothing to test with. */
const MOST_DEPENDENT = 0.9;

/**
 * How likely a difference like the one between two series is where there is none; 1 where nothing can be told.
 * Neighbours within a series may depend on each other: the variance of U grows by (1 + r) / (1 − r), where r is the
 * correlation of a unit's rank with the next one's, never taken below zero.
 */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  const n = a.length + b.length;
  if (a.length < 2 || b.length < 2) return 1;
  const { ranks, ties } = ranksOf([...a, ...b]);
  const ofA = ranks.slice(0, a.length);
  const ofB = ranks.slice(a.length);
  const u = sum(ofA) - (a.length * (a.length + 1)) / 2;
  const spread = (a.length * b.length * (n + 1 - ties / (n * (n - 1)))) / 12;
  if (!(spread > 0)) return 1;
  const r = Math.min(MOST_DEPENDENT, Math.max(0, neighbours([ofA, ofB])));
  const off = Math.max(0, Math.abs(u - (a.length * b.length) / 2) - 0.5);
  return Math.min(1, erfc(off / Math.sqrt((2 * spread * (1 + r)) / (1 - r))));
}

/** Holm's correction: the chance of even one false alarm among all comparisons stays below the level, however they depend. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((i, j) => ps[i]! - ps[j]!);
  const corrected = new Array<number>(ps.length).fill(1);
  let least = 0;
  order.forEach((i, place) => {
    least = Math.max(least, Math.min(1, ps[i]! * (ps.length - place)));
    corrected[i] = least;
  });
  return corrected;
}

/** Ranks from 1; equal values share theirs. `ties` is the sum of t³ − t over groups of t equal values. */
function ranksOf(values: readonly number[]): { ranks: number[]; ties: number } {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Array<number>(values.length).fill(0);
  let ties = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  return { ranks, ties };
}

/** Correlation of each value with the next one of its series, around the series' own mean. */
function neighbours(series: readonly number[][]): number {
  let together = 0;
  let apart = 0;
  for (const values of series) {
    const mean = sum(values) / values.length;
    values.forEach((value, i) => {
      apart += (value - mean) ** 2;
      if (i > 0) together += (value - mean) * (values[i - 1]! - mean);
    });
  }
  return apart > 0 ? together / apart : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** 1 − erf(x) for x ≥ 0, right to 1.2e-7 of its value: Numerical Recipes' rational fit. */
function erfc(x: number): number {
  const t = 1 / (1 + 0.5 * x);
  const terms = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398,
    1.48851587, -0.82215223, 0.17087277,
  ];
  return t * Math.exp(-x * x + terms.reduceRight((value, term) => value * t + term, 0));
}
