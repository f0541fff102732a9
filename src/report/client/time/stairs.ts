/** Lines over time: values of steps, each as wide as its step lasted. */

/** A corner of a staircase. */
export type Corner = [step: number, value: number | null];

/** The corners of a staircase: each step as wide as it lasted, also one that stands alone. */
export function stairs(values: readonly (number | null)[]): Corner[] {
  return values.flatMap((value, step): Corner[] => [
    [step, value],
    [step + 1, value],
  ]);
}

/** Tenths of a pixel: finer nobody sees, and each digit is written and read. */
function tenths(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** Gives the path of a staircase through values, one a step; there is a gap where a value is not known. */
export function stairLine(
  { x, stepS }: { x: (seconds: number) => number; stepS: number },
  y: (value: number) => number,
): (values: readonly (number | null)[]) => string {
  return (values) => {
    let path = '';
    let last: number | null = null;
    const left = (step: number): number => tenths(x(step * stepS));
    // Steps at one height are one line.
    for (let step = 0; step < values.length; step++) {
      const value = values[step] ?? null;
      const at = value === null ? null : tenths(y(value));
      if (at === last) continue;
      if (last !== null) path += `H${left(step)}`;
      if (at !== null) path += last === null ? `M${left(step)} ${at}` : `V${at}`;
      last = at;
    }
    return last === null ? path : `${path}H${left(values.length)}`;
  };
}
