/** How much a page may hold, so that it stays small whatever the capture. */

/** Most bytes of one HTML file. */
export const PAGE_BYTES = 1_500_000;
/** Most bytes of the data in it, escaped; the rest is for the page's own script and style. */
export const DATA_BYTES = 1_250_000;

/** Most characters of a name: service, workload, host, file, image. */
export const NAME_CHARS = 96;
/** Most characters of a sentence. */
export const SENTENCE_CHARS = 500;
/** Most workloads and images named for one service. */
export const WORKLOADS_NAMED = 8;
/** Most services listed that have no edge. */
export const IDLE_SERVICES = 60;
export const FINDINGS = 60;
export const QUALITY_ROWS = 60;
export const PLAN_ROWS = 60;

/** How fine the data is. */
export interface Detail {
  /** How many of the analyzer's histogram buckets become one. */
  bucketsInOne: number;
  /** Most steps on the time axis. */
  steps: number;
  edges: number;
  failures: number;
}

/** From fine to coarse: the first one that fits is taken. The last one fits any capture. */
export const DETAILS: readonly Detail[] = [
  { bucketsInOne: 2, steps: 720, edges: 400, failures: 1000 },
  { bucketsInOne: 4, steps: 720, edges: 400, failures: 1000 },
  { bucketsInOne: 4, steps: 360, edges: 400, failures: 600 },
  { bucketsInOne: 4, steps: 240, edges: 250, failures: 400 },
  { bucketsInOne: 6, steps: 120, edges: 150, failures: 300 },
  { bucketsInOne: 8, steps: 60, edges: 80, failures: 150 },
  { bucketsInOne: 12, steps: 30, edges: 30, failures: 80 },
];
