/**
 * Stage 6, metrics: what is counted for each edge, over the whole capture and in each step. Everything adds up,
 * so that steps make windows and the page can merge any range. Memory: edges × steps in use.
 */
import type { Verdict } from '../model.js';
import { FAILURES } from '../model.js';
import { Cell, Field } from './cells.js';
import type { Cells } from './cells.js';
import { StepHistogram, bucketOf } from './histogram.js';
import { OpenHistogram } from './open-histogram.js';
import { Slowest } from './slowest.js';
import type { Steps } from './steps.js';
import { stepOf } from './steps.js';

const NONE = new Float64Array(0);

/** Two steps lie open for an edge, those that it is at now: exchanges end a little out of the order they began in. */
class OpenStep {
  step = -1;
  row = 0;
  numbers: Float64Array = NONE;
  at = 0;
  readonly latency = new OpenHistogram();
  readonly server = new OpenHistogram();
}

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
  /** By whether the step is even; null before the first exchange. */
  #even: OpenStep | null = null;
  #odd: OpenStep | null = null;
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
    this.#rest(this.#even);
    this.#rest(this.#odd);
    return (this.#sorted ??= [...this.#rows]
      .sort((a, b) => a[0] - b[0])
      .map(([step, row]) => [step, new Cell(this.#cells, row)]));
  }

  /**
   * Counts one exchange.
   * @param ttfbUs NaN where its time cannot be told: flagged, or not seen by the client.
   * @param serverUs NaN where the server's end was not seen.
   * @param pickupUs from the client's first byte sent to the server's first byte read; only where both are seen.
   * @param fresh it was the first on its connection, so that accepting is part of `pickupUs`.
   */
  exchange(
    startNs: number,
    totalNs: number,
    ttfbUs: number,
    serverUs: number,
    flagged: boolean,
    pickupUs: number,
    fresh: boolean,
  ): void {
    const open = this.#openAt(stepOf(this.#steps, startNs));
    const { numbers, at } = open;
    this.exchanges++;
    numbers[at + Field.exchanges]!++;
    if (flagged) {
      this.flagged++;
      numbers[at + Field.flagged]!++;
    } else {
      const timed = ttfbUs === ttfbUs;
      if (timed) {
        this.sumUs += ttfbUs;
        numbers[at + Field.timed]!++;
        numbers[at + Field.sumUs]! += ttfbUs;
        open.latency.add(bucketOf(ttfbUs));
      }
      if (serverUs === serverUs) {
        open.server.add(bucketOf(serverUs));
        numbers[at + Field.served]!++;
        numbers[at + Field.allServedUs]! += serverUs;
        if (timed) {
          numbers[at + Field.paired]!++;
          numbers[at + Field.pairedUs]! += ttfbUs;
          numbers[at + Field.servedUs]! += serverUs;
          numbers[at + Field.pickupUs]! += pickupUs;
          if (fresh) numbers[at + Field.acceptUs]! += pickupUs;
        }
      }
    }
    this.#inFlight(open, startNs, totalNs);
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

  #openAt(step: number): OpenStep {
    const open =
      (step & 1) === 0 ? (this.#even ??= new OpenStep()) : (this.#odd ??= new OpenStep());
    if (open.step !== step) this.#turnTo(open, step);
    return open;
  }

  /** The one that lies open is put to rest, another is taken up. */
  #turnTo(open: OpenStep, step: number): void {
    this.#rest(open);
    const row = this.#rowOf(step);
    open.step = step;
    open.row = row;
    open.numbers = this.#cells.numbers(row);
    open.at = this.#cells.offset(row);
    if (open.numbers[open.at + Field.timed]! > 0)
      open.latency.unpack(this.#cells.words(row, Field.latencyAt));
    if (open.numbers[open.at + Field.served]! > 0)
      open.server.unpack(this.#cells.words(row, Field.serverAt));
  }

  #rest(open: OpenStep | null): void {
    if (open === null || open.step < 0) return;
    this.#cells.rest(open.row, Field.latencyAt, open.latency);
    this.#cells.rest(open.row, Field.serverAt, open.server);
    open.step = -1;
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
