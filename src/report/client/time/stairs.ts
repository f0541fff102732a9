/** Lines and bars over time: values of steps, each as wide as its step lasted. */

/** Where steps lie on the time axis: `x` in pixels, each step `stepS` seconds long. */
interface StepScale {
  x: (seconds: number) => number;
  stepS: number;
}

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
  { x, stepS }: StepScale,
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

/** What is not nothing is so high at least, pixels. */
const LEAST_HIGH = 2;
/** Between two bars, pixels. */
const GAP = 0.5;

/** Gives the path of bars that stand at `bottom`, one for each value but 0: one shape, however many bars. */
export function bars(
  { x, stepS }: StepScale,
  y: (value: number) => number,
  bottom: number,
): (values: readonly number[]) => string {
  return (values) => {
    let path = '';
    for (let step = 0; step < values.length; step++) {
      const value = values[step] ?? 0;
      if (value === 0) continue;
      const left = tenths(x(step * stepS));
      const width = tenths(Math.max(1, x((step + 1) * stepS) - left - GAP));
      const top = tenths(Math.min(y(value), bottom - LEAST_HIGH));
      path += `M${left} ${bottom}V${top}h${width}V${bottom}z`;
    }
    return path;
  };
}
