/** One drawing of the map: a layout with its curves, labels and boxes. */
import type { Page } from '../page.js';
import { type MapSvg, boxName, boxWidth, drawBoxes } from './boxes.js';
import { drawCurves } from './curves.js';
import type { Group } from './groups.js';
import { drawLabels } from './labels.js';
import { layoutMap } from './layout.js';
import type { WidthScale } from './legend.js';
import { matcher } from './match.js';
import { type MapLink, type MapModel, mapModel } from './model.js';
import { sizedSvg } from '../sized-svg.js';

/** Below this width, pixels, calls run from top to bottom. */
const NARROW = 560;
const BOX_HEIGHT = { large: 44, small: 38 };
/** With more boxes than this they are small. */
const MOST_LARGE = 16;

export interface Drawing {
  model: MapModel;
  svg: MapSvg;
  /** Shows the chosen range, and what is chosen, pointed at and searched. */
  repaint(): void;
  /** Shows, of these, the chosen service and what is searched: boxes alone tell. */
  mark(): void;
  /** Gives the keyboard focus to the first box of what was a group. */
  focusOn(group: Group): void;
}

export interface DrawOptions {
  /** Keys of opened groups. */
  opened: readonly number[];
  /** The service to show with its neighbours alone. */
  focus: number | null;
  /** Pixels. */
  width: number;
  everything: boolean;
  widthOf: WidthScale;
  open: (group: Group) => void;
  openEnds: (link: MapLink) => void;
}

export function drawMap(page: Page, options: DrawOptions): Drawing {
  const model = mapModel(page.data, options);
  const { boxes, links } = model;
  const vertical = options.width < NARROW;
  const small = boxes.length > MOST_LARGE;
  const box = {
    width: boxWidth(page, boxes, vertical),
    height: small ? BOX_HEIGHT.small : BOX_HEIGHT.large,
  };
  const shape = layoutMap(boxes.length, links, { width: options.width, vertical, box });
  const svg: MapSvg = sizedSvg(shape.width, shape.height)
    .attr('role', 'group')
    .attr('aria-label', 'Service map: each button is an edge from client to server, or a service');
  const nameOf = (i: number): string => {
    const found = boxes[i];
    return found === undefined ? '' : boxName(page, found);
  };
  const curves = drawCurves(page, svg, shape, links, {
    widthOf: options.widthOf,
    nameOf: ({ client, server }) => `${nameOf(client)} → ${nameOf(server)}`,
    open: options.openEnds,
  });
  const labels = svg.append('g').attr('class', 'edge-labels').attr('aria-hidden', 'true');
  const drawn = drawBoxes(page, svg, shape, boxes, ({ group }) => {
    if (group !== null) options.open(group);
  });

  /** What the labels that are drawn say, and where. */
  let said = '';
  /** Boxes that calls to failed in the range that was painted. */
  let failing: ReadonlySet<number> = new Set();
  const mark = (): void => drawn.paint(failing, matcher(page));
  return {
    model,
    svg,
    mark,
    repaint() {
      const stats = curves.paint();
      const wishes = curves.wishes();
      const wanted = JSON.stringify(wishes);
      if (wanted !== said) drawLabels(labels, shape, wishes);
      said = wanted;
      // Of a group somebody always fails: its edge would say nothing.
      failing = new Set(
        links.flatMap(({ server }, i) =>
          (stats[i]?.failures ?? 0) > 0 && boxes[server]?.group === null ? [server] : [],
        ),
      );
      mark();
    },
    focusOn(group) {
      const first = boxes.findIndex(({ services }) => services.includes(group.services[0] ?? -1));
      svg.selectAll<SVGGElement, unknown>('.service').nodes()[first]?.focus();
    },
  };
}
