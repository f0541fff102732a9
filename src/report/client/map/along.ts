/** Points along a curve, computed from its path: to ask the browser for one has it lay out the whole map. */
import type { Point } from './layout.js';

/** Straight pieces that stand for one Bézier curve: of 200 pixels, labels are then off by less than one. */
const PIECES = 16;

/** A point of the cubic Bézier curve through `a` and `d`, pulled by `b` and `c`. @param t 0 to 1. */
function bezier(t: number, a: number, b: number, c: number, d: number): number {
  const s = 1 - t;
  return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
}

/** Corners of straight pieces that follow a path of the absolute commands M, L and C, as d3 writes lines. */
function cornersOf(path: string): Point[] {
  const corners: Point[] = [];
  for (const [, command, text = ''] of path.matchAll(/([MLC])([^MLC]*)/g)) {
    const n = text.split(',').map(Number);
    if (command !== 'C') {
      corners.push([n[0]!, n[1]!]);
      continue;
    }
    const [x, y] = corners.at(-1) ?? [0, 0];
    for (let i = 1; i <= PIECES; i++) {
      const t = i / PIECES;
      corners.push([bezier(t, x, n[0]!, n[2]!, n[4]!), bezier(t, y, n[1]!, n[3]!, n[5]!)]);
    }
  }
  return corners;
}

/**
 * The points at these shares of a path's length, 0 at its start and 1 at its end.
 * @param path absolute commands M, L and C, numbers apart by commas.
 */
export function pointsAlong(path: string, shares: readonly number[]): Point[] {
  const corners = cornersOf(path);
  const ends = [0];
  for (let i = 1; i < corners.length; i++) {
    const [[x0, y0], [x1, y1]] = [corners[i - 1]!, corners[i]!];
    ends.push(ends[i - 1]! + Math.hypot(x1 - x0, y1 - y0));
  }
  return shares.map((share) => {
    const wanted = share * ends.at(-1)!;
    const i = Math.max(
      1,
      ends.findIndex((end) => end >= wanted),
    );
    const [from, to] = [corners[i - 1] ?? [0, 0], corners[i] ?? corners[i - 1] ?? [0, 0]];
    const length = (ends[i] ?? 0) - (ends[i - 1] ?? 0);
    const part = length > 0 ? (wanted - ends[i - 1]!) / length : 0;
    return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
  });
}
