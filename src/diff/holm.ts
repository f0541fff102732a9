/** Correction for there being many comparisons. */

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
