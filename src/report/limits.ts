/** How much a page may hold, so that it stays small whatever the capture. */

/** Most bytes of one HTML file. */
export const PAGE_BYTES = 1_500_000;
/**
 * Most bytes of the packed data in it. The page's own script and style take a quarter of a megabyte more. It is less
 * than would fit: whatever is here is unpacked before the first view and added up with each movement of the range.
 */
export const DATA_BYTES = 1_000_000;

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
  /** Most edges with a row of their own. */
  edges: number;
  /** How many edges, those a reader looks for first, have their times in every step … */
  fine: number;
  /** … and how many steps share the times of the others. */
  every: number;
  failures: number;
  connections: number;
  /** Slowest exchanges of each edge. */
  slowest: number;
}

/**
 * From fine to coarse: the first one that fits is taken. The last one fits any capture. What readers see first, the
 * steps of time, becomes coarse last.
 */
export const DETAILS: readonly Detail[] = [
  detail(2, 720, 3000, Infinity, 1, 1000, 4000, 10),
  detail(4, 720, 3000, Infinity, 1, 1000, 4000, 10),
  detail(4, 720, 3000, 400, 12, 1000, 4000, 10),
  detail(4, 720, 3000, 200, 12, 1000, 4000, 10),
  detail(4, 720, 3000, 150, 30, 1000, 4000, 6),
  detail(4, 360, 3000, 150, 12, 1000, 4000, 6),
  detail(4, 360, 3000, 80, 30, 1000, 3000, 4),
  detail(6, 360, 3000, 40, 60, 1000, 3000, 3),
  detail(8, 360, 3000, 20, 60, 600, 2000, 2),
  detail(6, 240, 3000, 60, 30, 600, 2000, 3),
  detail(8, 240, 3000, 20, 60, 600, 2000, 2),
  detail(6, 120, 3000, 40, 30, 600, 2000, 3),
  detail(8, 120, 3000, 20, 60, 400, 1000, 2),
  detail(8, 60, 3000, 20, 30, 400, 1000, 2),
  detail(8, 60, 2000, 30, 30, 400, 1000, 2),
  detail(8, 60, 500, 20, 30, 300, 600, 2),
  detail(12, 30, 150, 10, 30, 150, 300, 1),
  detail(12, 30, 30, 10, 30, 80, 80, 1),
];

function detail(
  bucketsInOne: number,
  steps: number,
  edges: number,
  fine: number,
  every: number,
  failures: number,
  connections: number,
  slowest: number,
): Detail {
  return { bucketsInOne, steps, edges, fine, every, failures, connections, slowest };
}
