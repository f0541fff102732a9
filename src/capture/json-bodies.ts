/**
 * What each JSON body must have, may have, and how large it may be. What every reader relies on is required; what
 * came later or may be missing has a value that claims nothing.
 */
import type {
  ContainerBody,
  EndBody,
  FieldLayout,
  HostBody,
  LayoutBody,
  NetstatBody,
  PlanRow,
  StatsBody,
  WorkloadsBody,
} from './blocks.js';
import { flag, list, object, oneOf, orElse, orNull, record, text, whole, wide } from './shapes.js';
import type { Shape } from './shapes.js';

/** The body that each JSON kind holds. */
export interface JsonBodies {
  HOST: HostBody;
  LAYOUT: LayoutBody;
  WORKLOADS: WorkloadsBody;
  STATS: StatsBody;
  NETSTAT: NetstatBody;
  END: EndBody;
}

/** The longest time that a Date can tell, in milliseconds. */
const LAST_MS = 8.64e15;
const U32 = 0xffff_ffff;
/** Events of so many milliseconds may be held in memory. */
const MOST_DISORDER_MS = 10_000;

const name = text(1000);
const sentence = text(10_000);
const count = orElse(whole(), 0);
const u32 = orElse(whole(0, U32), 0);
const port = orElse(whole(0, 0xffff), 0);
const counts = record(whole(), 1000);

const plan: Shape<PlanRow> = object<PlanRow, 'note'>(
  { capability: orElse(name, ''), hook: orElse(name, '') },
  { note: sentence },
);

const host: Shape<HostBody> = object<HostBody, 'args' | 'disorderMs'>(
  {
    hostname: name,
    kernel: name,
    machine: orElse(name, ''),
    bootId: orElse(name, ''),
    cpus: count,
    memoryBytes: count,
    recorder: orElse(name, 'unknown'),
    startedMono: wide,
    startedWallMs: whole(0, LAST_MS),
    ringBytes: count,
    plan: list(plan, 100),
    filter: object<HostBody['filter']>({
      ports: orElse(list(port, 1000), []),
      excludePorts: orElse(list(port, 1000), []),
      containers: orElse(list(name, 1000), []),
      services: orElse(list(name, 1000), []),
      netns: orElse(list(u32, 1000), []),
    }),
    command: orNull(name),
    hostNetns: u32,
  },
  { args: list(sentence, 10_000), disorderMs: whole(0, MOST_DISORDER_MS) },
);

const field: Shape<FieldLayout> = object<FieldLayout>({
  offset: orElse(whole(), U32),
  size: count,
  count,
});

const layout: Shape<LayoutBody> = object<LayoutBody>({
  kinds: record(
    object<LayoutBody['kinds'][string]>({ kind: count, size: count, fields: record(field, 200) }),
    200,
  ),
});

const container: Shape<ContainerBody> = object<ContainerBody>({
  id: name,
  name,
  image: orElse(name, ''),
  labels: record(orElse(name, ''), 1000),
  pid: u32,
  cgroup: orElse(wide, '0'),
  netns: u32,
  hostNetwork: orElse(flag, false),
  networks: list(
    object<ContainerBody['networks'][number]>({
      name: orElse(name, ''),
      addresses: orElse(list(text(64), 100), []),
    }),
    100,
  ),
  ports: list(
    object<ContainerBody['ports'][number]>({ hostPort: port, containerPort: port }),
    10_000,
  ),
  state: orElse(
    oneOf<ContainerBody['state']>('running', 'exited', 'paused', 'created', 'other'),
    'other',
  ),
});

/** More containers than a machine runs. */
const MAX_CONTAINERS = 10_000;

const workloads: Shape<WorkloadsBody> = object<WorkloadsBody, 'action' | 'reason'>(
  {
    at: wide,
    what: orElse(oneOf<WorkloadsBody['what']>('list', 'change', 'gap'), 'change'),
    containers: list(container, MAX_CONTAINERS),
  },
  { action: name, reason: sentence },
);

const stats: Shape<StatsBody> = object<StatsBody, 'measuredNs'>(
  {
    at: wide,
    lost: counts,
    ringBytes: count,
    ringHighWater: count,
    programs: list(
      object<StatsBody['programs'][number]>({ name: orElse(name, ''), runs: count, ns: count }),
      1000,
    ),
    cpuUs: count,
    rssBytes: count,
    eventBytes: count,
  },
  { measuredNs: whole() },
);

const netstat: Shape<NetstatBody> = object<NetstatBody>({ at: wide, netns: u32, counters: counts });

const end: Shape<EndBody> = object<EndBody, 'status'>(
  {
    at: wide,
    reason: orElse(
      oneOf<EndBody['reason']>('signal', 'duration', 'max-size', 'command-ended', 'snapshot'),
      'signal',
    ),
  },
  { status: whole(-1, U32) },
);

export const JSON_BODIES: { readonly [K in keyof JsonBodies]: Shape<JsonBodies[K]> } = {
  HOST: host,
  LAYOUT: layout,
  WORKLOADS: workloads,
  STATS: stats,
  NETSTAT: netstat,
  END: end,
};
