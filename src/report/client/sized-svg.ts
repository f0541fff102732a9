/** The picture that every chart is drawn into. */
import { type Selection, create } from 'd3';

/** An SVG of so many pixels; on a narrower page, as on paper, it shrinks as a whole. */
export function sizedSvg(
  width: number,
  height: number,
): Selection<SVGSVGElement, undefined, null, undefined> {
  return create('svg')
    .attr('width', width)
    .attr('height', height)
    .attr('viewBox', `0 0 ${width} ${height}`);
}
