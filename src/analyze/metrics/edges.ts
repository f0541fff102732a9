/**
 * Stage 6, metrics: what is counted for each edge, over the whole capture and in each step. Everything adds up,
 * so that steps make windows and the page can merge any range. Memory: edges × steps in use.
 */
import type { Verdict } from '../model.js';
import { unitUs } from '../ends.js';
import { FAILURES } from '../model.js';
import { Cell, Field } from './cells.js';
import type { Cells } from './cells.js';
import type { LogRows, OpenStep } from './exchange-log.js';
import { LOG_NUMBERS, LogNumber, LogWord, Mark } from './exchange-log.js';
import { StepHistogram, bucketOf } from './histogram.js';
import { Slowest } from './slowest.js';
import type { Steps } from './steps.js';
import { stepOf } from './steps.js';

export class EdgeMetrics {
  readonly id: number;
  readonly client: string;
  readonly server: string;
  readonly port: number;
  via: string | null = null;
  connections = 0;
  failures = 0;
  failuresByVerdict: Partial<Record<Verdict, number>> = {};
  exchanges = 0;
  flagged = 0;
  sumUs = 0;
  retransmits = 0;
  bytesSent = 0;
  bytesReceived = 0;
  open = 0;
  /** Connections that one end has closed and the other still holds, and since when the first. */
  readonly leftBehind = { count: 0, sinceNs: Infinity };
  /** Connections that were opened, fell silent and are open still: when the first and the last were opened. */
  readonly idle = { count: 0, firstNs: Infinity, lastNs: -Infinity };
  /** The longest handshake of those counted in `lateConnects`. */
  latestConnectUs = 0;
  readonly connect = new StepHistogram();
  readonly life = new StepHistogram();
  readonly slowest = new Slowest();
  /** Row of each step in which something happened. */
  readonly #rows = new Map<number, number>();
  #sorted: [step: number, cell: Cell][] | null = null;
  readonly #cells: Cells;
  readonly #steps: Steps;

  constructor(
    id: number,
    client: string,
    server: string,
    port: number,
    steps: Steps,
    cells: Cells,
  ) {
    this.id = id;
    this.client = client;
    this.server = server;
    this.port = port;
    this.#steps = steps;
    this.#cells = cells;
  }

  /** The steps in which something happened, ascending. */
  get cells(): [step: number, cell: Cell][] {
    return (this.#sorted ??= [...this.#rows]
      .sort((a, b) => a[0] - b[0])
      .map(([step, row]) => [step, new Cell(this.#cells, row)]));
  }

  /** Counts the exchanges that are rows [from, to) of `log`. `open` holds nothing before and afterwards. */
  take(log: LogRows, from: number, to: number, open: OpenStep): void {
    for (let row = from; row < to; row += LOG_NUMBERS) this.#exchange(log, row, open);
    this.#rest(open);
  }

  #exchange(log: LogRows, row: number, open: OpenStep): void {
    const startNs = log.numbers[row + LogNumber.startNs]!;
    const marks = log.words[2 * row + LogWord.marks]!;
    if (!(startNs >= open.fromNs && startNs < open.toNs)) this.#turnTo(open, startNs);
    const { numbers, at } = open;
    this.exchanges++;
    numbers[at + Field.exchanges]!++;
    if ((marks & Mark.FLAGGED) !== 0) {
      this.flagged++;
      numbers[at + Field.flagged]!++;
    } else this.#timed(log, row, open);
    const totalUs = log.words[2 * row + LogWord.total]! * unitUs(marks & Mark.MICROS);
    this.#inFlight(open, startNs, totalUs * 1e3);
  }

  #timed(log: LogRows, row: number, open: OpenStep): void {
    const { numbers, at } = open;
    const { words } = log;
    const marks = words[2 * row + LogWord.marks]!;
    const ttfbUs = words[2 * row + LogWord.ttfb]! * unitUs(marks & Mark.MICROS);
    const serverUs = words[2 * row + LogWord.served]! * unitUs(marks & Mark.SERVED_MICROS);
    const served = (marks & Mark.SERVED) !== 0;
    if (served) {
      open.server.add(bucketOf(serverUs));
      numbers[at + Field.served]!++;
      numbers[at + Field.allServedUs]! += serverUs;
    }
    if ((marks & Mark.TIMED) === 0) return;
    this.sumUs += ttfbUs;
    numbers[at + Field.timed]!++;
    numbers[at + Field.sumUs]! += ttfbUs;
    open.latency.add(bucketOf(ttfbUs));
    if (ttfbUs > this.slowest.floorUs) {
      const startNs = log.numbers[row + LogNumber.startNs]!;
      const connection = words[2 * row + LogWord.connection]!;
      this.slowest.add(ttfbUs, startNs, served ? serverUs : NaN, connection);
    }
    if (!served) return;
    const pickupUs = log.numbers[row + LogNumber.pickupUs]!;
    numbers[at + Field.paired]!++;
    numbers[at + Field.pairedUs]! += ttfbUs;
    numbers[at + Field.servedUs]! += serverUs;
    numbers[at + Field.pickupUs]! += pickupUs;
    if ((marks & Mark.FRESH) !== 0) numbers[at + Field.acceptUs]! += pickupUs;
  }

  /**
   * An exchange was under way for so long. Two cells know it, however long it was: the exchanges under way in a
   * step are those of all steps before (the sum of `inFlightDelta`) for the whole step, and `inFlightNs`.
   */
  #inFlight({ step, numbers, at }: OpenStep, startNs: number, totalNs: number): void {
    const { stepNs } = this.#steps;
    const endNs = startNs + totalNs;
    const last = stepOf(this.#steps, endNs);
    if (step === last) {
      numbers[at + Field.inFlightNs]! += totalNs;
      return;
    }
    numbers[at + Field.inFlightDelta]!++;
    numbers[at + Field.inFlightNs]! += (step + 1) * stepNs - Math.max(startNs, step * stepNs);
    this.#add(endNs, Field.inFlightDelta, -1);
    this.#add(endNs, Field.inFlightNs, -Math.max(0, (last + 1) * stepNs - endNs));
  }

  /** The step that lies open is put to rest, that of a time is taken up. */
  #turnTo(open: OpenStep, ns: number): void {
    const step = stepOf(this.#steps, ns);
    if (step === open.step) return;
    this.#rest(open);
    const row = this.#rowOf(step);
    open.step = step;
    open.fromNs = step * this.#steps.stepNs;
    open.toNs = open.fromNs + this.#steps.stepNs;
    open.row = row;
    open.numbers = this.#cells.numbers(row);
    open.at = this.#cells.offset(row);
    if (open.numbers[open.at + Field.timed]! > 0)
      open.latency.unpack(this.#cells.words(row, Field.latencyAt));
    if (open.numbers[open.at + Field.served]! > 0)
      open.server.unpack(this.#cells.words(row, Field.serverAt));
  }

  #rest(open: OpenStep): void {
    if (open.step < 0) return;
    this.#cells.rest(open.row, Field.latencyAt, open.latency);
    this.#cells.rest(open.row, Field.serverAt, open.server);
    open.step = -1;
    open.toNs = 0;
  }

  #rowOf(step: number): number {
    let row = this.#rows.get(step);
    if (row === undefined) {
      row = this.#cells.add();
      this.#rows.set(step, row);
      this.#sorted = null;
    }
    return row;
  }

  /** Adds to one number of the step that a time falls into; gives its row. */
  #add(ns: number, field: number, n: number): number {
    const row = this.#rowOf(stepOf(this.#steps, ns));
    this.#cells.numbers(row)[this.#cells.offset(row) + field]! += n;
    return row;
  }

  /** @param syn it was a SYN: the handshake was not done yet. */
  retransmit(atNs: number, syn: boolean): void {
    this.#add(atNs, Field.retransmits, 1);
    if (syn) this.#add(atNs, Field.synRetransmits, 1);
  }

  connectedLate(openedNs: number, connectUs: number): void {
    this.#add(openedNs, Field.lateConnects, 1);
    this.latestConnectUs = Math.max(this.latestConnectUs, connectUs);
  }

  /** An attempt got no answer and was given up. */
  gaveUp(atNs: number): void {
    this.#add(atNs, Field.unansweredSyns, 1);
  }

  leaveIdle(openedNs: number): void {
    this.idle.count++;
    this.idle.firstNs = Math.min(this.idle.firstNs, openedNs);
    this.idle.lastNs = Math.max(this.idle.lastNs, openedNs);
  }

  /** A connection was opened; null for one that was there before the recording. */
  opened(atNs: number | null): void {
    this.connections++;
    if (atNs !== null) this.#add(atNs, Field.connections, 1);
  }

  /** It was usable from here to there; `toNs` null: to the end of the capture. */
  lived(fromNs: number, toNs: number | null): void {
    this.#add(fromNs, Field.openDelta, 1);
    // In damaged captures a socket may end before it began.
    if (toNs !== null) this.#add(Math.max(fromNs, toNs), Field.openDelta, -1);
  }

  leaveBehind(sinceNs: number): void {
    this.leftBehind.count++;
    this.leftBehind.sinceNs = Math.min(this.leftBehind.sinceNs, sinceNs);
  }

  ended(verdict: Verdict, atNs: number): void {
    if (!FAILURES.has(verdict)) return;
    this.failures++;
    this.failuresByVerdict[verdict] = (this.failuresByVerdict[verdict] ?? 0) + 1;
    this.#cells.fail(this.#add(atNs, Field.failures, 1), verdict);
  }
}
