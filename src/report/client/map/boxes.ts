/** The boxes on the map: services with their name and what they are, and closed groups with how many they hold. */
import type { Selection } from 'd3';
import { FAMILY, cutToFit, textWidth } from '../fit.js';
import { plural } from '../format.js';
import type { Page } from '../page.js';
import { boxTip } from './box-tip.js';
import { onChoice } from './curves.js';
import type { MapShape } from './layout.js';
import type { Box } from './model.js';
import { tipOn } from '../edge-tip.js';

export type MapSvg = Selection<SVGSVGElement, undefined, null, undefined>;

const WIDTH = { least: 84, most: 160, mostNarrow: 118, padding: 24 };
/** The font of `.service-name`. */
const NAME_FONT = `600 13px ${FAMILY}`;
/** How far the sheets behind a group stand out, pixels. */
const SHEET = 4;

export function boxName(page: Page, { service, group }: Box): string {
  return service === null ? (group?.label ?? '') : page.service(service).name;
}

function kindWords(page: Page, { service, services, group }: Box): string {
  if (service === null) {
    if (group?.by === 'outside') return plural(services.length, 'address', 'addresses');
    return plural(services.length, 'service');
  }
  const { kind, workloadCount } = page.service(service);
  if (kind === 'container') return plural(workloadCount, 'container');
  if (kind === 'process') {
    return workloadCount > 1 ? plural(workloadCount, 'process', 'processes') : 'process';
  }
  return kind === 'external' ? 'outside' : 'unknown';
}

/** Width of a box that holds the longest name, within limits. */
export function boxWidth(page: Page, boxes: readonly Box[], narrow: boolean): number {
  const widest = Math.max(0, ...boxes.map((box) => textWidth(boxName(page, box), NAME_FONT)));
  const most = narrow ? WIDTH.mostNarrow : WIDTH.most;
  return Math.max(WIDTH.least, Math.min(most, Math.ceil(widest) + WIDTH.padding));
}

function describe(page: Page, box: Box): string {
  const name = boxName(page, box);
  return box.service === null
    ? `${name}, group of ${kindWords(page, box)}, opens it`
    : `${name}, ${kindWords(page, box)}`;
}

export interface Boxes {
  /** Marks boxes that calls to failed in the chosen range, the chosen service, and what is searched. */
  paint(failing: ReadonlySet<number>, found: (service: number) => boolean): void;
}

/** Draws `boxes`, in the order of `shape.boxes`; `open` is called for a group that is chosen. */
export function drawBoxes(
  page: Page,
  svg: MapSvg,
  shape: MapShape,
  boxes: readonly Box[],
  open: (box: Box) => void,
): Boxes {
  const { width, height } = shape.box;
  const place = (i: number): string => `translate(${(shape.boxes[i] ?? [0, 0]).join(',')})`;
  const nodes = svg
    .append('g')
    .selectAll<SVGGElement, Box>('g')
    .data(boxes)
    .join('g')
    .attr('tabindex', 0)
    .attr('role', 'button')
    .attr('aria-label', (box) => describe(page, box))
    .attr('transform', (_, i) => place(i));
  const sheet = (of: typeof nodes, out: number): void => {
    of.append('rect')
      .attr('x', -width / 2 + out)
      .attr('y', -height / 2 + out)
      .attr('width', width - (out === 0 ? 0 : SHEET))
      .attr('height', height - (out === 0 ? 0 : SHEET))
      .attr('rx', 8);
  };
  sheet(
    nodes.filter(({ service }) => service === null),
    SHEET * 2,
  );
  sheet(nodes, 0);
  // The button's own name has both texts whole: what is drawn may be cut.
  const texts = svg
    .append('g')
    .attr('class', 'box-texts')
    .attr('aria-hidden', 'true')
    .selectAll<SVGGElement, Box>('g')
    .data(boxes)
    .join('g')
    .attr('transform', (_, i) => place(i));
  const names = texts
    .append('text')
    .attr('class', 'service-name')
    .attr('y', -2)
    .text((box) => boxName(page, box));
  cutToFit(names.nodes(), width - 14, NAME_FONT);
  texts
    .append('text')
    .attr('class', 'service-kind')
    .attr('y', 13)
    .text((box) => (box.service === null ? `▸ ${kindWords(page, box)}` : kindWords(page, box)));
  nodes.each(function (box) {
    tipOn(
      page,
      this,
      () => boxTip(page, box, boxName(page, box)),
      () => null,
    );
    onChoice(this, () => {
      if (box.service === null) open(box);
      else page.store.set({ service: box.service });
    });
  });
  return {
    paint(failing, found) {
      const { service } = page.store.view;
      nodes
        .attr('class', (box, i) => {
          const kind = box.service === null ? 'group' : page.service(box.service).kind;
          return [
            `service ${kind}`,
            failing.has(i) ? 'failing' : '',
            service !== null && box.services.includes(service) ? 'chosen' : '',
            box.services.some(found) ? 'found' : '',
          ]
            .filter((name) => name !== '')
            .join(' ');
        })
        .attr('aria-pressed', (box) =>
          box.service === null ? null : String(box.service === service),
        )
        .attr('aria-expanded', (box) => (box.service === null ? 'false' : null));
    },
  };
}
