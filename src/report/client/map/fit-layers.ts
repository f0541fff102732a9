/**
 * Makes columns fit the page: too many are joined, keeping their order, and one that holds too many
 * services goes on in the next.
 */
import type { Layers } from './layers.js';

export interface LayerRoom {
  /** Most columns before they are joined … */
  most: number;
  /** … and how many are left then. */
  joined: number;
  /** Most services of one column. */
  inOne: number;
}

/** Columns as `layers` has them, joined and wrapped to fit. A link between services of one column is possible then. */
export function fitLayers({ layer, back, count }: Layers, room: LayerRoom): Layers {
  const joins = count > room.most;
  const joined = joins ? layer.map((at) => Math.floor((at * room.joined) / count)) : layer;
  const members: number[][] = Array.from({ length: count }, () => []);
  for (const [node, at] of joined.entries()) members[at]?.push(node);
  const wrapped = new Array<number>(layer.length).fill(0);
  let next = 0;
  for (const nodes of members.filter((column) => column.length > 0)) {
    const parts = Math.max(1, Math.ceil(nodes.length / room.inOne));
    const inPart = Math.ceil(nodes.length / parts);
    for (const [i, node] of nodes.entries()) wrapped[node] = next + Math.floor(i / inPart);
    next += Math.ceil(nodes.length / inPart);
  }
  return { layer: wrapped, back, count: Math.max(1, next) };
}
