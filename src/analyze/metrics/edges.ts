/**
 * Stage 6, metrics: what is counted for each edge, over the whole capture and in each step. Everything adds up,
 * so that steps make windows and the page can merge any range. Memory: edges × steps in use.
 */
import type { Verdict } from '../model.js';
import { FAILURES } from '../model.js';
import { Histogram, StepHistogram } from './histogram.js';
import type { Steps } from './steps.js';
import { stepOf } from './steps.js';

/** One edge in one step. Times are the client's to the first response byte, or the server's own. */
export class Cell {
  connections = 0;
  failures = 0;
  exchanges = 0;
  flagged = 0;
  retransmits = 0;
  /** Connections established less those closed. */
  openDelta = 0;
  /** Attempts that got no answer and were given up. */
  unansweredSyns = 0;
  sumUs = 0;
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
  readonly latency = new Histogram();
  readonly connect = new Histogram();
  readonly serverTime = new Histogram();
  readonly life = new Histogram();
  readonly #cells = new Map<number, Cell>();
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
    return [...this.#cells].sort((a, b) => a[0] - b[0]);
  }

  cellAt(ns: number): Cell {
    const step = stepOf(this.#steps, ns);
    let cell = this.#cells.get(step);
    if (cell === undefined) {
      cell = new Cell();
      this.#cells.set(step, cell);
    }
    return cell;
  }

  /**
   * Counts one exchange.
   * @param ttfbUs null where its time cannot be told: flagged, or not seen by the client.
   * @param serverUs null where the server's end was not seen.
   */
  exchange(
    startNs: number,
    ttfbUs: number | null,
    serverUs: number | null,
    flagged: boolean,
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
    }
  }

  retransmit(atNs: number): void {
    this.cellAt(atNs).retransmits++;
  }

  /** A connection was opened; null for one that was there before the recording. */
  opened(atNs: number | null): void {
    this.connections++;
    if (atNs !== null) this.cellAt(atNs).connections++;
  }

  /** It was usable from here to there; `toNs` null: to the end of the capture. */
  lived(fromNs: number, toNs: number | null): void {
    this.cellAt(fromNs).openDelta++;
    if (toNs !== null) this.cellAt(toNs).openDelta--;
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
