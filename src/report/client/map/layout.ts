/**
 * The geometry of the map: boxes and curves in pixels. Pure, so that it can be tested without a page.
 * Wide pages run left to right, narrow ones top to bottom.
 */
import { fitLayers } from './fit-layers.js';
import { type Link, assignLayers } from './layers.js';
import { type Slot, makeColumns, orderColumns, placeColumns } from './order.js';

export type Point = readonly [x: number, y: number];

export interface MapShape {
  width: number;
  height: number;
  /** True where calls run from top to bottom. */
  vertical: boolean;
  box: { width: number; height: number };
  /** Centre of each service, in the order of `nodes`. */
  boxes: Point[];
  curves: Curve[];
}

/** The way of an edge from client to server. */
export interface Curve {
  points: Point[];
  /** True where the points only pull the curve: loops, and edges within one column. */
  pulled: boolean;
}

/** Beyond the outermost curve, pixels. */
const EDGE_ROOM = 6;
/** Between two boxes of a column; small boxes stand closer. */
const GAP_ACROSS = { large: 26, small: 12, narrow: 12 };
const LARGE_BOX = 40;
/** Room of an edge that passes a column: all that pass one together do not take more than this. */
const PASS = { most: 26, least: 5, together: 380, narrow: 130 };
/** A column that is higher goes on beside itself. */
const MOST_ACROSS = 700;
/** So many columns are drawn whatever the width; the map scrolls. */
const SCROLLED_COLUMNS = 8;
const FEWEST_COLUMNS = 4;
const MARGIN = { along: 10, across: 18 };
/** Least room for a curve between two columns. */
const LEAST_BETWEEN = { horizontal: 74, vertical: 78 };
/** Most room: on a wide page a small map stays together. */
const MOST_BETWEEN = 240;
/** Distance of parallel edges between the same two services. */
const PARALLEL = 16;

export interface MapRoom {
  width: number;
  vertical: boolean;
  box: { width: number; height: number };
}

/** Shares a side of a box among the curves that end on it, in the order in which they leave. */
function sideOffsets(routes: readonly Slot[][], extent: number): Map<string, number> {
  const sides = new Map<string, { link: number; at: number }[]>();
  for (const [link, route] of routes.entries()) {
    const ends: [string, Slot | undefined, Slot | undefined][] = [
      ['after', route[0], route[1]],
      ['before', route.at(-1), route.at(-2)],
    ];
    for (const [side, slot, neighbour] of ends) {
      if (slot === undefined || neighbour === undefined) continue;
      const key = `${side} ${slot.node ?? -1}`;
      const list = sides.get(key) ?? [];
      list.push({ link, at: neighbour.at });
      sides.set(key, list);
    }
  }
  const offsets = new Map<string, number>();
  for (const [key, list] of sides) {
    list.sort((a, b) => a.at - b.at || a.link - b.link);
    const step = Math.min(PARALLEL, (extent - 8) / list.length);
    list.forEach(({ link }, i) => {
      offsets.set(`${key.split(' ')[0] ?? ''} ${link}`, (i - (list.length - 1) / 2) * step);
    });
  }
  return offsets;
}

/**
 * Lays out the services `nodes` (any ids) and the links between them, as indexes into `nodes`.
 */
export function layoutMap(nodes: number, links: readonly Link[], room: MapRoom): MapShape {
  const { vertical } = room;
  const [boxAlong, boxAcross] = vertical
    ? [room.box.height, room.box.width]
    : [room.box.width, room.box.height];
  const large = room.box.height > LARGE_BOX;
  const gap = vertical ? GAP_ACROSS.narrow : large ? GAP_ACROSS.large : GAP_ACROSS.small;
  const least = vertical ? LEAST_BETWEEN.vertical : LEAST_BETWEEN.horizontal;
  const fitting = Math.floor((room.width - 2 * MARGIN.along + least) / (boxAlong + least));
  const acrossRoom = vertical ? room.width - 2 * MARGIN.across : MOST_ACROSS;
  const layers = fitLayers(assignLayers(nodes, links), {
    most: vertical ? SCROLLED_COLUMNS : Math.max(fitting, SCROLLED_COLUMNS),
    joined: vertical ? SCROLLED_COLUMNS : Math.max(fitting, FEWEST_COLUMNS),
    inOne: Math.max(2, Math.floor((acrossRoom + gap) / (boxAcross + gap))),
  });
  const columns = makeColumns(
    Array.from({ length: nodes }, (_, node) => node),
    links,
    layers,
  );
  orderColumns(columns);
  const passing = columns.columns.map(
    (column) => column.filter(({ node }) => node === null).length,
  );
  const together = vertical ? PASS.narrow : PASS.together;
  const pass = Math.min(PASS.most, together / Math.max(1, ...passing));
  const across = placeColumns(columns, {
    node: boxAcross + gap,
    pass: Math.max(PASS.least, pass),
  });

  const beyond = vertical ? 0 : beyondLast(columns.nodeSlots, links, layers.count - 1);
  const free = vertical
    ? 0
    : (room.width - 2 * MARGIN.along - beyond - layers.count * boxAlong) /
      Math.max(1, layers.count - 1);
  const between = Math.max(least, Math.min(MOST_BETWEEN, free));
  const along = layers.count * boxAlong + (layers.count - 1) * between + 2 * MARGIN.along + beyond;
  const width = Math.max(room.width, vertical ? across + 2 * MARGIN.across : along);
  // What is smaller than its room stands in the middle of it.
  const shift = vertical
    ? { along: MARGIN.along, across: (width - across) / 2 }
    : { along: MARGIN.along + (width - along) / 2, across: MARGIN.across };

  const point = (alongAt: number, acrossAt: number): Point =>
    vertical
      ? [acrossAt + shift.across, alongAt + shift.along]
      : [alongAt + shift.along, acrossAt + shift.across];
  const columnStart = (layer: number): number => layer * (boxAlong + between);
  const boxes = columns.nodeSlots.map((slot) =>
    point(columnStart(slot.layer) + boxAlong / 2, slot.at),
  );

  const offsets = sideOffsets(columns.routes, boxAcross);
  const curves = links.map(({ client, server }, link): Curve => {
    const route = columns.routes[link] ?? [];
    const first = route[0];
    const last = route.at(-1);
    if (first === undefined || last === undefined) {
      const [from, to] = [client, server].map((node): Point => boxes[node] ?? [0, 0]) as [
        Point,
        Point,
      ];
      const points =
        client === server ? loop(from, room.box) : beside(from, to, room.box, between, vertical);
      return { points, pulled: true };
    }
    const points = [
      point(columnStart(first.layer) + boxAlong, first.at + (offsets.get(`after ${link}`) ?? 0)),
      ...route.slice(1, -1).flatMap((slot) => {
        const start = columnStart(slot.layer);
        return [point(start, slot.at), point(start + boxAlong, slot.at)];
      }),
      point(columnStart(last.layer), last.at + (offsets.get(`before ${link}`) ?? 0)),
    ];
    return { points: layers.back[link] ? points.reverse() : points, pulled: false };
  });
  const height = vertical ? along : across + 2 * MARGIN.across;
  // Edges within the last column go out beyond it, on a narrow page below it.
  const reach = (axis: 0 | 1): number =>
    Math.max(
      0,
      ...curves.filter(({ pulled }) => pulled).flatMap(({ points }) => points.map((p) => p[axis])),
    );
  return {
    width: Math.max(width, vertical ? 0 : reach(0) + EDGE_ROOM),
    height: Math.max(height, vertical ? reach(1) + EDGE_ROOM : 0),
    vertical,
    box: room.box,
    boxes,
    curves,
  };
}

/** How far an edge within one column goes out at most, when its boxes are so far apart. */
const outOf = (distance: number): number => 24 + distance / 6;

/** Room for the edges within the column `last`, beyond it: without it the map would scroll for their sake. */
function beyondLast(slots: readonly Slot[], links: readonly Link[], last: number): number {
  const rooms = links.flatMap(({ client, server }) => {
    const [from, to] = [slots[client], slots[server]];
    if (client === server || from?.layer !== last || to?.layer !== last) return [];
    return [outOf(Math.abs(from.at - to.at)) + EDGE_ROOM];
  });
  return Math.max(0, ...rooms);
}

/** An edge within one column: out on the far side of the boxes, and back in. */
function beside(
  from: Point,
  to: Point,
  box: { width: number; height: number },
  between: number,
  vertical: boolean,
): Point[] {
  const along = vertical ? 1 : 0;
  const half = (vertical ? box.height : box.width) / 2;
  const distance = Math.abs(to[1 - along]! - from[1 - along]!);
  const reach = Math.min(0.75 * between, outOf(distance));
  const at = (point: Point, out: number, shift: number): Point =>
    vertical
      ? [point[0] + shift, point[1] + half + out]
      : [point[0] + half + out, point[1] + shift];
  const toward = 6 * Math.sign(to[1 - along]! - from[1 - along]!);
  return [at(from, 0, toward), at(from, reach, toward), at(to, reach, -toward), at(to, 0, -toward)];
}

/** A service that calls itself: a small loop over its box. */
function loop([x, y]: Point, box: { width: number; height: number }): Point[] {
  const top = y - box.height / 2;
  const reach = Math.min(22, box.width / 4);
  return [
    [x - reach, top],
    [x - reach, top - 16],
    [x + reach, top - 16],
    [x + reach, top],
  ];
}
