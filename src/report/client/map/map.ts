/** The service map. The layout is made once for a width; a new range only changes how curves look. */
import { create } from 'd3';
import { h, onWidth, section } from '../dom.js';
import type { Page } from '../page.js';
import { save } from '../save.js';
import { rangeChanged } from '../state.js';
import { type MapSvg, boxWidth, drawBoxes } from './boxes.js';
import { MOST_EDGES, chooseDrawn } from './choose.js';
import { drawCurves } from './curves.js';
import { drawLabels } from './labels.js';
import { layoutMap } from './layout.js';
import { type WidthScale, mapLegend, widthScale } from './legend.js';
import { standalone } from './standalone.js';

/** Below this width, pixels, calls run from top to bottom. */
const NARROW = 560;
const BOX_HEIGHT = 44;

interface Drawing {
  svg: MapSvg;
  /** Shows another range, or only what is chosen and pointed at. */
  repaint(range: boolean): void;
}

function drawMap(page: Page, room: number, everything: boolean, widthOf: WidthScale): Drawing {
  const drawn = chooseDrawn(page, everything);
  const vertical = room < NARROW;
  const place = new Map(drawn.services.map((service, i) => [service, i]));
  const links = drawn.edges.map((index) => ({
    client: place.get(page.edge(index).client) ?? 0,
    server: place.get(page.edge(index).server) ?? 0,
  }));
  const box = { width: boxWidth(page, drawn.services, vertical), height: BOX_HEIGHT };
  const shape = layoutMap(drawn.services.length, links, { width: room, vertical, box });
  const svg: MapSvg = create('svg')
    .attr('width', shape.width)
    .attr('height', shape.height)
    .attr('viewBox', `0 0 ${shape.width} ${shape.height}`)
    .attr('role', 'group')
    .attr('aria-label', 'Service map: each button is an edge from client to server');
  const curves = drawCurves(page, svg, shape, drawn.edges, widthOf);
  const labels = svg.append('g').attr('class', 'edge-labels').attr('aria-hidden', 'true');
  // Names are measured as they are drawn, so the boxes wait until the map is on the page.
  let boxes: ReturnType<typeof drawBoxes> | null = null;

  return {
    svg,
    repaint(range) {
      curves.paint();
      boxes ??= drawBoxes(page, svg, shape, drawn.services);
      drawLabels(labels, shape, curves.wishes());
      if (!range) return;
      const failing = new Set(
        drawn.edges
          .filter((index) => page.stats(index).failures > 0)
          .map((index) => page.edge(index).server),
      );
      boxes.classed('failing', (service) => failing.has(service));
    },
  };
}

export function serviceMap(page: Page): HTMLElement {
  const holder = h('div', { class: 'map-holder scroll' });
  const { width: widthOf, samples } = widthScale(page);
  const total = page.data.edges.length;
  let everything = false;
  let width = 0;
  let drawing: Drawing | null = null;

  const draw = (): void => {
    drawing = drawMap(page, width, everything, widthOf);
    holder.replaceChildren(drawing.svg.node() ?? '');
    drawing.repaint(true);
  };
  onWidth(holder, (now) => {
    width = now;
    draw();
  });
  page.store.subscribe((view, before) => drawing?.repaint(rangeChanged(view, before)));

  const more = h('button', { type: 'button', hidden: total <= MOST_EDGES });
  const picture = h('button', { type: 'button' }, 'Save map as SVG');
  picture.addEventListener('click', () => {
    const svg = holder.querySelector('svg');
    if (svg !== null) save('service-map.svg', 'image/svg+xml', standalone(svg));
  });
  const name = (): void => {
    more.textContent = everything
      ? `Draw the ${MOST_EDGES} most important edges`
      : `Draw all ${total} edges`;
  };
  name();
  more.addEventListener('click', () => {
    everything = !everything;
    name();
    draw();
  });
  return section(
    'map',
    'Service map',
    total <= MOST_EDGES
      ? 'Who calls whom, in the chosen range. Choose a curve for its details.'
      : `The ${MOST_EDGES} of ${total} edges with findings, failures or most traffic.`,
    total === 0 ? h('p', { class: 'empty' }, 'No connection was seen.') : holder,
    mapLegend(page, widthOf, samples),
    h('div', { class: 'buttons' }, more, total === 0 ? null : picture),
  );
}
