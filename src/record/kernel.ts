/**
 * The kernel side, loaded and attached: the BPF object, its plan, its switches and filters. Everything that
 * the recorder asks of the kernel goes through here.
 */
import { readFileSync } from 'node:fs';
import type { CaptureFilter, PlanRow, StatsBody } from '../capture/blocks.js';
import { KIND_MAX, Kind } from '../capture/layout.gen.js';
import { DhrishtiError } from '../base/errors.js';
import { builtFiles } from '../base/paths.js';
import {
  CensusPass,
  flushTurns,
  setSwitch,
  takeCensus,
  takeTurns,
  type OpenPass,
} from './census.js';
import { halfSizes, type HalfSizes } from './cpu-halves.js';
import { EAGAIN, ENOMEM, errnoName } from './errno.js';
import { EventReader } from './event-reader.js';
import { probeFeatures, requireBasics } from './features.js';
import { BpfObject, hasFunction, type BpfMap } from './libbpf.js';
import { mapMemory, pageSize, type Mapping } from './memory.js';
import { ALL_PROGRAMS, planProbes } from './probes.js';
import { recordedSockets } from './recorded-sockets.js';
import { ringSize } from './ring.js';
import { programRuns, RunStatistics } from './run-statistics.js';

/** Values of the switch `gate`; numbers as in bpf/maps.h, enum dhr_gate. */
const Gate = { SHUT: 0, OPEN: 1, CLOSING: 2 } as const;

/** Bits of the switch `filters`; numbers as in bpf/maps.h, enum dhr_filter_bits. */
const FILTER_PORTS = 1;
const FILTER_SCOPE = 2;
const FILTER_EXCLUDED = 4;

/** A signal that waits makes the verifier give up; the next attempt may pass. */
const LOAD_ATTEMPTS = 5;

/** Size of bpf/maps.h, struct dhr_container_key: the first half of a container's id. */
const CONTAINER_KEY_BYTES = 32;

const PRESENT = Buffer.from([1]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function containerKey(id: string): Buffer {
  const key = Buffer.alloc(CONTAINER_KEY_BYTES);
  key.write(id, 'latin1');
  return key;
}

function u64(value: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** A census as the capture wants it. */
export interface CensusRows {
  rows: Buffer;
  count: number;
}

/** Probes in the kernel, from load to `close`. Nothing is recorded before `openGate`. */
export class Kernel {
  readonly plan: readonly PlanRow[];
  readonly events: EventReader;
  readonly ringBytes: number;
  /** When the runs that `programs` tells are counted. */
  readonly runStatistics = new RunStatistics();
  readonly #object: BpfObject;
  readonly #programs: readonly string[];
  readonly #lost: Mapping;
  /** Read each second: a call into C for each would cost memory that never comes back. */
  readonly #lostCounts: BigUint64Array;
  readonly #programFds: readonly number[];
  readonly #gate: BpfMap;
  readonly #censusSwitch: BpfMap;
  readonly #openCensus: OpenPass;
  readonly #openRecorded: OpenPass;
  readonly #telling: BpfMap;
  #tellings = 0;

  /**
   * Asks the kernel, decides, loads and attaches.
   * @param ringBytes wanted size of the ring; rounded up to what the kernel takes.
   * @throws DhrishtiError CANNOT_RECORD in one sentence.
   */
  constructor(ringBytes: number) {
    requireBasics();
    const plan = planProbes(probeFeatures());
    this.plan = plan.rows;
    this.#programs = plan.programs;
    this.ringBytes = ringSize(ringBytes);
    const sizes = halfSizes(this.ringBytes);
    this.#object = loadObject(plan.programs, this.ringBytes, sizes);
    try {
      this.#lost = mapMemory(this.#object.map('.data.lost').fd, 0, pageSize(), false);
      const { buffer, byteOffset } = this.#lost.bytes;
      this.#lostCounts = new BigUint64Array(buffer, byteOffset, KIND_MAX);
      this.#programFds = plan.programs.map((name) => this.#object.programFd(name));
      this.#gate = this.#object.map('.data.gate');
      this.#censusSwitch = this.#object.map('.data.census');
      this.#telling = this.#object.map('.data.telling');
      this.events = new EventReader(this.#object, this.ringBytes, sizes);
      const openCensus = this.#object.attachIterator('census_iter');
      this.#openCensus = () => [openCensus()];
      this.#openRecorded = recordedSockets(this.#object, plan.programs, openCensus);
      for (const program of plan.programs) {
        if (!program.endsWith('_iter')) this.#object.attach(program);
      }
    } catch (error) {
      this.#object.close();
      throw error;
    }
  }

  /** Tells the kernel what to leave out. Scope is namespaces or cgroups: one of them must match. */
  setFilter(filter: CaptureFilter): void {
    for (const port of filter.ports) this.#object.map('filter_ports').update(u32(port), PRESENT);
    for (const netns of filter.netns) this.addScope(netns, '0');
    for (const port of filter.excludePorts) {
      this.#object.map('filter_excluded').update(u32(port), PRESENT);
    }
    const { netns, containers, services, ports, excludePorts } = filter;
    const scoped = netns.length + containers.length + services.length > 0;
    const bits =
      (ports.length > 0 ? FILTER_PORTS : 0) |
      (scoped ? FILTER_SCOPE : 0) |
      (excludePorts.length > 0 ? FILTER_EXCLUDED : 0);
    setSwitch(this.#object.map('.data.filters'), bits);
  }

  /** True when a filter of ports took a socket of this container, whose cgroup may not be known ("0"). */
  isMet(id: string, cgroup: string): boolean {
    if (this.#object.map('met_containers').has(containerKey(id))) return true;
    return cgroup !== '0' && this.#object.map('met_cgroups').has(u64(cgroup));
  }

  /** Adds a namespace (0: none) or a cgroup ("0": none) to what is recorded. */
  addScope(netns: number, cgroup: string): void {
    if (netns !== 0) this.#object.map('filter_netns').update(u32(netns), PRESENT);
    if (cgroup !== '0') this.#object.map('filter_cgroups').update(u64(cgroup), PRESENT);
  }

  /** Takes them out again: the kernel gives numbers of namespaces to others. */
  removeScope(netns: number, cgroup: string): void {
    if (netns !== 0) this.#object.map('filter_netns').delete(u32(netns));
    if (cgroup !== '0') this.#object.map('filter_cgroups').delete(u64(cgroup));
  }

  /** Records a container from its first process on, although it has no cgroup yet. */
  expectContainer(id: string): void {
    this.#object.map('filter_containers').update(containerKey(id), PRESENT);
  }

  /** It is gone for good. */
  forgetContainer(id: string): void {
    this.#object.map('filter_containers').delete(containerKey(id));
  }

  /** Begins to record, and gives all sockets that were there already. */
  openGate(): CensusRows {
    takeCensus(this.#censusSwitch, this.#openCensus, CensusPass.LISTENERS);
    setSwitch(this.#gate, Gate.OPEN);
    return takeCensus(this.#censusSwitch, this.#openCensus, CensusPass.START);
  }

  /**
   * What must be known to go on reading from here: processes are told again through the ring, and all sockets are
   * listed, by the processes that hold them and as they are recorded, whether one holds them or not.
   */
  takeStock(): { held: CensusRows; recorded: CensusRows } {
    setSwitch(this.#telling, ++this.#tellings);
    const pass = CensusPass.RECORDED;
    const recorded = takeCensus(this.#censusSwitch, this.#openRecorded, pass);
    const held = takeCensus(this.#censusSwitch, this.#openCensus, CensusPass.START);
    return { held, recorded };
  }

  /** Copies of the exchanges that will be told when their next turn begins. */
  takeTurns(): Buffer[] {
    return takeTurns(this.#censusSwitch, this.#openRecorded);
  }

  /** Ends the recording: nothing new, the last census, what sockets still hold, then nothing at all. */
  shutGate(): CensusRows {
    setSwitch(this.#gate, Gate.CLOSING);
    const rows = takeCensus(this.#censusSwitch, this.#openCensus, CensusPass.END);
    flushTurns(this.#censusSwitch, this.#openRecorded);
    setSwitch(this.#gate, Gate.SHUT);
    return rows;
  }

  /**
   * Events lost so far, by the name of the event kind, and SKIPPED runs, see STATS; only those above zero. And run count
   * and time of each program while `runStatistics` were on.
   */
  counts(): Pick<StatsBody, 'lost' | 'programs'> {
    const runs = this.#programFds.map(runsOf);
    const lost: Record<string, number> = {};
    for (const [name, kind] of Object.entries(Kind)) {
      const unwritten = kind === Kind.EXCHANGE ? this.events.lostExchanges : 0;
      const count = Number(this.#lostCounts[kind]) + unwritten;
      if (count > 0) lost[name] = count;
    }
    const skipped = runs.reduce((sum, run) => sum + run.skipped, 0);
    if (skipped > 0) lost['SKIPPED'] = skipped;
    const programs = runs.map(({ runs, ns }, at) => ({ name: this.#programs[at]!, runs, ns }));
    return { lost, programs };
  }

  /** Takes every probe out of the kernel. */
  close(): void {
    this.events.close();
    this.#lost.unmap();
    this.#object.close();
    this.runStatistics.close();
  }
}

function runsOf(programFd: number): ReturnType<typeof programRuns> {
  return programRuns(readFileSync(`/proc/self/fdinfo/${String(programFd)}`, 'utf8'));
}

/** All programs off, then those of the plan on. A refused load is tried again to hear the verifier. */
function loadObject(programs: readonly string[], ringBytes: number, sizes: HalfSizes): BpfObject {
  const wanted = new Set(programs);
  const open = (): BpfObject => {
    const object = new BpfObject(builtFiles.bpfObject);
    for (const name of ALL_PROGRAMS) object.setAutoload(name, wanted.has(name));
    object.setMapSize('ring', ringBytes);
    object.setMapSize('cpus', sizes.cpus);
    object.setMapSize('slots', 2 * sizes.cpus * sizes.slots);
    object.setConstant('.rodata.slots', sizes.slots);
    object.setConstant('.rodata.cast', Number(hasFunction('bpf_rdonly_cast')));
    return object;
  };
  let code = 0;
  for (let attempt = 0; attempt < LOAD_ATTEMPTS; attempt++) {
    const object = open();
    code = object.load();
    if (code === 0) return object;
    object.close();
    if (code !== EAGAIN) break;
  }
  const again = open();
  const logs = programs.map((name) => ({ name, log: again.keepLog(name) }));
  again.load();
  const words = logs.map(({ name, log }) => ({ name, text: log().trim() })).filter((l) => l.text);
  again.close();
  // A program that loads leaves a short log too; the refused one comes last and has the reason.
  const refused = words.at(-1);
  const reason = refused
    ? ` (${refused.name}: ${refused.text.split('\n').slice(-2)[0] ?? ''})`
    : '';
  throw new DhrishtiError(
    'CANNOT_RECORD',
    `The kernel refuses the probes: ${errnoName(code)}${reason}.`,
    code === ENOMEM
      ? 'Try a smaller ring with --buffer 8MiB.'
      : 'Run `dhrishti doctor` to see what this machine can record.',
  );
}
