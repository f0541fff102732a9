/**
 * What a capture says besides events: the machine, the clocks, the containers, what was lost, what the recording
 * cost, what the kernel counted. Written wherever a file begins, and each second.
 */
import type { CaptureFilter, ContainerBody, StatsBody, WorkloadsBody } from '../capture/blocks.js';
import type { BlockWriter } from '../capture/block-writer.js';
import { LAYOUT } from '../capture/layout.gen.js';
import { netnsOfProcess } from './cgroups.js';
import type { Engine } from './engine.js';
import { isOpen, mayTell } from './filter.js';
import { describeHost } from './host.js';
import type { Kernel } from './kernel.js';
import { Inhabitants, readCounters } from './netstat.js';
import type { RecordOptions } from './options.js';

/** One moment on both clocks. */
export interface Moment {
  /** CLOCK_MONOTONIC nanoseconds. */
  mono: bigint;
  wallMs: number;
}

/** The moment that it is. */
export function thisMoment(): Moment {
  return { mono: process.hrtime.bigint(), wallMs: Date.now() };
}

/** The filter that the options ask for. */
export function filterOf(options: RecordOptions): CaptureFilter {
  const { ports, excludePorts, containers, services, netns } = options;
  return { ports, excludePorts, containers, services, netns };
}

export class Facts {
  readonly #options: RecordOptions;
  readonly #kernel: Kernel;
  readonly #engine: Engine;
  readonly #filter: CaptureFilter;
  readonly #inhabitants = new Inhabitants();
  readonly #cpuAtStart = process.cpuUsage();
  /** Counters told last, by namespace, and the file that they were told in. */
  readonly #counters = new Map<number, string>();
  #countersIn: BlockWriter | null = null;

  constructor(options: RecordOptions, kernel: Kernel, engine: Engine) {
    this.#options = options;
    this.#filter = filterOf(options);
    this.#kernel = kernel;
    this.#engine = engine;
  }

  /** What every file begins with. Its times count from `start`. */
  writeHead(writer: BlockWriter, start: Moment): void {
    const [executable, ...args] = this.#options.command;
    writer.host(
      describeHost({
        mono: start.mono,
        wallMs: start.wallMs,
        ringBytes: this.#kernel.ringBytes,
        plan: this.#kernel.plan,
        filter: this.#filter,
        command: executable === undefined ? null : (executable.split('/').at(-1) ?? null),
        ...(this.#options.withArgs === true ? { args } : {}),
      }),
    );
    writer.layout({ kinds: LAYOUT });
    this.writeClock(writer, start);
  }

  writeClock(writer: BlockWriter, { mono, wallMs }: Moment = thisMoment()): void {
    writer.clock(mono, BigInt(wallMs) * 1_000_000n);
  }

  /** The containers as they are known now, without asking anybody. */
  containers({ mono }: Moment): WorkloadsBody {
    const reason = this.#engine.silence;
    return {
      at: String(mono),
      what: 'list',
      containers: this.#matching,
      ...(reason === null ? {} : { reason }),
    };
  }

  /** What was lost and what the recording cost so far. */
  stats(): StatsBody {
    const cpu = process.cpuUsage(this.#cpuAtStart);
    const { events, ringBytes } = this.#kernel;
    return {
      at: String(process.hrtime.bigint()),
      ...this.#kernel.counts(),
      ringBytes,
      ringHighWater: events.takeHighWater(),
      measuredNs: this.#kernel.runStatistics.measuredNs,
      cpuUs: cpu.user + cpu.system,
      rssBytes: process.memoryUsage.rss(),
      eventBytes: events.bytes,
    };
  }

  /**
   * Counters of the host's namespace, of each one asked for and of each running container's, each once, where they
   * have changed since this file was told last.
   */
  writeNetstat(writer: BlockWriter): void {
    if (writer !== this.#countersIn) this.#counters.clear();
    this.#countersIn = writer;
    const at = String(process.hrtime.bigint());
    const seen = new Set<number>();
    const tell = (inode: number, pid: number | 'self' | null): void => {
      if (inode === 0 || pid === null || seen.has(inode)) return;
      seen.add(inode);
      const counters = readCounters(pid);
      const text = JSON.stringify(counters);
      if (counters === null || this.#counters.get(inode) === text) return;
      this.#counters.set(inode, text);
      writer.netstat({ at, netns: inode, counters });
    };
    const events = this.#kernel.events.count;
    for (const inode of this.#filter.netns) tell(inode, this.#inhabitants.of(inode, events));
    for (const c of this.#matching) if (c.state === 'running') tell(c.netns, c.pid);
    // The host's counters count other people's traffic: only where nothing was to be left out.
    if (isOpen(this.#filter)) tell(netnsOfProcess('self'), 'self');
  }

  /** True when the capture may say that this container exists. */
  mayTell(container: ContainerBody): boolean {
    const { id, cgroup } = container;
    return mayTell(this.#filter, container, () => this.#kernel.isMet(id, cgroup));
  }

  get #matching(): WorkloadsBody['containers'] {
    return this.#engine.containers.filter((c) => this.mayTell(c));
  }
}

/** Events lost, of all kinds. */
export function lostEvents({ lost }: StatsBody): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}
