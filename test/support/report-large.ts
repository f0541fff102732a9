/** An analysis of many services in four projects, with callers and databases outside. The same bytes each time. */
import { bucketOf } from '../../src/analyze/metrics/histogram.js';
import type { Analysis, Edge, EdgeCell, Workload } from '../../src/analyze/model.js';
import { cellsBy, shopAnalysis } from './report-data.js';

/** What is in it. */
export const LARGE = {
  projects: ['web', 'store', 'pay', 'mail'],
  inProject: 30,
  /** Addresses outside that call, and that are called. */
  callers: 12,
  called: 5,
  /** The project whose first two services the finding is about. */
  found: 'pay',
  /** A service by its name, and what else it can be found by. */
  service: 'store-s07',
  image: 'registry.example/store/s07:3',
  address: '10.1.1.7',
};
const SECONDS = 60;

const nameOf = (project: string, n: number): string => `${project}-s${String(n).padStart(2, '0')}`;

function workload(
  id: number,
  over: Partial<Workload> & { name: string; service: string },
): Workload {
  return {
    id,
    kind: 'container',
    project: null,
    addresses: [],
    containerId: String(id).padStart(64, 'c'),
    image: null,
    pid: 1000 + id,
    comm: 'node',
    firstSeenNs: 0,
    lastSeenNs: SECONDS * 1e9,
    ...over,
  };
}

function workloads(): Workload[] {
  const own = LARGE.projects.flatMap((project, p) =>
    Array.from({ length: LARGE.inProject }, (_, n) =>
      workload(p * LARGE.inProject + n + 1, {
        name: `${nameOf(project, n)}-1`,
        service: nameOf(project, n),
        project,
        addresses: [`10.1.${p}.${n}`],
        image: `registry.example/${project}/s${String(n).padStart(2, '0')}:3`,
      }),
    ),
  );
  const outside = Array.from({ length: LARGE.callers + LARGE.called }, (_, n) => {
    const address = `192.0.2.${n + 1}`;
    const bare = { kind: 'external', containerId: null, pid: null, comm: null } as const;
    return workload(own.length + n + 1, { ...bare, name: address, service: address });
  });
  return [...own, ...outside];
}

function edge(id: number, client: string, server: string, port: number): Edge {
  const shop = shopAnalysis().edges[0]!;
  return { ...shop, id, client, server, port, via: null, failures: 0, failuresByVerdict: {} };
}

/** Who calls whom: callers → the first of web; each service the next two of its project; projects in a row. */
function pairs(): [string, string, number][] {
  const { projects, inProject, callers, called } = LARGE;
  const address = (n: number): string => `192.0.2.${n + 1}`;
  const inside = projects.flatMap((project, p) =>
    Array.from({ length: inProject }, (_, n): [string, string, number][] => {
      const next = projects[p + 1];
      return [
        ...[2 * n + 1, 2 * n + 2]
          .filter((to) => to < inProject)
          .map((to): [string, string, number] => [
            nameOf(project, n),
            nameOf(project, to),
            8000 + to,
          ]),
        ...(next === undefined || n % 4 !== 0
          ? []
          : ([[nameOf(project, n), nameOf(next, n), 8000 + n]] as [string, string, number][])),
      ];
    }).flat(),
  );
  return [
    ...Array.from({ length: callers }, (_, n): [string, string, number] => [
      address(n),
      nameOf('web', 0),
      443,
    ]),
    ...inside,
    ...Array.from({ length: called }, (_, n): [string, string, number] => [
      nameOf('mail', n),
      address(callers + n),
      587,
    ]),
  ];
}

function cells(n: number): EdgeCell[] {
  const us = 800 + 37 * (n % 50);
  return Array.from({ length: SECONDS }, (_, step) => ({
    step,
    connections: step === 0 ? 4 : 0,
    failures: 0,
    exchanges: 10 + (n % 7),
    flagged: 0,
    retransmits: 0,
    open: 4,
    sumUs: us * (10 + (n % 7)),
    paired: 10 + (n % 7),
    pairedUs: us * (10 + (n % 7)),
    servedUs: 0.9 * us * (10 + (n % 7)),
    pickupUs: 20 * (10 + (n % 7)),
    latency: { first: bucketOf(us), counts: [10 + (n % 7)] },
  }));
}

export function largeAnalysis(): Analysis {
  const edges = pairs().map(([client, server, port], id) => edge(id, client, server, port));
  const [from, to] = [nameOf(LARGE.found, 0), nameOf(LARGE.found, 1)];
  const found = edges.find(({ client, server }) => client === from && server === to)!;
  return {
    ...shopAnalysis(),
    workloads: workloads(),
    edges,
    ...cellsBy(new Map(edges.map(({ id }) => [id, cells(id)]))),
    failures: [],
    failuresTotal: 0,
    connections: [],
    slowest: [],
    findings: [
      {
        rank: 1,
        severity: 'high',
        kind: 'slow',
        edge: found.id,
        startNs: 10e9,
        endNs: 20e9,
        sentence: `${from} → ${to}:${found.port} was slow.`,
        evidence: 'p95 1 s, 10 ms before',
      },
    ],
  };
}
