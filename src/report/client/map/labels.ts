/** Puts a label on each curve where it covers neither a box nor another label. */
import type { MapShape, Point } from './layout.js';

interface Rect {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** Where along a curve a label may stand: the middle is best. */
const PLACES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];

function rectAround([x, y]: Point, width: number, height: number): Rect {
  return { x0: x - width / 2, x1: x + width / 2, y0: y - height / 2, y1: y + height / 2 };
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

export interface LabelWish {
  /** A point of the curve, `share` 0 at the client and 1 at the server. */
  pointAt(share: number): Point;
  width: number;
  height: number;
}

/**
 * A place for each label, or null where there is none; earlier wishes are served first.
 * Labels also stay inside the map.
 */
export function placeLabels(shape: MapShape, wishes: readonly LabelWish[]): (Point | null)[] {
  const taken = shape.boxes.map((box) =>
    rectAround(box, shape.box.width + 4, shape.box.height + 4),
  );
  return wishes.map(({ pointAt, width, height }) => {
    for (const share of PLACES) {
      const [x, y] = pointAt(share);
      const rect = rectAround([x, y], width, height);
      const inside =
        rect.x0 >= 0 && rect.y0 >= 0 && rect.x1 <= shape.width && rect.y1 <= shape.height;
      if (!inside || taken.some((other) => overlap(rect, other))) continue;
      taken.push(rect);
      return [x, y];
    }
    return null;
  });
}
