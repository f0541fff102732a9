/** Which edges a scope means, and which names are like one that means none. */
import type { Edge } from '../analyze/model.js';
import type { Scope } from './assertion.js';
import { near } from './near.js';

/** `gateway -> auth:8081`, as it is written in an assertion. */
export function edgeText({
  client,
  server,
  port,
}: Pick<Edge, 'client' | 'server' | 'port'>): string {
  return `${client} -> ${server}:${port}`;
}

/** Matches `*` against anything, the rest literally; in time that grows with both lengths only. */
export function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/** The edges of a scope, by name; all where there is none. */
export function edgesIn(scope: Scope | null, edges: readonly Edge[]): Edge[] {
  return edges
    .filter(
      (edge) =>
        scope === null ||
        (matches(scope.client, edge.client) &&
          matches(scope.server, edge.server) &&
          (scope.port === null || scope.port === edge.port)),
    )
    .sort((a, b) => (edgeText(a) < edgeText(b) ? -1 : 1));
}

/** Edges and services that somebody may have meant with a scope that matches nothing. */
export function suggestions(scope: Scope, edges: readonly Edge[]): string[] {
  const port = scope.port === null ? '' : `:${scope.port}`;
  const named = edges.map((edge) =>
    scope.port === null ? edgeText(edge).replace(/:\d+$/, '') : edgeText(edge),
  );
  const servers = edges.map(({ server }) => server);
  if (scope.client === '*') return near(scope.server, servers);
  const alike = near(`${scope.client} -> ${scope.server}${port}`, named);
  const reverse = edges.filter(
    (edge) => matches(scope.client, edge.server) && matches(scope.server, edge.client),
  );
  const sameServer = edges.filter((edge) => matches(scope.server, edge.server));
  return [...new Set([...reverse.map(edgeText), ...alike, ...sameServer.map(edgeText)])].slice(
    0,
    3,
  );
}
