/**
 * Stage 6, metrics: what is counted for each edge, over the whole capture and in each step. Everything adds up,
 * so that steps make windows and the page can merge any range. Memory: edges × steps in use.
 */
import type { Verdict } from '../model.js';
import { FAILURES } from '../model.js';
import { Histogram, StepHistogram } from './histogram.js';
import { Slowest } from './slowest.js';
import type { Steps } from './steps.js';
import { stepOf } from './steps.js';

/** One edge in one step. Times are the client's to the first response byte, or the server's own. */
export class Cell {
  connections = 0;
  failures = 0;
  exchanges = 0;
  flagged = 0;
  /** Segments sent again; SYNs among them. */
  retransmits = 0;
  synRetransmits = 0;
  /** Connections established less those closed. */
  openDelta = 0;
  /** Handshakes that took a second or more because a SYN or its answer had to be sent again. */
  lateConnects = 0;
  /** Attempts that got no answer and were given up. */
  unansweredSyns = 0;
  sumUs = 0;
  /** Exchanges that both ends timed, by their start: sums of what the client waited, what the server took … */
  paired = 0;
  pairedUs = 0;
  servedUs = 0;
  /** … and what passed before the server read the request; of that, on connections that were new. */
  pickupUs = 0;
  acceptUs = 0;
  /** Exchanges that the server timed, whether the client did or not, and the sum of its times. */
  served = 0;
  allServedUs = 0;
  /** Exchanges begun less those ended, and the time that those begun here were under way here: see `inFlight`. */
  inFlightDelta = 0;
  inFlightNs = 0;
  latency: StepHistogram | null = null;
  server: StepHistogram | null = null;
  /** Failures by verdict, where there are any. */
  verdicts: Partial<Record<Verdict, number>> | null = null;
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
  readonly latency = new Histogram();
  readonly connect = new Histogram();
  readonly serverTime = new Histogram();
  readonly life = new Histogram();
  readonly slowest = new Slowest();
  readonly #cells = new Map<number, Cell>();
  #sorted: [step: number, cell: Cell][] | null = null;
  readonly #steps: Steps;

  constructor(id: number, client: string, server: string, port: number, steps: Steps) {
    this.id = id;
    this.client = client;
    this.server = server;
    this.port = port;
    this.#steps = steps;
  }

  /** The steps in which something happened, ascending. */
  get cells(): [step: number, cell: Cell][] {
    return (this.#sorted ??= [...this.#cells].sort((a, b) => a[0] - b[0]));
  }

  cellAt(ns: number): Cell {
    const step = stepOf(this.#steps, ns);
    let cell = this.#cells.get(step);
    if (cell === undefined) {
      cell = new Cell();
      this.#cells.set(step, cell);
      this.#sorted = null;
    }
    return cell;
  }

  /**
   * Counts one exchange.
   * @param ttfbUs null where its time cannot be told: flagged, or not seen by the client.
   * @param serverUs null where the server's end was not seen.
   * @param pickupUs from the client's first byte sent to the server's first byte read; only where both are seen.
   * @param fresh it was the first on its connection, so that accepting is part of `pickupUs`.
   */
  exchange(
    startNs: number,
    ttfbUs: number | null,
    serverUs: number | null,
    flagged: boolean,
    pickupUs = 0,
    fresh = false,
  ): void {
    const cell = this.cellAt(startNs);
    this.exchanges++;
    cell.exchanges++;
    if (flagged) {
      this.flagged++;
      cell.flagged++;
      return;
    }
    if (ttfbUs !== null) {
      this.sumUs += ttfbUs;
      this.latency.add(ttfbUs);
      cell.sumUs += ttfbUs;
      (cell.latency ??= new StepHistogram()).add(ttfbUs);
    }
    if (serverUs !== null) {
      this.serverTime.add(serverUs);
      (cell.server ??= new StepHistogram()).add(serverUs);
      cell.served++;
      cell.allServedUs += serverUs;
      if (ttfbUs !== null) {
        cell.paired++;
        cell.pairedUs += ttfbUs;
        cell.servedUs += serverUs;
        cell.pickupUs += pickupUs;
        if (fresh) cell.acceptUs += pickupUs;
      }
    }
  }

  /**
   * An exchange was under way for so long. Two cells know it, however long it was: the exchanges under way in a
   * step are those of all steps before (the sum of `inFlightDelta`) for the whole step, and `inFlightNs`.
   */
  inFlight(startNs: number, totalNs: number): void {
    const { stepNs } = this.#steps;
    const first = stepOf(this.#steps, startNs);
    const last = stepOf(this.#steps, startNs + totalNs);
    const cell = this.cellAt(startNs);
    if (first === last) {
      cell.inFlightNs += totalNs;
      return;
    }
    cell.inFlightDelta++;
    cell.inFlightNs += (first + 1) * stepNs - Math.max(startNs, first * stepNs);
    const end = this.cellAt(startNs + totalNs);
    end.inFlightDelta--;
    end.inFlightNs -= Math.max(0, (last + 1) * stepNs - (startNs + totalNs));
  }

  /** @param syn it was a SYN: the handshake was not done yet. */
  retransmit(atNs: number, syn: boolean): void {
    const cell = this.cellAt(atNs);
    cell.retransmits++;
    if (syn) cell.synRetransmits++;
  }

  connectedLate(openedNs: number, connectUs: number): void {
    this.cellAt(openedNs).lateConnects++;
    this.latestConnectUs = Math.max(this.latestConnectUs, connectUs);
  }

  leaveIdle(openedNs: number): void {
    this.idle.count++;
    this.idle.firstNs = Math.min(this.idle.firstNs, openedNs);
    this.idle.lastNs = Math.max(this.idle.lastNs, openedNs);
  }

  /** A connection was opened; null for one that was there before the recording. */
  opened(atNs: number | null): void {
    this.connections++;
    if (atNs !== null) this.cellAt(atNs).connections++;
  }

  /** It was usable from here to there; `toNs` null: to the end of the capture. */
  lived(fromNs: number, toNs: number | null): void {
    this.cellAt(fromNs).openDelta++;
    // In damaged captures a socket may end before it began.
    if (toNs !== null) this.cellAt(Math.max(fromNs, toNs)).openDelta--;
  }

  leaveBehind(sinceNs: number): void {
    this.leftBehind.count++;
    this.leftBehind.sinceNs = Math.min(this.leftBehind.sinceNs, sinceNs);
  }

  ended(verdict: Verdict, atNs: number): void {
    if (!FAILURES.has(verdict)) return;
    const cell = this.cellAt(atNs);
    this.failures++;
    this.failuresByVerdict[verdict] = (this.failuresByVerdict[verdict] ?? 0) + 1;
    cell.failures++;
    cell.verdicts ??= {};
    cell.verdicts[verdict] = (cell.verdicts[verdict] ?? 0) + 1;
  }
}
