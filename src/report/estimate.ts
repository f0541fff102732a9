/** How large a page's data would be, told without making it: making it for every detail would take too long. */
import type { Analysis } from '../analyze/model.js';
import { bucketOf } from '../analyze/metrics/histogram.js';
import type { EdgeChoice } from './fold.js';
import type { Detail } from './limits.js';
import type { Grid } from './series.js';

/** Packed bytes of each part, measured on captures of 8 to 2,000 edges; names and texts vary most. */
const BYTES = { edge: 95, step: 3.2, timed: 9, bucket: 0.9, connection: 28, failure: 40, slow: 14 };

/** Packed bytes, within about a third. */
export function estimateBytes(
  analysis: Analysis,
  { kept, fine }: EdgeChoice,
  grid: Grid,
  detail: Detail,
): number {
  let bytes = 20_000;
  for (const edge of kept) {
    const active = Math.min(grid.steps, edge.exchanges + 2 * edge.connections);
    const every = fine.has(edge.id) ? 1 : detail.every;
    const timed = Math.min(Math.ceil(grid.steps / every), edge.exchanges);
    // From the median to the p99 and as far to the other side is where nearly all values are.
    const spread = Math.max(10, bucketOf(edge.p99Us ?? 1) - bucketOf(edge.p50Us ?? 1));
    const span = (2 * spread) / grid.bucketsInOne;
    const buckets = Math.min(span, (2 * edge.exchanges) / Math.max(1, timed)) + 1;
    const slow = Math.min(detail.slowest, edge.exchanges);
    bytes += BYTES.edge + BYTES.step * active + (BYTES.timed + BYTES.bucket * buckets) * timed;
    bytes += BYTES.slow * slow;
  }
  const connections = Math.min(detail.connections, analysis.connections.length);
  const failures = Math.min(detail.failures, analysis.failures.length);
  return bytes + BYTES.connection * connections + BYTES.failure * failures;
}
