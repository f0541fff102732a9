/**
 * One recording from start to end: the kernel's events, the census, the engine's news and the recorder's own
 * cost go into one capture file. It decides nothing about what the events mean.
 */
import type { CaptureFilter, WorkloadsBody } from '../capture/blocks.js';
import { CensusPhase } from '../capture/blocks.js';
import { LAYOUT } from '../capture/layout.gen.js';
import { CaptureWriter } from '../capture/writer.js';
import { startCommand, type RunningCommand } from './command.js';
import { Engine } from './engine.js';
import { matchesContainer, matchesName } from './filter.js';
import { describeHost } from './host.js';
import { Kernel } from './kernel.js';
import { Inhabitants, readCounters } from './netstat.js';
import { netnsOfProcess } from './cgroups.js';
import type { RecordOptions, RecordSummary } from './options.js';
import { Stop, type Ending } from './stop.js';

export type { RecordOptions, RecordStatus, RecordSummary } from './options.js';

/** A fifth of what a killed recorder may lose; short enough that a drain stays small. */
const DRAIN_EVERY_MS = 20;
const STATS_EVERY_MS = 1_000;

/** The parts of one recording while it runs. */
class Session {
  readonly #options: RecordOptions;
  readonly #kernel: Kernel;
  readonly #writer: CaptureWriter;
  readonly #engine: Engine;
  readonly #notes: string[] = [];
  readonly #inhabitants = new Inhabitants();
  readonly #startedNs = process.hrtime.bigint();
  #cpuAtStart = process.cpuUsage();
  #eventsAtStatus = 0;
  #timers: NodeJS.Timeout[] = [];
  readonly #stop: Stop;

  constructor(options: RecordOptions, kernel: Kernel, writer: CaptureWriter, stop: Stop) {
    this.#options = options;
    this.#kernel = kernel;
    this.#writer = writer;
    this.#stop = stop;
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
  }

  /** Records until something ends it. Whatever happens, nothing of it goes on afterwards. */
  async run(): Promise<RecordSummary> {
    try {
      this.#writeHead();
      await this.#engine.start();
      this.#census(this.#kernel.openGate(), CensusPhase.START);
      this.#netstat();
      this.#every(DRAIN_EVERY_MS, () => {
        this.#drain();
      });
      this.#every(STATS_EVERY_MS, () => {
        this.#second();
      });
      this.#options.onStart?.();
      return await this.#finish(await this.#untilEnd());
    } catch (error) {
      this.#engine.leave();
      throw error;
    }
  }

  #writeHead(): void {
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
    this.#kernel.setFilter(filter);
  }

  /** Runs until something ends it, or fails. */
  async #untilEnd(): Promise<Ending> {
    const { durationMs, command } = this.#options;
    try {
      if (durationMs !== undefined) this.#stop.after(durationMs);
      let running: RunningCommand | undefined;
      if (command.length > 0) {
        running = await startCommand(command);
        this.#stop.follow(running);
      }
      const ending = await this.#stop.ending;
      if (ending.reason !== 'command-ended') running?.signal('SIGTERM');
      return ending;
    } finally {
      for (const timer of this.#timers.splice(0)) clearInterval(timer);
    }
  }

  async #finish(ending: Ending): Promise<RecordSummary> {
    // Nothing new from here on: otherwise probes fill the ring while the last drain empties it.
    const last = this.#kernel.shutGate();
    this.#drain();
    this.#census(last, CensusPhase.END);
    this.#netstat();
    await this.#engine.stop();
    const lost = this.#stats();
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
      lost,
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
      this.#stop.fail(error);
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
      this.#stop.end({ reason: 'max-size' });
    }
  }

  #second(): void {
    const lost = this.#stats();
    this.#kernel.runStatistics.second();
    this.#clock();
    this.#netstat();
    const { events } = this.#kernel.ring;
    this.#options.onStatus?.({
      elapsedMs: this.#elapsedMs(),
      events,
      eventsPerS: events - this.#eventsAtStatus,
      lost,
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

  /** Writes what was lost and what the recording cost so far; gives the number of events lost. */
  #stats(): number {
    const cpu = process.cpuUsage(this.#cpuAtStart);
    const lost = this.#kernel.lost();
    this.#writer.stats({
      at: String(process.hrtime.bigint()),
      lost,
      ringBytes: this.#kernel.ringBytes,
      ringHighWater: this.#kernel.ring.takeHighWater(),
      programs: this.#kernel.programs(),
      measuredNs: this.#kernel.runStatistics.measuredNs,
      cpuUs: cpu.user + cpu.system,
      rssBytes: process.memoryUsage.rss(),
      eventBytes: this.#kernel.ring.bytes,
    });
    return total(lost);
  }

  /** Counters of the host's namespace, of each one asked for and of each running container's, each once. */
  #netstat(): void {
    const at = String(process.hrtime.bigint());
    const seen = new Set<number>();
    const tell = (inode: number, pid: number | 'self' | null): void => {
      if (inode === 0 || pid === null || seen.has(inode)) return;
      seen.add(inode);
      const counters = readCounters(pid);
      if (counters) this.#writer.netstat({ at, netns: inode, counters });
    };
    const { containers, ports, netns } = this.#options;
    for (const inode of netns) tell(inode, this.#inhabitants.of(inode));
    for (const c of this.#engine.containers) {
      if (c.state === 'running' && matchesContainer(containers, c)) tell(c.netns, c.pid);
    }
    // The host's counters count other people's traffic: only where nothing was to be left out.
    if (containers.length + ports.length + netns.length === 0) tell(netnsOfProcess('self'), 'self');
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
  const stop = new Stop(options.signal);
  try {
    const writer = new CaptureWriter(options.out);
    try {
      return await new Session(options, kernel, writer, stop).run();
    } catch (error) {
      writer.abandon();
      throw error;
    }
  } finally {
    stop.dispose();
    kernel.close();
  }
}
