/** The test between recordings: Student's t on a few values a side. No chance is in it. */

/**
 * How likely means so far apart are where the true ones are equal; 1 where nothing can be told. Both sides are taken to
 * spread alike, so that one value on a side will do where the other has several.
 * @param floor the spread is never taken to be smaller than this.
 */
export function tTest(a: readonly number[], b: readonly number[], floor: number): number {
  const freedom = a.length + b.length - 2;
  if (a.length === 0 || b.length === 0 || freedom < 1) return 1;
  const error = Math.max(floor, spreadWithin(a, b)) * Math.sqrt(1 / a.length + 1 / b.length);
  return twoSided(Math.abs(mean(a) - mean(b)) / error, freedom);
}

/** Standard deviation around each side's own mean; three values at least. */
export function spreadWithin(a: readonly number[], b: readonly number[]): number {
  const squares = [a, b].flatMap((values) => {
    const middle = mean(values);
    return values.map((value) => (value - middle) ** 2);
  });
  const total = squares.reduce((sum, one) => sum + one, 0);
  return Math.sqrt(total / (a.length + b.length - 2));
}

/** Of an even number of values the mean of the two in the middle; null where there are none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The chance of |t| or more under Student's t with whole degrees of freedom: Abramowitz and Stegun, 26.7.3 and 26.7.4. */
export function twoSided(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const cosine = Math.cos(angle);
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  const inside = Math.sin(angle) * sum;
  return Math.max(0, 1 - (odd ? (2 / Math.PI) * (angle + inside) : inside));
}
