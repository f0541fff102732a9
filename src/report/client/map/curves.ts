/** The edges on the map. Curves are made once for a layout; a new range only repaints them. */
import { type Selection, curveBasis, curveBumpX, curveBumpY, line } from 'd3';
import { edgeSentence, tipOnEdge } from '../edge-tip.js';
import { count, duration, rate } from '../format.js';
import type { EdgeStats } from '../histogram.js';
import type { Page } from '../page.js';
import type { MapSvg } from './boxes.js';
import type { LabelWish } from './labels.js';
import type { MapShape, Point } from './layout.js';
import type { WidthScale } from './legend.js';

const ARROW = { length: 10, half: 5.5 };
/** With more edges than this only those that are chosen, pointed at or failing carry a label. */
const MOST_LABELS = 20;
/** Least part of a curve that is red where anything failed: a hair could be overlooked. */
const LEAST_RED = 12;

interface Ended {
  points: Point[];
  arrow: string;
}

/** The curve without the arrow's length, and the arrow. Loops come down onto their box. */
function withArrow(points: readonly Point[], down: boolean): Ended {
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

type Edges = Selection<SVGGElement, number, SVGGElement, undefined>;

function drawPaths(edges: Edges, shape: MapShape, loops: readonly boolean[]): void {
  const smooth = line().curve(shape.vertical ? curveBumpY : curveBumpX);
  const round = line().curve(curveBasis);
  const ended = shape.curves.map((points, i) =>
    withArrow(points, shape.vertical || loops[i] === true),
  );
  const pathOf = (i: number): string => {
    const points = (ended[i]?.points ?? []).map(([x, y]): [number, number] => [x, y]);
    return (loops[i] === true ? round(points) : smooth(points)) ?? '';
  };
  for (const className of ['hit', 'halo', 'line', 'fail']) {
    edges
      .append('path')
      .attr('class', className)
      .attr('pathLength', className === 'fail' ? 100 : null)
      .attr('d', (_, i) => pathOf(i));
  }
  edges
    .append('path')
    .attr('class', 'arrow')
    .attr('d', (_, i) => ended[i]?.arrow ?? '');
}

function onChoice(page: Page, element: SVGGElement, index: number): void {
  const choose = (): void => page.store.set({ edge: index });
  element.addEventListener('click', choose);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose();
  });
}

function classesOf(page: Page, index: number, stats: EdgeStats): string {
  const { edge, hover } = page.store.view;
  return [
    'edge',
    page.speed.className(stats.p95),
    edge === index ? 'chosen' : '',
    hover === index ? 'hovered' : '',
    stats.open > 0 ? 'open' : '',
    stats.exchanges + stats.connections + stats.open === 0 ? 'silent' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}

/** How much of the curve is red, in percent of its length. */
function redShare({ failures, connections }: EdgeStats): number {
  if (failures === 0) return 0;
  return Math.max(LEAST_RED, (100 * failures) / Math.max(failures, connections));
}

export interface Curves {
  /** Shows the numbers of the chosen range. */
  paint(): void;
  /** What the labels should say for the chosen range. */
  wishes(): LabelWish[];
}

/** Draws the edges `drawn` (indexes), in the order of `shape.curves`. */
export function drawCurves(
  page: Page,
  svg: MapSvg,
  shape: MapShape,
  drawn: readonly number[],
  widthOf: WidthScale,
): Curves {
  const edges: Edges = svg
    .append('g')
    .selectAll<SVGGElement, number>('g')
    .data(drawn)
    .join('g')
    .attr('tabindex', 0)
    .attr('role', 'button');
  const loops = drawn.map((index) => page.edge(index).client === page.edge(index).server);
  drawPaths(edges, shape, loops);
  edges.each(function (index) {
    tipOnEdge(page, this, index);
    onChoice(page, this, index);
  });
  const curves = edges.nodes().map((node) => node.querySelector<SVGPathElement>('path.hit'));

  return {
    paint() {
      const strokeOf = (index: number): number => widthOf(page.stats(index).rate);
      edges
        .attr('class', (index) => classesOf(page, index, page.stats(index)))
        .attr('aria-pressed', (index) => String(page.store.view.edge === index))
        .attr('aria-label', (index) => edgeSentence(page, index));
      edges.select('.line').style('stroke-width', (index) => `${strokeOf(index)}px`);
      edges.select('.halo').style('stroke-width', (index) => `${strokeOf(index) + 7}px`);
      edges
        .select('.fail')
        .style('stroke-width', (index) => `${strokeOf(index) + 1.5}px`)
        .style('stroke-dasharray', (index) => {
          const red = redShare(page.stats(index));
          return `0 ${100 - red} ${red} 0`;
        })
        .attr('visibility', (index) => (page.stats(index).failures > 0 ? null : 'hidden'));
    },
    wishes: () =>
      drawn.map((index, i): LabelWish => {
        const { p95, exchanges, failures, rate: perSecond } = page.stats(index);
        const { edge, hover } = page.store.view;
        const speaks =
          drawn.length <= MOST_LABELS || failures > 0 || index === edge || index === hover;
        return {
          lines: !speaks
            ? []
            : [
                ...(exchanges === 0 ? [] : [duration(p95), rate(perSecond)]).map((text) => ({
                  text,
                  bad: false,
                })),
                ...(failures === 0 ? [] : [{ text: `✕ ${count(failures)}`, bad: true }]),
              ],
          pointAt(share) {
            const curve = curves[i];
            const at = curve?.getPointAtLength(curve.getTotalLength() * share);
            return [at?.x ?? 0, at?.y ?? 0];
          },
        };
      }),
  };
}
