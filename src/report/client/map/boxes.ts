/** The services on the map: a rounded box with the name and what it is. */
import type { Selection } from 'd3';
import { plural } from '../format.js';
import type { Page } from '../page.js';
import { cutToFit } from '../fit.js';
import type { MapShape } from './layout.js';

export type MapSvg = Selection<SVGSVGElement, undefined, null, undefined>;
export type Boxes = Selection<SVGGElement, number, SVGGElement, undefined>;

const WIDTH = { least: 84, most: 160, mostNarrow: 102, padding: 24 };

function kindWords(page: Page, index: number): string {
  const { kind, workloadCount } = page.service(index);
  if (kind === 'container') return plural(workloadCount, 'container');
  if (kind === 'process') {
    return workloadCount > 1 ? plural(workloadCount, 'process', 'processes') : 'process';
  }
  return kind === 'external' ? 'outside' : 'unknown';
}

/** Width of a box that holds the longest name, within limits. */
export function boxWidth(page: Page, services: readonly number[], narrow: boolean): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return WIDTH.most;
  context.font = '600 13px system-ui, sans-serif';
  const widest = services.reduce(
    (most, index) => Math.max(most, context.measureText(page.service(index).name).width),
    0,
  );
  const most = narrow ? WIDTH.mostNarrow : WIDTH.most;
  return Math.max(WIDTH.least, Math.min(most, Math.ceil(widest) + WIDTH.padding));
}

/** Draws the boxes of `services`, in the order of `shape.boxes`. */
export function drawBoxes(
  page: Page,
  svg: MapSvg,
  shape: MapShape,
  services: readonly number[],
): Boxes {
  const { width, height } = shape.box;
  const boxes = svg
    .append('g')
    .selectAll<SVGGElement, number>('g')
    .data(services)
    .join('g')
    .attr('class', (index) => `service ${page.service(index).kind}`)
    .attr('transform', (_, i) => `translate(${(shape.boxes[i] ?? [0, 0]).join(',')})`);
  boxes
    .append('rect')
    .attr('x', -width / 2)
    .attr('y', -height / 2)
    .attr('width', width)
    .attr('height', height)
    .attr('rx', 8);
  boxes.append('title').text((index) => page.service(index).name);
  boxes
    .append('text')
    .attr('class', 'service-name')
    .attr('y', -2)
    .text((index) => page.service(index).name)
    .each(function () {
      cutToFit(this, width - 14);
    });
  boxes
    .append('text')
    .attr('class', 'service-kind')
    .attr('y', 14)
    .text((index) => kindWords(page, index));
  return boxes;
}
