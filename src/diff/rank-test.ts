/**
 * The test for what follows one another in time: Mann–Whitney's U on units of time, exact where they are few, made less sure
 * where units depend on their neighbours. No chance is in it.
 */

/** Dependence between neighbours beyond this leaves nothing to test with. */
const MOST_DEPENDENT = 0.9;
/** Up to this many units the exact distribution is counted out; beyond, the normal one is near enough. */
const COUNTED_OUT = 64;

/**
 * How likely a difference like the one between two series is where there is none; 1 where nothing can be told.
 * Neighbours within a series may depend on each other: the standard error grows by √((1 + r) / (1 − r)), where r is the
 * correlation of a unit's rank with the next one's, never taken below zero.
 * @param direction where given, a difference in the other one is none.
 */
export function rankTest(
  a: readonly number[],
  b: readonly number[],
  direction: 'up' | 'down' | null = null,
): number {
  if (a.length < 2 || b.length < 2) return 1;
  const { ranks, ties } = ranksOf([...a, ...b]);
  const ofA = ranks.slice(0, a.length);
  const ofB = ranks.slice(a.length);
  const rises = sum(ofB) / b.length >= sum(ofA) / a.length;
  if (direction !== null && rises !== (direction === 'up')) return 1;
  const p =
    ranks.length <= COUNTED_OUT ? countedOut(ranks, a.length) : normal(ofA, ofB.length, ties);
  const byChance = 1 / Math.sqrt(ranks.length);
  const r = Math.min(MOST_DEPENDENT, Math.max(0, neighbours([ofA, ofB]) - byChance));
  return r === 0 || p === 1 ? p : erfc(inverse(p) * Math.sqrt((1 - r) / (1 + r)));
}

/** The share of all ways to choose `n` of the ranks whose sum is as far off the middle as that of the first `n`, ties and all. */
export function countedOut(ranks: readonly number[], n: number): number {
  // Shared ranks may be halves.
  const doubled = ranks.map((rank) => 2 * rank);
  const total = sum(doubled);
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(total + 1));
  ways[0]![0] = 1;
  let reached = 0;
  for (const rank of doubled) {
    reached += rank;
    for (let k = n; k > 0; k--) {
      const more = ways[k]!;
      const less = ways[k - 1]!;
      for (let s = reached; s >= rank; s--) more[s]! += less[s - rank]!;
    }
  }
  const middle = (total * n) / doubled.length;
  const off = Math.abs(sum(doubled.slice(0, n)) - middle);
  let all = 0;
  let far = 0;
  ways[n]!.forEach((count, s) => {
    all += count;
    // Sums are whole, the middle may not be: what is as far must not fail for the last digit.
    if (Math.abs(s - middle) >= off - 1e-6) far += count;
  });
  return far / all;
}

/** The same by the normal approximation, with corrections for ties and continuity. */
function normal(ofA: readonly number[], sizeOfB: number, ties: number): number {
  const n = ofA.length + sizeOfB;
  const u = sum(ofA) - (ofA.length * (ofA.length + 1)) / 2;
  const spread = (ofA.length * sizeOfB * (n + 1 - ties / (n * (n - 1)))) / 12;
  if (!(spread > 0)) return 1;
  const off = Math.max(0, Math.abs(u - (ofA.length * sizeOfB) / 2) - 0.5);
  return Math.min(1, erfc(off / Math.sqrt(2 * spread)));
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

/** The x ≥ 0 with erfc(x) = p, by halving. */
function inverse(p: number): number {
  let [low, high] = [0, 27];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (erfc(middle) > p) low = middle;
    else high = middle;
  }
  return low;
}
