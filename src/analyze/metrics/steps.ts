/** How the capture's time is cut into steps, which windows and the page are made of. */

/** More steps than this are not kept: the step doubles until they fit. */
export const MAX_STEPS = 7200;

export interface Steps {
  readonly stepNs: number;
  /** Steps in a window. */
  readonly perWindow: number;
  /** How many steps the capture has; grows where events come after the last clock, up to `most`. */
  count: number;
  readonly most: number;
}

/**
 * Decides the step. A window is a whole number of steps.
 * @param endNs the end of the capture as far as the frame tells.
 * @param latestNs no event is later.
 */
export function planSteps(
  stepNs: number,
  windowNs: number,
  endNs: number,
  latestNs = Infinity,
): Steps {
  let step = Math.max(1, Math.round(stepNs));
  while (endNs / step > MAX_STEPS) step *= 2;
  return {
    stepNs: step,
    perWindow: Math.max(1, Math.round(windowNs / step)),
    count: Math.max(1, Math.ceil(endNs / step)),
    most: Math.max(1, Math.ceil(endNs / step), Math.min(2 * MAX_STEPS, Math.ceil(latestNs / step))),
  };
}

/** The step that a time falls into. Times outside of the capture count to its first or last step. */
export function stepOf(steps: Steps, ns: number): number {
  const step = Math.floor(ns / steps.stepNs);
  if (!(step > 0)) return 0;
  if (step < steps.count) return step;
  // A capture without an end may hold events after its last clock.
  steps.count = Math.min(step + 1, steps.most);
  return steps.count - 1;
}
