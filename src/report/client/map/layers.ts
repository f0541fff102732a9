/**
 * Which column of the map each service stands in: callers left of what they call, by the longest path
 * from any caller. Cycles are broken at the call that closes them. Deterministic: only indexes decide.
 */

/** Client and server of an edge, as indexes of services. */
export interface Link {
  client: number;
  server: number;
}

/** Marks the links that close a cycle, in a depth-first walk from services that nobody calls. */
function backLinks(nodes: number, links: readonly Link[]): boolean[] {
  const outgoing: number[][] = Array.from({ length: nodes }, () => []);
  const called = new Array<boolean>(nodes).fill(false);
  for (const [index, { client, server }] of links.entries()) {
    if (client === server) continue;
    outgoing[client]?.push(index);
    called[server] = true;
  }
  const back = links.map(() => false);
  const state = new Array<'new' | 'open' | 'done'>(nodes).fill('new');
  // An explicit stack: a chain of services may be longer than the engine's call stack allows.
  const walk = (root: number): void => {
    const stack = [{ node: root, next: 0 }];
    state[root] = 'open';
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const link = outgoing[top.node]?.[top.next++];
      if (link === undefined) {
        state[top.node] = 'done';
        stack.pop();
        continue;
      }
      const server = links[link]?.server ?? 0;
      if (state[server] === 'open') back[link] = true;
      else if (state[server] === 'new') {
        state[server] = 'open';
        stack.push({ node: server, next: 0 });
      }
    }
  };
  const roots = Array.from({ length: nodes }, (_, node) => node);
  roots.sort((a, b) => Number(called[a]) - Number(called[b]) || a - b);
  for (const root of roots) if (state[root] === 'new') walk(root);
  return back;
}

export interface Layers {
  /** Column of each service, from 0. */
  layer: number[];
  /** Links that run against the direction of the map. */
  back: boolean[];
  /** Number of columns. */
  count: number;
}

/** Assigns a column to every service. */
export function assignLayers(nodes: number, links: readonly Link[]): Layers {
  const back = backLinks(nodes, links);
  // Forward edges only, each from the earlier to the later column, loops left out.
  const forward = links
    .map(({ client, server }, index) =>
      back[index] ? { from: server, to: client } : { from: client, to: server },
    )
    .filter(({ from, to }) => from !== to);
  const layer = new Array<number>(nodes).fill(0);
  // Relaxation: at most one pass for each column, as there is no cycle left.
  for (let pass = 0, moved = true; moved && pass <= nodes; pass++) {
    moved = false;
    for (const { from, to } of forward) {
      const least = (layer[from] ?? 0) + 1;
      if ((layer[to] ?? 0) < least) {
        layer[to] = least;
        moved = true;
      }
    }
  }
  // A caller that nobody calls moves next to what it calls: short edges are easier to follow.
  const hasCaller = new Set(forward.map(({ to }) => to));
  for (let node = 0; node < nodes; node++) {
    if (hasCaller.has(node)) continue;
    const targets = forward.filter(({ from }) => from === node).map(({ to }) => layer[to] ?? 0);
    if (targets.length > 0) layer[node] = Math.min(...targets) - 1;
  }
  return { layer, back, count: Math.max(0, ...layer) + 1 };
}
