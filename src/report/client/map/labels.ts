/** Puts a label on each curve where it covers neither a box nor another label. */
import { type Selection, select } from 'd3';
import { set } from '../dom.js';
import type { MapShape, Point } from './layout.js';

interface Rect {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** Where along a curve a label may stand, 0 at the client and 1 at the server: the middle is best. */
export const PLACES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];
const LINE = 13;
/** Width of a digit at the labels' size, pixels. */
const DIGIT = 6.6;

function rectAround([x, y]: Point, width: number, height: number): Rect {
  return { x0: x - width / 2, x1: x + width / 2, y0: y - height / 2, y1: y + height / 2 };
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

/** What a curve wants to say, line by line; no line, no label. */
export interface LabelWish {
  lines: readonly { text: string; bad: boolean }[];
  /** Where it may stand: `PLACES` of its curve. */
  places: readonly Point[];
}

interface Placed {
  at: Point;
  width: number;
  height: number;
}

function sizeOf({ lines }: LabelWish): { width: number; height: number } {
  const longest = Math.max(0, ...lines.map(({ text }) => text.length));
  return { width: longest * DIGIT + 8, height: lines.length * LINE + 5 };
}

/** A place inside the map for each label, or null where there is none; earlier wishes come first. */
export function placeLabels(shape: MapShape, wishes: readonly LabelWish[]): (Placed | null)[] {
  const taken = shape.boxes.map((box) =>
    rectAround(box, shape.box.width + 4, shape.box.height + 4),
  );
  return wishes.map((wish) => {
    if (wish.lines.length === 0) return null;
    const { width, height } = sizeOf(wish);
    for (const at of wish.places) {
      const rect = rectAround(at, width, height);
      const inside =
        rect.x0 >= 0 && rect.y0 >= 0 && rect.x1 <= shape.width && rect.y1 <= shape.height;
      if (!inside || taken.some((other) => overlap(rect, other))) continue;
      taken.push(rect);
      return { at, width, height };
    }
    return null;
  });
}

/** A label at its place. */
interface Label extends Placed {
  lines: LabelWish['lines'];
}

/** Draws the labels, over all curves so that none is crossed out. Those that are there are used again. */
export function drawLabels(
  part: Selection<SVGGElement, undefined, null, undefined>,
  shape: MapShape,
  wishes: readonly LabelWish[],
): void {
  const labels = placeLabels(shape, wishes).flatMap((placed, i): Label[] =>
    placed === null ? [] : [{ ...placed, lines: wishes[i]?.lines ?? [] }],
  );
  part
    .selectChildren<SVGGElement, Label>()
    .data(labels)
    .join((enter) => {
      const added = enter.append('g');
      added.append('rect').attr('rx', 5);
      return added;
    })
    .each(function ({ at, width, height, lines }) {
      set(this, 'transform', `translate(${at.join(',')})`);
      const rect = this.firstElementChild!;
      set(rect, 'x', String(-width / 2));
      set(rect, 'y', String(-height / 2));
      set(rect, 'width', String(width));
      set(rect, 'height', String(height));
      select(this)
        .selectAll<SVGTextElement, LabelWish['lines'][number]>('text')
        .data(lines)
        .join('text')
        .each(function ({ text, bad }, k) {
          set(this, 'class', bad ? 'bad' : null);
          set(this, 'y', String((k - (lines.length - 1) / 2) * LINE + 4));
          if (this.textContent !== text) this.textContent = text;
        });
    });
}
