/** The services of the page: one for each name that an edge carries, with the workloads behind it. */
import type { Analysis, Workload } from '../analyze/model.js';
import type { ServiceView, WorkloadView } from './data.js';
import { IDLE_SERVICES, NAME_CHARS, WORKLOADS_NAMED } from './limits.js';
import { shown } from './text.js';

const KINDS = ['container', 'process', 'external', 'unknown'] as const;

/** Services by the analyzer's name of them, each with its index on the page. */
export interface ServiceTable {
  views: ServiceView[];
  indexOf: ReadonlyMap<string, number>;
  /** Services without an edge that were left out. */
  idleLeftOut: number;
}

/** Digits of a container's id by which people know it. */
const ID_DIGITS = 12;

function workloadView({ name, containerId, comm, pid }: Workload): WorkloadView {
  return {
    name: shown(name, NAME_CHARS),
    container: containerId === null ? null : shown(containerId.slice(0, ID_DIGITS), ID_DIGITS),
    comm: comm === null ? null : shown(comm, NAME_CHARS),
    pid,
  };
}

function byName(a: Workload, b: Workload): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id;
}

function view(name: string, workloads: readonly Workload[]): ServiceView {
  const distinct = (values: (string | null)[]): string[] =>
    [...new Set(values.filter((value) => value !== null))]
      .sort()
      .slice(0, WORKLOADS_NAMED)
      .map((value) => shown(value, NAME_CHARS));
  const projects = distinct(workloads.map((workload) => workload.project));
  return {
    name: shown(name, NAME_CHARS),
    kind: KINDS.find((kind) => workloads.some((workload) => workload.kind === kind)) ?? 'unknown',
    project: projects.length === 1 ? projects[0]! : null,
    workloads: [...workloads].sort(byName).slice(0, WORKLOADS_NAMED).map(workloadView),
    workloadCount: workloads.length,
    images: distinct(workloads.map((workload) => workload.image)),
    addresses: distinct(workloads.flatMap((workload) => workload.addresses)),
  };
}

/** Services of the kept edges first, by name, then those that nobody called, as many as fit. */
export function listServices(analysis: Analysis, named: ReadonlySet<string>): ServiceTable {
  const workloads = new Map<string, Workload[]>();
  for (const workload of analysis.workloads) {
    const list = workloads.get(workload.service);
    if (list === undefined) workloads.set(workload.service, [workload]);
    else list.push(workload);
  }
  const everyEdge = new Set(analysis.edges.flatMap(({ client, server }) => [client, server]));
  const idle = [...workloads.keys()].filter((name) => !everyEdge.has(name)).sort();
  const names = [...[...named].sort(), ...idle.slice(0, IDLE_SERVICES)];
  return {
    views: names.map((name) => view(name, workloads.get(name) ?? [])),
    indexOf: new Map(names.map((name, index) => [name, index])),
    idleLeftOut: Math.max(0, idle.length - IDLE_SERVICES),
  };
}
