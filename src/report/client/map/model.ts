/** What the map draws: boxes of services and groups, and the links between them. Pure. */
import type { ReportData } from '../../data.js';
import { type Group, boxesOf, groupTree } from './groups.js';

/** More links than this cannot be followed by eye. */
export const MOST_LINKS = 60;
/** So many findings, the first ones, have their services on the map even where their group is closed. */
const FINDINGS_SHOWN = 4;

/** A box: one service, or a closed group. */
export interface Box {
  /** The one service; null for a group. */
  service: number | null;
  group: Group | null;
  services: readonly number[];
}

/** All edges from one box to another; of two services, each edge is a link of its own. */
export interface MapLink {
  client: number;
  server: number;
  /** Indexes of edges, ascending. */
  edges: number[];
}

export interface MapModel {
  root: Group;
  boxes: Box[];
  links: MapLink[];
  /** Links before the least important were left out. */
  allLinks: number;
  /** Boxes without a link that is drawn; they are not drawn either. */
  hiddenBoxes: number;
}

/** What the reader wants to see. */
export interface MapWish {
  /** Keys of opened groups. */
  opened: readonly number[];
  /** The service to show with its neighbours alone. */
  focus: number | null;
  everything: boolean;
}

function neighbours(data: ReportData, focus: number): Set<number> {
  const near = new Set([focus]);
  for (const { client, server } of data.edges) {
    if (client === focus) near.add(server);
    if (server === focus) near.add(client);
  }
  return near;
}

/** What does not change with what the reader wants to see. */
interface Constants {
  called: ReadonlySet<number>;
  /** The services of all edges, ascending, and their tree. */
  services: readonly number[];
  root: Group;
  /** How important each edge is. */
  weights: readonly number[];
}

const known = new WeakMap<ReportData, Constants>();

function constantsOf(data: ReportData): Constants {
  const before = known.get(data);
  if (before !== undefined) return before;
  const called = new Set(data.edges.map(({ server }) => server));
  const services = [...new Set(data.edges.flatMap(({ client, server }) => [client, server]))].sort(
    (a, b) => a - b,
  );
  const found = new Set(data.findings.map(({ edge }) => edge));
  const constants = {
    called,
    services,
    root: groupTree(data.services, services, (service) => called.has(service)),
    weights: data.edges.map(
      (edge, index) =>
        (found.has(index) ? 1e15 : 0) + edge.failures * 1e6 + edge.exchanges + edge.connections,
    ),
  };
  known.set(data, constants);
  return constants;
}

function bundle(data: ReportData, boxes: readonly Box[], focus: number | null): MapLink[] {
  const boxOf: (number | undefined)[] = [];
  for (const [i, { services }] of boxes.entries()) for (const s of services) boxOf[s] = i;
  const links: MapLink[] = [];
  /** The link from one box to another, where it has edges of groups: at client × boxes + server. */
  const bundles: (MapLink | undefined)[] = [];
  for (let index = 0; index < data.edges.length; index++) {
    const edge = data.edges[index]!;
    if (focus !== null && edge.client !== focus && edge.server !== focus) continue;
    const [client, server] = [boxOf[edge.client], boxOf[edge.server]];
    if (client === undefined || server === undefined) continue;
    const alone = boxes[client]?.group === null && boxes[server]?.group === null;
    if (client === server && !alone) continue;
    const place = client * boxes.length + server;
    const bundle = alone ? undefined : bundles[place];
    if (bundle !== undefined) {
      bundle.edges.push(index);
      continue;
    }
    const link = { client, server, edges: [index] };
    links.push(link);
    if (!alone) bundles[place] = link;
  }
  return links;
}

/** The services that the first findings speak of. */
function foundServices(data: ReportData): Set<number> {
  const edges = data.findings.flatMap(({ edge }) => (edge === null ? [] : [edge]));
  return new Set(
    [...new Set(edges)].slice(0, FINDINGS_SHOWN).flatMap((index) => {
      const edge = data.edges[index];
      return edge === undefined ? [] : [edge.client, edge.server];
    }),
  );
}

/** Boxes and links for a wish. The range has no part in it, so that the picture stands still while it moves. */
export function mapModel(data: ReportData, { opened, focus, everything }: MapWish): MapModel {
  const { called, services, root: whole, weights } = constantsOf(data);
  const near = focus === null ? null : neighbours(data, focus);
  const root =
    near === null
      ? whole
      : groupTree(
          data.services,
          services.filter((service) => near.has(service)),
          (service) => called.has(service),
        );
  const alone = new Set(focus === null ? foundServices(data) : [focus]);
  const single = (service: number): Box => ({ service, group: null, services: [service] });
  const all = boxesOf(root, opened).flatMap((box): Box[] => {
    if (typeof box === 'number') return [single(box)];
    const out = box.services.filter((service) => alone.has(service));
    const services = box.services.filter((service) => !alone.has(service));
    if (services.length < 2) return box.services.map(single);
    return [...out.map(single), { service: null, group: box, services }];
  });
  const bundled = bundle(data, all, focus);
  const weigh = ({ edges }: MapLink): number =>
    edges.reduce((sum, edge) => sum + (weights[edge] ?? 0), 0);
  const weight = new Map(bundled.map((link) => [link, weigh(link)]));
  const links = everything
    ? bundled
    : [...bundled].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0)).slice(0, MOST_LINKS);
  const drawn = new Set(links.flatMap(({ client, server }) => [client, server]));
  const boxes = all.filter(
    (box, i) => drawn.has(i) || (box.service !== null && box.service === focus),
  );
  const place = new Map(boxes.map((box, i) => [box, i]));
  const at = (i: number): number => place.get(all[i]!) ?? 0;
  return {
    root,
    boxes,
    links: links
      .map((link) => ({ ...link, client: at(link.client), server: at(link.server) }))
      .sort((a, b) => (a.edges[0] ?? 0) - (b.edges[0] ?? 0)),
    allLinks: bundled.length,
    hiddenBoxes: all.length - boxes.length,
  };
}
