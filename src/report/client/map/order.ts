/**
 * The order of the services within each column, so that few edges cross, and their places. Edges that
 * pass a column get a place of their own in it, so that no curve runs through a service.
 */
import { settle } from '../settle.js';
import type { Layers, Link } from './layers.js';

/** One place in a column: a service, or where an edge passes. */
export interface Slot {
  layer: number;
  /** Index of the service; null where an edge passes. */
  node: number | null;
  /** Neighbours in the column before and after. */
  before: Slot[];
  after: Slot[];
  /** Order in its column, from 0. */
  rank: number;
  /** Centre across the direction of the map, pixels. */
  at: number;
}

export interface Columns {
  columns: Slot[][];
  nodeSlots: Slot[];
  /** The slots that each link visits, from the earlier column to the later one; empty within one column. */
  routes: Slot[][];
}

function join(a: Slot, b: Slot): void {
  a.after.push(b);
  b.before.push(a);
}

/** Makes the slots. Links between the same two services share theirs. */
export function makeColumns(
  nodes: readonly number[],
  links: readonly Link[],
  { layer, back, count }: Layers,
): Columns {
  const columns: Slot[][] = Array.from({ length: count }, () => []);
  const place = (column: number, node: number | null): Slot => {
    const slot: Slot = { layer: column, node, before: [], after: [], rank: 0, at: 0 };
    columns[column]?.push(slot);
    return slot;
  };
  const nodeSlots = nodes.map((node) => place(layer[node] ?? 0, node));
  const shared = new Map<string, Slot[]>();
  const routes = links.map(({ client, server }, index) => {
    const [from, to] = back[index] ? [server, client] : [client, server];
    const [first, last] = [nodeSlots[from], nodeSlots[to]];
    if (first === undefined || last === undefined || first.layer === last.layer) return [];
    const key = `${from} ${to}`;
    const known = shared.get(key);
    if (known !== undefined) return known;
    const passes: Slot[] = [];
    for (let column = first.layer + 1; column < last.layer; column++)
      passes.push(place(column, null));
    const route = [first, ...passes, last];
    for (const [i, slot] of route.entries()) {
      const next = route[i + 1];
      if (next !== undefined) join(slot, next);
    }
    shared.set(key, route);
    return route;
  });
  for (const column of columns) column.forEach((slot, rank) => (slot.rank = rank));
  return { columns, nodeSlots, routes };
}

/** How many pairs of `ends` stand the wrong way round: a tree of counts (Fenwick), as maps may have thousands. */
function inversions(ends: readonly number[]): number {
  const counts = new Int32Array(Math.max(0, ...ends) + 2);
  let total = 0;
  for (const [seen, end] of ends.entries()) {
    let notAfter = 0;
    for (let i = end + 1; i > 0; i -= i & -i) notAfter += counts[i] ?? 0;
    total += seen - notAfter;
    for (let i = end + 1; i < counts.length; i += i & -i) counts[i] = (counts[i] ?? 0) + 1;
  }
  return total;
}

function crossings(columns: readonly Slot[][]): number {
  let total = 0;
  for (const column of columns) {
    const byRank: Slot[] = [];
    for (const slot of column) byRank[slot.rank] = slot;
    const ends = byRank.flatMap(({ after }) => after.map(({ rank }) => rank).sort((a, b) => a - b));
    total += inversions(ends);
  }
  return total;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** How many times the columns are swept, there and back. Beyond a few nothing changes any more. */
const SWEEPS = 8;

/** Sorts each column by the mean rank of its neighbours, there and back; keeps the best order seen. */
export function orderColumns({ columns }: Columns): void {
  const remember = (): number[][] => columns.map((column) => column.map((slot) => slot.rank));
  let best = remember();
  let fewest = crossings(columns);
  const sweep = (side: 'before' | 'after'): void => {
    for (const column of side === 'before' ? columns : columns.toReversed()) {
      const wanted = new Map(
        column.map((slot) => [slot, mean(slot[side].map(({ rank }) => rank)) ?? slot.rank]),
      );
      const sorted = [...column].sort(
        (a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a.rank - b.rank,
      );
      sorted.forEach((slot, rank) => (slot.rank = rank));
    }
  };
  for (let i = 0; i < SWEEPS * 2 && fewest > 0; i++) {
    sweep(i % 2 === 0 ? 'before' : 'after');
    const now = crossings(columns);
    if (now < fewest) [fewest, best] = [now, remember()];
  }
  for (const [c, column] of columns.entries()) {
    column.forEach((slot, i) => (slot.rank = best[c]?.[i] ?? 0));
    column.sort((a, b) => a.rank - b.rank);
  }
}

/**
 * Gives every slot its centre. `size` is the room of a service and of a passing edge, gaps included.
 * @returns the whole extent across, with everything moved to start at 0.
 */
export function placeColumns({ columns }: Columns, size: { node: number; pass: number }): number {
  const room = (slot: Slot): number => (slot.node === null ? size.pass : size.node);
  const distances = (column: readonly Slot[]): number[] =>
    column.slice(1).map((slot, i) => (room(slot) + room(column[i] ?? slot)) / 2);
  for (const column of columns) {
    const steps = distances(column);
    let at = -steps.reduce((sum, step) => sum + step, 0) / 2;
    for (const [i, slot] of column.entries()) {
      slot.at = at;
      at += steps[i] ?? 0;
    }
  }
  for (let i = 0; i < SWEEPS; i++) {
    for (const column of i % 2 === 0 ? columns : columns.toReversed()) {
      const wanted = column.map(
        (slot) => mean([...slot.before, ...slot.after].map(({ at }) => at)) ?? slot.at,
      );
      const placed = settle(wanted, distances(column));
      column.forEach((slot, k) => (slot.at = placed[k] ?? 0));
    }
  }
  const all = columns.flat();
  const top = Math.min(...all.map((slot) => slot.at - room(slot) / 2));
  for (const slot of all) slot.at -= top;
  return Math.max(0, ...all.map((slot) => slot.at + room(slot) / 2));
}
