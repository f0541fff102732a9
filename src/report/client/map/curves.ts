/** The links on the map. Curves are made once for a layout; a new range only repaints what differs. */
import { set } from '../dom.js';
import { count, duration, rate } from '../format.js';
import type { Page } from '../page.js';
import { pointsAlong } from './along.js';
import type { MapSvg } from './boxes.js';
import { type LabelWish, PLACES } from './labels.js';
import type { MapShape, Point } from './layout.js';
import type { WidthScale } from './legend.js';
import { type LinkStats, linkStats } from './link-stats.js';
import { LinkPaths } from './link-paths.js';
import { linkSentence, tipOnLink } from './link-tip.js';
import type { MapLink } from './model.js';
import { edgePaths } from './paths.js';

/** With more links than this only those that are chosen, pointed at or failing carry a label. */
const MOST_LABELS = 20;
/** Among many links so many, those with most failures, carry one all the same. */
const FAILING_LABELS = 12;
/** Least part of a curve that is red where anything failed: a hair could be overlooked. Of many, half of that will do. */
const LEAST_RED = 12;

/** Calls `act` on a click, Enter and Space. */
export function onChoice(element: SVGGElement, act: () => void): void {
  element.addEventListener('click', act);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    act();
  });
}

/** It is, or has, the edge that is chosen or pointed at. */
function isNoticed(page: Page, { edges }: MapLink): boolean {
  const { edge, hover } = page.store.view;
  return edges.some((index) => index === edge || index === hover);
}

function classesOf(page: Page, { edges }: MapLink, stats: LinkStats): string {
  const { edge, hover } = page.store.view;
  const has = (index: number | null): boolean => index !== null && edges.includes(index);
  return [
    'edge',
    page.speed.className(stats.p95),
    edges.length > 1 ? 'bundle' : '',
    has(edge) ? 'chosen' : '',
    has(hover) ? 'hovered' : '',
    stats.open > 0 ? 'open' : '',
    stats.exchanges + stats.connections + stats.open === 0 ? 'silent' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}

/** How much of the curve is red, in percent of its length. */
function redShare({ failures, connections }: LinkStats, many: boolean): number {
  if (failures === 0) return 0;
  return Math.max(
    many ? LEAST_RED / 2 : LEAST_RED,
    (100 * failures) / Math.max(failures, connections),
  );
}

function speech(stats: LinkStats): LabelWish['lines'] {
  const { p95, exchanges, failures, rate: perSecond } = stats;
  const words = exchanges === 0 ? [] : [duration(p95), rate(perSecond)];
  return [
    ...words.map((text) => ({ text, bad: false })),
    ...(failures === 0 ? [] : [{ text: `✕ ${count(failures)}`, bad: true }]),
  ];
}

export interface Curves {
  /** Shows the numbers of the chosen range, and what is chosen and pointed at; gives each link's numbers. */
  paint(): readonly LinkStats[];
  /** What the labels should say for the range that was painted. */
  wishes(): LabelWish[];
}

export interface CurveOptions {
  widthOf: WidthScale;
  nameOf: (link: MapLink) => string;
  /** Called for a link of several edges that is chosen. */
  open: (link: MapLink) => void;
}

/** Draws `links`, in the order of `shape.curves`. */
export function drawCurves(
  page: Page,
  svg: MapSvg,
  shape: MapShape,
  links: readonly MapLink[],
  { widthOf, nameOf, open }: CurveOptions,
): Curves {
  const many = links.length > MOST_LABELS;
  const groups = svg
    .append('g')
    .classed('many', many)
    .selectAll<SVGGElement, MapLink>('g')
    .data(links)
    .join('g')
    .attr('tabindex', 0)
    .attr('role', 'button');
  const paths = edgePaths(shape);
  const parts = groups.nodes().map((node, i) => ({ node, drawn: new LinkPaths(node, paths[i]!) }));
  groups.each(function (link, i) {
    tipOnLink(page, this, link, nameOf(link));
    this.addEventListener('focus', () => widen(i));
    onChoice(this, () => {
      if (link.edges.length > 1) open(link);
      else page.store.set({ edge: link.edges[0] ?? null });
    });
  });
  const places: Point[][] = [];
  const placesOf = (i: number): Point[] =>
    (places[i] ??= pointsAlong(paths[i]?.line ?? '', PLACES));
  /** Those of the last `paint`. */
  let stats: readonly LinkStats[] = [];
  const lineWidth = (i: number): number => Number(widthOf(stats[i]!.rate).toFixed(1));
  const widen = (i: number): void => {
    set(parts[i]!.drawn.halo, 'stroke-width', String(lineWidth(i) + 7));
  };

  return {
    paint() {
      stats = links.map((link) => linkStats(page, link));
      for (const [i, { node, drawn }] of parts.entries()) {
        const [link, now] = [links[i]!, stats[i]!];
        const width = lineWidth(i);
        set(node, 'class', classesOf(page, link, now));
        const chosen = link.edges.length === 1 && link.edges[0] === page.store.view.edge;
        set(node, 'aria-pressed', link.edges.length > 1 ? null : String(chosen));
        set(node, 'aria-label', linkSentence(page, link, nameOf(link), now));
        set(drawn.line, 'stroke-width', String(width));
        if (drawn.hasHalo || isNoticed(page, link)) widen(i);
        if (drawn.hasFail || now.failures > 0) {
          const red = redShare(now, many);
          set(drawn.fail, 'stroke-width', String(width + 1.5));
          set(drawn.fail, 'stroke-dasharray', `0 ${100 - red} ${red} 0`);
          set(drawn.fail, 'visibility', now.failures > 0 ? null : 'hidden');
        }
      }
      return stats;
    },
    wishes() {
      const failing = stats
        .map(({ failures }, i) => ({ failures, i }))
        .filter((s) => s.failures > 0);
      failing.sort((a, b) => b.failures - a.failures || a.i - b.i);
      const worst = new Set(failing.slice(0, FAILING_LABELS).map(({ i }) => i));
      return links.map((link, i): LabelWish => {
        const speaks = !many || isNoticed(page, link) || worst.has(i);
        return {
          lines: speaks ? speech(stats[i]!) : [],
          places: speaks ? placesOf(i) : [],
        };
      });
    },
  };
}
