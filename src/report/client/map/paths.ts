/** The paths of the map's curves: a line without the arrow's length, and the arrow. */
import { curveBasis, curveBumpX, curveBumpY, line } from 'd3';
import type { Curve, MapShape, Point } from './layout.js';

const ARROW = { length: 10, half: 5.5 };

export interface EdgePath {
  line: string;
  arrow: string;
}

/** The curve without the arrow's length, and the arrow. Loops come down onto their box. */
function withArrow(points: readonly Point[], down: boolean): { points: Point[]; arrow: string } {
  const [x, y] = points.at(-1) ?? [0, 0];
  const [px, py] = points.at(-2) ?? [0, 0];
  const sign = Math.sign(down ? y - py : x - px) || 1;
  const back = ARROW.length * sign;
  const width = 2 * ARROW.half;
  const arrow = down
    ? `M${x} ${y}l${-ARROW.half} ${-back}h${width}z`
    : `M${x} ${y}l${-back} ${-ARROW.half}v${width}z`;
  // One pixel of overlap hides the seam.
  const end: Point = down ? [x, y - back + sign] : [x - back + sign, y];
  return { points: [...points.slice(0, -1), end], arrow };
}

/** The paths of all curves of `shape`. */
export function edgePaths(shape: MapShape): EdgePath[] {
  const smooth = line().curve(shape.vertical ? curveBumpY : curveBumpX);
  const round = line().curve(curveBasis);
  return shape.curves.map(({ points, pulled }: Curve) => {
    const [first, last] = [points[0], points.at(-1)];
    const loop = pulled && first?.[1] === last?.[1];
    const { points: rest, arrow } = withArrow(
      points,
      pulled ? loop || shape.vertical : shape.vertical,
    );
    const flat = rest.map(([x, y]): [number, number] => [x, y]);
    return { line: (pulled ? round(flat) : smooth(flat)) ?? '', arrow };
  });
}
