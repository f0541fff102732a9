/**
 * One recording from start to end: the kernel's events, the census, the engine's news and the recorder's own
 * cost go into one capture file. It decides nothing about what the events mean.
 */
import { CensusPhase, type StatsBody } from '../capture/blocks.js';
import type { BlockWriter } from '../capture/block-writer.js';
import { startCommand, type RunningCommand } from './command.js';
import { ContainerNews } from './container-news.js';
import { Engine } from './engine.js';
import { Facts, filterOf, lostEvents, thisMoment } from './facts.js';
import { Flight } from './flight.js';
import { Kernel, type CensusRows } from './kernel.js';
import { Notes } from './notes.js';
import type { RecordOptions, RecordSummary } from './options.js';
import { SingleFile, type Output } from './output.js';
import { privations } from './privilege.js';
import { SegmentRing } from './segment-ring.js';
import { Snapshots } from './snapshots.js';
import { Stop, type Ending } from './stop.js';

export type { RecordOptions, RecordStatus, RecordSummary } from './options.js';

/**
 * A killed recorder may lose 100 ms; the rest is for a wakeup that comes late. No more often than that: waking costs
 * the load on two busy cores far more than what is done then, 4 % of its requests at 50 times a second.
 */
const DRAIN_EVERY_MS = 60;
/** Done together with a drain, not to wake the process once more. */
const STATS_EVERY_MS = 1_000;

/** The parts of one recording while it runs. */
class Session {
  readonly #options: RecordOptions;
  readonly #kernel: Kernel;
  readonly #output: Output;
  readonly #engine: Engine;
  readonly #facts: Facts;
  readonly #flight: Flight | null = null;
  readonly #snapshots: Snapshots | null = null;
  readonly #notes = new Notes();
  readonly #containers: ContainerNews;
  readonly #started = thisMoment();
  #eventsAtStatus = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #stop: Stop;

  constructor(options: RecordOptions, kernel: Kernel, output: Output, stop: Stop) {
    this.#options = options;
    this.#kernel = kernel;
    this.#output = output;
    this.#stop = stop;
    this.#engine = new Engine({
      onCreate: (...args) => {
        this.#guard(() => {
          this.#containers.onCreate(...args);
        });
      },
      onNews: (body) => {
        this.#guard(() => {
          this.#containers.onNews(body);
        });
      },
    });
    this.#facts = new Facts(options, kernel, this.#engine);
    this.#containers = new ContainerNews({
      filter: filterOf(options),
      kernel,
      mayTell: (container) => this.#facts.mayTell(container),
      write: (body) => {
        this.#writer.workloads(body);
      },
      note: (sentence) => {
        this.#notes.add(sentence);
      },
    });
    for (const { capability, sentence } of privations()) {
      this.#notes.add(`Without ${capability} ${sentence}.`);
    }
    stop.onSnapshot = () => {
      options.onSnapshot?.({ error: 'this recording keeps everything, not only the newest part.' });
    };
    if (output instanceof SegmentRing) {
      const flight = new Flight(output, kernel, this.#facts);
      this.#flight = flight;
      this.#snapshots = new Snapshots(output.folder, flight, options.onSnapshot);
      stop.onSnapshot = () => {
        this.#snapshots?.request();
      };
    }
  }

  /** Records until something ends it. Whatever happens, nothing of it goes on afterwards. */
  async run(): Promise<RecordSummary> {
    try {
      this.#facts.writeHead(this.#writer, this.#started);
      this.#kernel.setFilter(filterOf(this.#options));
      await this.#engine.start();
      this.#census(this.#kernel.openGate(), CensusPhase.START);
      this.#containers.tellMet(this.#engine.containers);
      this.#writer.stats(this.#facts.stats());
      this.#facts.writeNetstat(this.#writer);
      this.#startTimer();
      this.#options.onStart?.();
      return await this.#finish(await this.#untilEnd());
    } catch (error) {
      this.#engine.leave();
      throw error;
    }
  }

  get #writer(): BlockWriter {
    return this.#output.writer;
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
      clearInterval(this.#timer);
    }
  }

  async #finish(ending: Ending): Promise<RecordSummary> {
    const snapshots = this.#snapshots?.end();
    // Nothing new from here on: otherwise probes fill the ring while the last drain empties it.
    const last = this.#kernel.shutGate();
    this.#writeEvents();
    this.#census(last, CensusPhase.END);
    this.#facts.writeNetstat(this.#writer);
    await this.#engine.stop();
    await snapshots;
    const stats = this.#facts.stats();
    this.#writer.stats(stats);
    this.#noteSkipped(stats);
    const endedMs = this.#elapsedMs();
    this.#facts.writeClock(this.#writer);
    this.#writer.end({
      at: String(process.hrtime.bigint()),
      reason: ending.reason,
      ...(ending.status === undefined ? {} : { status: ending.status }),
    });
    const before =
      this.#output instanceof SegmentRing ? this.#output.before : { ms: 0, events: 0, lost: 0 };
    return {
      fileBytes: this.#output.finish(),
      file: this.#output.file,
      durationMs: endedMs - before.ms,
      droppedMs: before.ms,
      events: this.#kernel.events.count - before.events,
      eventBytes: this.#kernel.events.bytes,
      lost: lostEvents(stats) - before.lost,
      commandStatus: ending.status ?? null,
      containers: this.#containers.count,
      notes: this.#notes.all,
    };
  }

  #noteSkipped({ lost }: StatsBody): void {
    const skipped = lost['SKIPPED'] ?? 0;
    if (skipped === 0) return;
    this.#notes.add(
      `Runs of probes that the kernel left out, because an interrupt came into the midst of one: ${String(skipped)}. ` +
        'As many events may be missing; a larger --buffer does not help.',
    );
  }

  /** Runs a step of a timer or stream; what it throws ends the recording instead of the process. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#stop.fail(error);
    }
  }

  #startTimer(): void {
    let seconds = 0;
    this.#timer = setInterval(() => {
      this.#guard(() => {
        this.#drain();
        const passed = Math.floor(this.#elapsedMs() / STATS_EVERY_MS);
        if (passed === seconds) return;
        seconds = passed;
        this.#second();
      });
    }, DRAIN_EVERY_MS);
  }

  #elapsedMs(): number {
    return Number((process.hrtime.bigint() - this.#started.mono) / 1_000_000n);
  }

  #writeEvents(): void {
    this.#kernel.events.drain((span) => {
      this.#writer.events(span);
    });
  }

  #drain(): void {
    this.#writeEvents();
    this.#flight?.turnOver();
    const { maxBytes } = this.#options;
    if (maxBytes !== undefined && this.#output.bytes >= maxBytes) {
      this.#stop.end({ reason: 'max-size' });
    }
  }

  #second(): void {
    this.#output.checkPlace();
    this.#containers.tellMet(this.#engine.containers);
    const stats = this.#facts.stats();
    this.#writer.stats(stats);
    this.#kernel.runStatistics.second();
    this.#facts.writeClock(this.#writer);
    this.#facts.writeNetstat(this.#writer);
    const events = this.#kernel.events.count;
    this.#options.onStatus?.({
      elapsedMs: this.#elapsedMs(),
      events,
      eventsPerS: events - this.#eventsAtStatus,
      lost: lostEvents(stats),
      fileBytes: this.#output.bytes,
    });
    this.#eventsAtStatus = events;
  }

  #census({ rows, count }: CensusRows, phase: number): void {
    this.#writer.census(process.hrtime.bigint(), phase, rows, count);
  }
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
    const { out, keep } = options;
    const output = keep === undefined ? new SingleFile(out) : new SegmentRing(out, keep);
    try {
      return await new Session(options, kernel, output, stop).run();
    } catch (error) {
      output.abandon();
      throw error;
    }
  } finally {
    stop.dispose();
    kernel.close();
  }
}
