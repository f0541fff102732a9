/** What the map's signs mean: colour, width, dashes and red, each with its unit. */
import { create, scaleSqrt } from 'd3';
import { h } from '../dom.js';
import { rate } from '../format.js';
import type { Page } from '../page.js';

/** Width of a curve in pixels for a rate in exchanges per second. */
export type WidthScale = (perSecond: number) => number;

/** The same scale for the whole capture, so that widths can be compared while the range moves. */
export function widthScale(page: Page): { width: WidthScale; samples: number[] } {
  const { data } = page;
  let busiest = 0;
  for (const { exchanges } of data.series.edges)
    for (const n of exchanges) busiest = Math.max(busiest, n);
  const most = Math.max(1, busiest / data.series.stepS);
  const scale = scaleSqrt([0, most], [1.5, 8]).clamp(true);
  const round = (value: number): number => Number(value.toPrecision(1));
  return { width: scale, samples: [round(most / 20), round(most / 4), round(most)] };
}

function sample(draw: (svg: SVGSVGElement) => void): SVGSVGElement {
  const svg = create('svg').attr('width', 34).attr('height', 12).attr('aria-hidden', 'true').node();
  if (svg === null) throw new Error('no SVG in this browser');
  draw(svg);
  return svg;
}

function line(className: string, width: number): SVGSVGElement {
  return sample((svg) => {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', 'M1 6H33');
    path.setAttribute('class', className);
    path.style.strokeWidth = `${width}px`;
    svg.append(path);
  });
}

function entry(svg: SVGSVGElement, text: string): HTMLElement {
  return h('span', { class: 'entry' }, svg, text);
}

export function mapLegend(page: Page, width: WidthScale, samples: readonly number[]): HTMLElement {
  return h(
    'div',
    { class: 'legend' },
    h(
      'div',
      { class: 'legend-row' },
      h('b', {}, 'Colour: p95 response time'),
      h(
        'span',
        { class: 'classes' },
        ...page.speed.classes.map(({ className, label }) =>
          h('span', { class: 'swatch' }, h('i', { class: className }), label),
        ),
      ),
    ),
    h(
      'div',
      { class: 'legend-row' },
      h('b', {}, 'Width: exchanges'),
      ...samples.map((perSecond) =>
        entry(line('line speed-none', width(perSecond)), rate(perSecond)),
      ),
      entry(line('line speed-none open', 3), 'connections open at the end of the range'),
      entry(line('fail', 4), '✕ share of connections that failed'),
    ),
  );
}
