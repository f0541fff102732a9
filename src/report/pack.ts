/** The page's data as text that takes little room: JSON, deflated, in base64. Every browser can undo it by itself. */
import { deflateRawSync } from 'node:zlib';
import type { ReportData, Series } from './data.js';

/** Higher levels take twice the time for a twentieth of the size. */
const LEVEL = 5;

/** Steps as the distance of each from the one before: nearly all are 1, and take a third of the room. */
function gaps(at: readonly number[]): number[] {
  return at.map((step, i) => step - (at[i - 1] ?? 0));
}

function spare(series: Series): Series {
  const edges = series.edges.map((edge) => ({
    ...edge,
    at: gaps(edge.at),
    times: { ...edge.times, at: gaps(edge.times.at) },
  }));
  return { ...series, edges };
}

function squeeze(value: unknown): string {
  return deflateRawSync(JSON.stringify(value), { level: LEVEL, memLevel: 9 }).toString('base64');
}

/** Base64 of the raw deflate stream of the data's JSON, steps as distances; `client/unpack.ts` undoes it. */
export function pack(data: ReportData): string {
  return squeeze({ ...data, series: spare(data.series) });
}

/** About the bytes that these series take in a page. */
export function seriesBytes(series: Series): number {
  return squeeze(spare(series).edges).length;
}
