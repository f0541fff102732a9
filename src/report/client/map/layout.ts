/**
 * The geometry of the map: boxes and curves in pixels. Pure, so that it can be tested without a page.
 * Wide pages run left to right, narrow ones top to bottom.
 */
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
  /** Points of each edge's curve from client to server; four points for a loop. */
  curves: Point[][];
}

const GAP_ACROSS = 26;
const PASS = 26;
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
  const layers = assignLayers(nodes, links);
  const columns = makeColumns(
    Array.from({ length: nodes }, (_, node) => node),
    links,
    layers,
  );
  orderColumns(columns);
  const [boxAlong, boxAcross] = vertical
    ? [room.box.height, room.box.width]
    : [room.box.width, room.box.height];
  const gap = vertical ? 12 : GAP_ACROSS;
  const across = placeColumns(columns, { node: boxAcross + gap, pass: PASS });

  const least = vertical ? LEAST_BETWEEN.vertical : LEAST_BETWEEN.horizontal;
  const free = vertical
    ? 0
    : (room.width - 2 * MARGIN.along - layers.count * boxAlong) / Math.max(1, layers.count - 1);
  const between = Math.max(least, Math.min(MOST_BETWEEN, free));
  const along = layers.count * boxAlong + (layers.count - 1) * between + 2 * MARGIN.along;
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
  const curves = links.map(({ client }, link) => {
    const route = columns.routes[link] ?? [];
    const first = route[0];
    const last = route.at(-1);
    if (first === undefined || last === undefined) return loop(boxes[client] ?? [0, 0], room.box);
    const points = [
      point(columnStart(first.layer) + boxAlong, first.at + (offsets.get(`after ${link}`) ?? 0)),
      ...route.slice(1, -1).flatMap((slot) => {
        const start = columnStart(slot.layer);
        return [point(start, slot.at), point(start + boxAlong, slot.at)];
      }),
      point(columnStart(last.layer), last.at + (offsets.get(`before ${link}`) ?? 0)),
    ];
    return layers.back[link] ? points.reverse() : points;
  });
  const height = vertical ? along : across + 2 * MARGIN.across;
  return { width, height, vertical, box: room.box, boxes, curves };
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
