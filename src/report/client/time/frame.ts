/** What the panels over one time axis share: their places and their values. */
import type { ScaleLinear } from 'd3';
import type { Band } from './band.js';
import type { StepValues } from './steps.js';

export interface Frame {
  /** Where the drawing area ends, pixels. */
  right: number;
  /** Room for the names of the lines on the right, pixels; 0 where there is none. */
  nameRoom: number;
  stepS: number;
  steps: number;
  x: ScaleLinear<number, number>;
}

/** One edge's line in the panel of response times. */
export interface EdgeLine {
  index: number;
  name: string;
  values: StepValues;
}

export interface PanelValues {
  /** All edges together; null where the chosen edge is shown alone. */
  total: StepValues | null;
  /** Every edge that gets a line of its own, the chosen one included. */
  each: readonly EdgeLine[];
  /** What the busiest edges do together; null where they are few, and each has its line. */
  band: Band | null;
  chosen: EdgeLine | null;
}

/** A panel's place, pixels. */
export interface Place {
  top: number;
  height: number;
}

export const PANELS = {
  rate: { top: 20, height: 78 },
  times: { top: 128, height: 124 },
  failures: { top: 282, height: 50 },
  open: { top: 362, height: 70 },
} as const satisfies Record<string, Place>;
export const CHART_TOP = PANELS.rate.top;
export const CHART_BOTTOM = PANELS.open.top + PANELS.open.height;
