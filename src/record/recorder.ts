/**
 * One recording from start to end: the kernel's events, the census, the engine's news and the recorder's own
 * cost go into one capture file. It decides nothing about what the events mean.
 */
import type { CaptureFilter, EndBody, WorkloadsBody } from '../capture/blocks.js';
import { CensusPhase } from '../capture/blocks.js';
import { LAYOUT } from '../capture/layout.gen.js';
import { CaptureWriter } from '../capture/writer.js';
import { startCommand, type RunningCommand } from './command.js';
import { Engine } from './engine.js';
import { matchesContainer, matchesName } from './filter.js';
import { describeHost } from './host.js';
import { Kernel } from './kernel.js';
import { readCounters } from './netstat.js';
import { netnsOfProcess } from './cgroups.js';

/** A tenth of what may be lost when the machine goes down; short enough that a drain stays small. */
const DRAIN_EVERY_MS = 20;
const STATS_EVERY_MS = 1_000;

export interface RecordOptions {
  /** The capture to make. */
  out: string;
  /** Ends the recording after this many milliseconds. */
  durationMs?: number;
  /** Ends the recording when the file has grown to this many bytes. */
  maxBytes?: number;
  /** Size of the kernel's ring buffer in bytes; rounded up to a power of two. */
  ringBytes: number;
  /** Container names with `*`; empty: all. */
  containers: string[];
  ports: number[];
  /** Inodes of network namespaces; empty: all. */
  netns: number[];
  /** The command to record; empty: until a signal. */
  command: string[];
  /** Called once when everything that happens from now on is recorded, before the command starts. */
  onStart?: () => void;
  onStatus?: (status: RecordStatus) => void;
  /** Ends the recording as SIGTERM does, for callers inside this process. */
  signal?: AbortSignal;
}

/** How the recording stands, each second. */
export interface RecordStatus {
  elapsedMs: number;
  events: number;
  eventsPerS: number;
  lost: number;
  fileBytes: number;
}

/** What a recording was. */
export interface RecordSummary {
  file: string;
  durationMs: number;
  events: number;
  eventBytes: number;
  lost: number;
  fileBytes: number;
  /** Exit status of the recorded command, null where there was none. */
  commandStatus: number | null;
  containers: number;
  notes: string[];
}

/** Why a recording ended, and with which status its command did. */
interface Ending {
  reason: EndBody['reason'];
  status?: number;
}

/** The parts of one recording while it runs. */
class Session {
  readonly #options: RecordOptions;
  readonly #kernel: Kernel;
  readonly #writer: CaptureWriter;
  readonly #engine: Engine;
  readonly #notes: string[] = [];
  readonly #startedNs = process.hrtime.bigint();
  #cpuAtStart = process.cpuUsage();
  #eventsAtStatus = 0;
  #timers: NodeJS.Timeout[] = [];
  #end!: (ending: Ending) => void;
  #fail!: (error: unknown) => void;
  /** Settles when something ends the recording; rejects when it cannot go on. */
  readonly ending: Promise<Ending>;

  constructor(options: RecordOptions, kernel: Kernel, writer: CaptureWriter) {
    this.#options = options;
    this.#kernel = kernel;
    this.#writer = writer;
    this.#engine = new Engine({
      onCreate: (id, name) => {
        this.#guard(() => {
          if (options.containers.some((p) => matchesName(p, name))) kernel.expectContainer(id);
        });
      },
      onNews: (body) => {
        this.#guard(() => {
          this.#takeNews(body);
        });
      },
    });
    this.ending = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    // A failure may come before anybody waits for it; `run` waits for it in the end.
    this.ending.catch(() => undefined);
  }

  async run(): Promise<RecordSummary> {
    const { containers, ports, netns, command } = this.#options;
    const filter: CaptureFilter = { ports, containers, netns };
    const writer = this.#writer;
    writer.host(
      describeHost({
        mono: this.#startedNs,
        wallMs: Date.now(),
        ringBytes: this.#kernel.ringBytes,
        plan: this.#kernel.plan,
        filter,
        command: command[0] === undefined ? null : (command[0].split('/').at(-1) ?? null),
      }),
    );
    writer.layout({ kinds: LAYOUT });
    this.#clock();
    this.#kernel.setFilter(filter, []);
    await this.#engine.start();
    this.#census(this.#kernel.openGate(), CensusPhase.START);
    this.#every(DRAIN_EVERY_MS, () => {
      this.#drain();
    });
    this.#every(STATS_EVERY_MS, () => {
      this.#second();
    });
    this.#options.onStart?.();
    const ending = await this.#untilEnd();
    return await this.#finish(ending);
  }

  /** Runs until a signal, the duration, the size or the command ends it, or something fails. */
  async #untilEnd(): Promise<Ending> {
    const { durationMs, command, signal: abort } = this.#options;
    const onAbort = (): void => {
      this.#end({ reason: 'signal' });
    };
    if (abort?.aborted === true) onAbort();
    abort?.addEventListener('abort', onAbort);
    let running: RunningCommand | undefined;
    let interrupts = 0;
    const onSignal = (signal: NodeJS.Signals): void => {
      interrupts++;
      // The terminal has given SIGINT to the command already; its end ends the recording. A second one,
      // or a command that is not there, ends it now.
      if (running && interrupts === 1) {
        if (signal !== 'SIGINT') running.signal(signal);
      } else {
        this.#end({ reason: 'signal' });
      }
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, onSignal);
    try {
      if (durationMs !== undefined) {
        this.#timers.push(
          setTimeout(() => {
            this.#end({ reason: 'duration' });
          }, durationMs),
        );
      }
      if (command.length > 0) {
        running = await startCommand(command);
        void running.ended.then((status) => {
          this.#end({ reason: 'command-ended', status });
        });
      }
      const ending = await this.ending;
      if (ending.reason !== 'command-ended') running?.signal('SIGTERM');
      return ending;
    } finally {
      abort?.removeEventListener('abort', onAbort);
      for (const signal of signals) process.off(signal, onSignal);
      for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    }
  }

  async #finish(ending: Ending): Promise<RecordSummary> {
    // Nothing new from here on: otherwise probes fill the ring while the last drain empties it.
    const last = this.#kernel.shutGate();
    this.#drain();
    this.#census(last, CensusPhase.END);
    await this.#engine.stop();
    this.#stats();
    this.#clock();
    this.#writer.end({
      at: String(process.hrtime.bigint()),
      reason: ending.reason,
      ...(ending.status === undefined ? {} : { status: ending.status }),
    });
    this.#writer.finish();
    return {
      file: this.#writer.file,
      durationMs: this.#elapsedMs(),
      events: this.#kernel.ring.events,
      eventBytes: this.#kernel.ring.bytes,
      lost: total(this.#kernel.lost()),
      fileBytes: this.#writer.bytesWritten,
      commandStatus: ending.status ?? null,
      containers: this.#engine.containers.filter((c) =>
        matchesContainer(this.#options.containers, c),
      ).length,
      notes: this.#notes,
    };
  }

  /** Runs a step of a timer or stream; what it throws ends the recording instead of the process. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  #every(ms: number, step: () => void): void {
    this.#timers.push(
      setInterval(() => {
        this.#guard(step);
      }, ms),
    );
  }

  #elapsedMs(): number {
    return Number((process.hrtime.bigint() - this.#startedNs) / 1_000_000n);
  }

  #drain(): void {
    this.#kernel.ring.drain((span) => {
      this.#writer.events(span);
    });
    const { maxBytes } = this.#options;
    if (maxBytes !== undefined && this.#writer.bytesWritten >= maxBytes) {
      this.#end({ reason: 'max-size' });
    }
  }

  #second(): void {
    this.#stats();
    this.#clock();
    this.#netstat();
    const { events } = this.#kernel.ring;
    this.#options.onStatus?.({
      elapsedMs: this.#elapsedMs(),
      events,
      eventsPerS: events - this.#eventsAtStatus,
      lost: total(this.#kernel.lost()),
      fileBytes: this.#writer.bytesWritten,
    });
    this.#eventsAtStatus = events;
  }

  #clock(): void {
    this.#writer.clock(process.hrtime.bigint(), BigInt(Date.now()) * 1_000_000n);
  }

  #census({ rows, count }: { rows: Buffer; count: number }, phase: number): void {
    this.#writer.census(process.hrtime.bigint(), phase, rows, count);
  }

  #stats(): void {
    const cpu = process.cpuUsage(this.#cpuAtStart);
    this.#writer.stats({
      at: String(process.hrtime.bigint()),
      lost: this.#kernel.lost(),
      ringBytes: this.#kernel.ringBytes,
      ringHighWater: this.#kernel.ring.takeHighWater(),
      programs: this.#kernel.programs(),
      cpuUs: cpu.user + cpu.system,
      rssBytes: process.memoryUsage.rss(),
      eventBytes: this.#kernel.ring.bytes,
    });
  }

  /** Counters of the host's namespace and of each running container's, each namespace once. */
  #netstat(): void {
    const at = String(process.hrtime.bigint());
    const seen = new Set<number>();
    const tell = (netns: number, pid: number | 'self'): void => {
      if (netns === 0 || seen.has(netns)) return;
      seen.add(netns);
      const counters = readCounters(pid);
      if (counters) this.#writer.netstat({ at, netns, counters });
    };
    const { containers, ports } = this.#options;
    for (const c of this.#engine.containers) {
      if (c.state === 'running' && matchesContainer(containers, c)) tell(c.netns, c.pid);
    }
    // The host's counters count other people's traffic: only where nothing was to be left out.
    if (containers.length + ports.length === 0) tell(netnsOfProcess('self'), 'self');
  }

  /** News of containers: what the filter leaves out stays out; what it names is recorded from now on. */
  #takeNews(body: WorkloadsBody): void {
    const patterns = this.#options.containers;
    const containers = body.containers.filter((c) => matchesContainer(patterns, c));
    if (body.what === 'change' && containers.length === 0) return;
    if (patterns.length > 0) {
      for (const c of containers) this.#kernel.addScope(c.hostNetwork ? 0 : c.netns, c.cgroup);
    }
    if (body.reason !== undefined) this.#notes.push(`Containers: ${body.reason}.`);
    this.#writer.workloads({ ...body, containers });
  }
}

function total(lost: Record<string, number>): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}

/**
 * Records until something ends it, and gives a summary.
 * @throws DhrishtiError CANNOT_RECORD when this machine cannot; FAILED when the file cannot be written: what
 * was written so far stays as `.partial` and can be analyzed.
 */
export async function record(options: RecordOptions): Promise<RecordSummary> {
  const kernel = new Kernel(options.ringBytes);
  try {
    const writer = new CaptureWriter(options.out);
    try {
      return await new Session(options, kernel, writer).run();
    } catch (error) {
      writer.abandon();
      throw error;
    }
  } finally {
    kernel.close();
  }
}
