/**
 * What a capture is made of: block kinds and the bodies that are JSON. FORMAT.md is the specification;
 * this file is its TypeScript side, shared by the recorder (writes) and the analyzer (reads).
 *
 * Numbers are never reused. A reader skips kinds that it does not know.
 */

/** Kinds of block. */
export const BlockKind = {
  HOST: 1,
  LAYOUT: 2,
  CLOCK: 3,
  EVENTS: 4,
  WORKLOADS: 5,
  CENSUS: 6,
  STATS: 7,
  NETSTAT: 8,
  END: 9,
} as const;
export type BlockKind = (typeof BlockKind)[keyof typeof BlockKind];

/** One capability of the recorder and the hook that serves it, for example `accept`. */
export interface PlanRow {
  capability: string;
  hook: string;
  /** What the reader must know about this rung, for example "starts are stamped at the return". */
  note?: string;
}

/** What the kernel was told to leave out. Empty lists mean: no filter of that sort. */
export interface CaptureFilter {
  ports: number[];
  /** Ports whose connections are left out. */
  excludePorts: number[];
  containers: string[];
  /** Services of containers. */
  services: string[];
  netns: number[];
}

/** Body of HOST: the machine, the recorder and the decisions taken before the first event. */
export interface HostBody {
  hostname: string;
  kernel: string;
  machine: string;
  bootId: string;
  cpus: number;
  memoryBytes: number;
  recorder: string;
  /** CLOCK_MONOTONIC nanoseconds as a decimal string: the base that readers subtract. */
  startedMono: string;
  /** Milliseconds since 1970, UTC. */
  startedWallMs: number;
  ringBytes: number;
  /** Milliseconds by which an event may stand behind younger ones of other CPUs. Missing: 0. */
  disorderMs?: number;
  plan: PlanRow[];
  filter: CaptureFilter;
  /** The command that was recorded: its executable's name only. */
  command: string | null;
  /** Its arguments, where the person who recorded asked for them to be kept. */
  args?: string[];
  /** Inode of the recorder's own network namespace: "the host" for attribution. */
  hostNetns: number;
}

/** Body of LAYOUT: each event kind's size and fields, as recorded. */
export interface LayoutBody {
  kinds: Record<string, { kind: number; size: number; fields: Record<string, FieldLayout> }>;
}

/** Where a field lies in its struct. `count` > 1 is an array of `size`-byte elements. */
export interface FieldLayout {
  offset: number;
  size: number;
  count: number;
}

/** A container as the container engine described it at one moment. */
export interface ContainerBody {
  id: string;
  name: string;
  image: string;
  labels: Record<string, string>;
  /** Main process on the host, 0 when not running. */
  pid: number;
  /** Id of its cgroup in the v2 hierarchy as a decimal string, "0" where unknown. */
  cgroup: string;
  /** Inode of its network namespace, 0 where unknown. */
  netns: number;
  /** True when it shares the host's network namespace. */
  hostNetwork: boolean;
  networks: { name: string; addresses: string[] }[];
  ports: { hostPort: number; containerPort: number }[];
  state: 'running' | 'exited' | 'paused' | 'created' | 'other';
}

/** Body of WORKLOADS: `list` at start and end, then one `change` each time the engine says so. */
export interface WorkloadsBody {
  /** CLOCK_MONOTONIC ns, decimal string. */
  at: string;
  what: 'list' | 'change' | 'gap';
  /** For `change`: the engine's word (start, die, rename, pause …). For `gap`: why the engine is silent. */
  action?: string;
  containers: ContainerBody[];
  /** Where no engine answered: one sentence. */
  reason?: string;
}

/** Body of STATS, each second: what was lost and what the recording cost so far (running totals). */
export interface StatsBody {
  at: string;
  /**
   * Events that found no room since the start, by the name of their kind; and under SKIPPED the runs of probes that
   * the kernel left out, each of which may have been an event.
   */
  lost: Record<string, number>;
  ringBytes: number;
  /** Most bytes that waited in the ring since the previous STATS; nothing is lost before it is full. */
  ringHighWater: number;
  /** Run count and time of each BPF program in the measured time; 0 where the kernel has no statistics. */
  programs: { name: string; runs: number; ns: number }[];
  /** How long the kernel counted runs so far, nanoseconds. Missing: since the start. */
  measuredNs?: number;
  /** The recorder process: CPU time since the start and resident memory. */
  cpuUs: number;
  rssBytes: number;
  /** Events bytes written so far, ring headers included. */
  eventBytes: number;
}

/** Body of NETSTAT: counters of one network namespace. */
export interface NetstatBody {
  at: string;
  netns: number;
  counters: Record<string, number>;
}

/** Body of END: the recording was ended on purpose and everything before this was written. */
export interface EndBody {
  at: string;
  /** `snapshot`: the recording went on. */
  reason: 'signal' | 'duration' | 'max-size' | 'command-ended' | 'snapshot';
  /** Exit status of the recorded command, where there was one. */
  status?: number;
}

/**
 * CENSUS is binary: a u64 CLOCK_MONOTONIC time, a u32 phase (0 start, 1 end), a u32 row count, then that
 * many `dhr_census` rows of the size in LAYOUT. CLOCK is binary: u64 monotonic ns, u64 wall ns since 1970.
 * EVENTS is the raw span of the ring buffer. All other bodies are UTF-8 JSON.
 */
export const CensusPhase = { START: 0, END: 1 } as const;
