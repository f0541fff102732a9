/**
 * The flight recorder: ends one segment and begins the next so that each is enough for a capture, and makes
 * captures of what is held while the recording goes on.
 */
import { existsSync } from 'node:fs';
import type { StatsBody } from '../capture/blocks.js';
import { CensusPhase } from '../capture/blocks.js';
import type { OpenCapture } from '../capture/open.js';
import { Stitcher } from '../capture/stitch.js';
import { CaptureWriter } from '../capture/writer.js';
import { firstCensus, openedIn, turnRecords } from './cut.js';
import type { Facts, Moment } from './facts.js';
import { lostEvents, thisMoment } from './facts.js';
import type { CensusRows, Kernel } from './kernel.js';
import type { SegmentRing } from './segment-ring.js';

/** Where one segment ended and the next began. */
interface Cut {
  at: Moment;
  /** Events while the sockets were listed. */
  window: Buffer;
  /** The sockets by process, as they were then. */
  held: CensusRows;
  /** Exchanges that sockets held then, where they were asked for. */
  turns: Buffer[];
}

/** `capture.dhr` at noon UTC: `capture-20260102-120000.dhr`; with a number behind it where that is taken. */
export function snapshotName(
  file: string,
  wallMs: number,
  taken: (name: string) => boolean,
): string {
  const time = new Date(wallMs).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const [base, ending] = file.endsWith('.dhr') ? [file.slice(0, -4), '.dhr'] : [file, ''];
  for (let n = 1; ; n++) {
    const name = `${base}-${time}${n === 1 ? '' : `-${String(n)}`}${ending}`;
    if (!taken(name)) return name;
  }
}

export class Flight {
  readonly #ring: SegmentRing;
  readonly #kernel: Kernel;
  readonly #facts: Facts;
  readonly #started = thisMoment();

  constructor(ring: SegmentRing, kernel: Kernel, facts: Facts) {
    this.#ring = ring;
    this.#kernel = kernel;
    this.#facts = facts;
  }

  /** Begins the next segment where it is time to. Everything in the ring buffer has just been written. */
  turnOver(): void {
    if (this.#ring.isFull) this.#cut();
  }

  #cut(withTurns = false): Cut {
    const { events } = this.#kernel;
    events.drain((span) => {
      this.#ring.writer.events(span);
    });
    const at = thisMoment();
    const stats = this.#facts.stats();
    const before = {
      ms: Number((at.mono - this.#started.mono) / 1_000_000n),
      events: events.count,
      lost: lostEvents(stats),
    };
    const { held, recorded } = this.#kernel.takeStock();
    const turns = withTurns ? this.#kernel.takeTurns() : [];
    const parts: Buffer[] = [];
    events.drain((span) => parts.push(Buffer.from(span)));
    const window = Buffer.concat(parts);

    this.#ring.begin(before);
    const { writer } = this.#ring;
    this.#facts.writeHead(writer, at);
    writer.workloads(this.#facts.containers(at));
    const rows = firstCensus(held, recorded, openedIn(window));
    writer.census(process.hrtime.bigint(), CensusPhase.START, rows.rows, rows.count);
    writer.stats(stats);
    this.#ring.headDone();
    writer.events(window);
    this.#facts.writeNetstat(writer);
    return { at, window, held, turns };
  }

  /**
   * Makes one capture of what is held now, and gives its name. The recording goes on meanwhile.
   * @throws DhrishtiError FAILED when it cannot be written; then there is none.
   */
  async snapshot(): Promise<string> {
    const cut = this.#cut(true);
    const end = { stats: this.#facts.stats(), at: thisMoment() };
    const segments = this.#ring.openOlder();
    try {
      const file = snapshotName(this.#ring.file, cut.at.wallMs, existsSync);
      const out = new CaptureWriter(file);
      try {
        await this.#write(out, segments, cut, end);
      } catch (error) {
        out.discard();
        throw error;
      }
      return file;
    } finally {
      for (const segment of segments) segment.close();
    }
  }

  async #write(
    out: CaptureWriter,
    segments: readonly OpenCapture[],
    cut: Cut,
    end: { stats: StatsBody; at: Moment },
  ): Promise<void> {
    const stitcher = new Stitcher(out);
    for (const segment of segments) {
      const blocks = stitcher.take(segment);
      // The ring buffer must be drained while this goes on.
      while (blocks.next().done !== true) await new Promise((resolve) => setImmediate(resolve));
    }
    out.events(cut.window);
    out.events(turnRecords(cut.turns, cut.window));
    out.workloads(this.#facts.containers(end.at));
    // As of when it began to be read: a socket that was opened after that need not be in it.
    out.census(cut.at.mono, CensusPhase.END, cut.held.rows, cut.held.count);
    stitcher.stats(end.stats);
    this.#facts.writeClock(out, end.at);
    out.end({ at: String(end.at.mono), reason: 'snapshot' });
    await out.finishLater();
  }
}
