/**
 * Edges, windows and cells as the model has them, from what was counted. A window slides by one step; only windows in
 * which something happened or a connection was open have a row, so that a gap means: nothing.
 */
import type { Edge, EdgeCell, EdgeWindow } from '../model.js';
import type { Coverage } from './coverage.js';
import type { Cell } from './cells.js';
import type { EdgeMetrics } from './edges.js';
import type { StepHistogram } from './histogram.js';
import { Histogram } from './histogram.js';
import { spread } from './packed.js';
import type { Steps } from './steps.js';

/** Smaller times need more decimals, or rounding would add to the histogram's own error, which is just below 1 %. */
const SMALL_US = 100;

/** Microseconds to two decimals, small ones to five: finer than the histogram can tell, and easy to read. */
export function roundUs(us: number | null): number | null {
  if (us === null) return null;
  const parts = us < SMALL_US ? 1e5 : 100;
  return Math.round(us * parts) / parts;
}

/** A share to six decimals. */
export function roundShare(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}

export function toEdge(edge: EdgeMetrics, coverage: Coverage): Edge {
  const cells = edge.cells;
  const latency = new Histogram();
  const serverTime = new Histogram();
  for (const [, cell] of cells) {
    if (cell.latency !== null) latency.mergePacked(cell.latency, 1);
    if (cell.server !== null) serverTime.mergePacked(cell.server, 1);
  }
  const [p50, p95, p99] = latency.quantiles([0.5, 0.95, 0.99]);
  const first = cells[0]?.[0] ?? 0;
  const last = cells.at(-1)?.[0] ?? 0;
  return {
    id: edge.id,
    client: edge.client,
    server: edge.server,
    port: edge.port,
    via: edge.via,
    connections: edge.connections,
    failures: edge.failures,
    failuresByVerdict: edge.failuresByVerdict,
    exchanges: edge.exchanges,
    flagged: edge.flagged,
    avgUs: roundUs(latency.total === 0 ? null : edge.sumUs / latency.total),
    p50Us: roundUs(p50 ?? null),
    p95Us: roundUs(p95 ?? null),
    p99Us: roundUs(p99 ?? null),
    connectP95Us: roundUs(quantileOf(edge.connect, 0.95)),
    serverP95Us: roundUs(serverTime.quantile(0.95)),
    retransmits: edge.retransmits,
    bytesSent: edge.bytesSent,
    bytesReceived: edge.bytesReceived,
    coverage: roundShare(coverage.share(first, last + 1)),
    lifeP50Us: roundUs(quantileOf(edge.life, 0.5)),
    open: edge.open,
  };
}

function quantileOf(step: StepHistogram, q: number): number | null {
  const histogram = new Histogram();
  histogram.merge(step, 1);
  return histogram.quantile(q);
}

/** Calls `visit` for each step in which something happened; the cell is the same object each time. */
export function visitCells(edge: EdgeMetrics, visit: (cell: Readonly<EdgeCell>) => void): void {
  const seen: EdgeCell = {
    step: 0,
    connections: 0,
    failures: 0,
    exchanges: 0,
    flagged: 0,
    retransmits: 0,
    open: 0,
    sumUs: 0,
    paired: 0,
    pairedUs: 0,
    servedUs: 0,
    pickupUs: 0,
    latency: null,
  };
  for (const [step, cell] of edge.cells) {
    seen.step = step;
    seen.connections = cell.connections;
    seen.failures = cell.failures;
    seen.exchanges = cell.exchanges;
    seen.flagged = cell.flagged;
    seen.retransmits = cell.retransmits;
    seen.open += cell.openDelta;
    seen.sumUs = cell.sumUs;
    seen.paired = cell.paired;
    seen.pairedUs = cell.pairedUs;
    seen.servedUs = cell.servedUs;
    seen.pickupUs = cell.pickupUs;
    seen.latency = cell.latency === null ? null : spread(cell.latency);
    visit(seen);
  }
}

/** Sums of the cells that a window holds; cells come in and go out as it slides. */
class Sliding {
  connections = 0;
  failures = 0;
  exchanges = 0;
  retransmits = 0;
  sumUs = 0;
  readonly latency = new Histogram();

  merge(cell: Cell, sign: 1 | -1): void {
    this.connections += sign * cell.connections;
    this.failures += sign * cell.failures;
    this.exchanges += sign * cell.exchanges;
    this.retransmits += sign * cell.retransmits;
    this.sumUs += sign * cell.sumUs;
    if (cell.latency !== null) this.latency.mergePacked(cell.latency, sign);
  }
}

const QUANTILES = [0.5, 0.95, 0.99];

/** Calls `visit` for each window of an edge, in order of time; the window is the same object each time. */
export function visitWindows(
  edge: EdgeMetrics,
  steps: Steps,
  coverage: Coverage,
  visit: (window: Readonly<EdgeWindow>) => void,
): void {
  const cells = edge.cells;
  const sum = new Sliding();
  const seen: EdgeWindow = {
    edge: edge.id,
    startNs: 0,
    widthNs: steps.perWindow * steps.stepNs,
    connections: 0,
    failures: 0,
    exchanges: 0,
    avgUs: null,
    p50Us: null,
    p95Us: null,
    p99Us: null,
    open: 0,
    retransmits: 0,
    coverage: 1,
  };
  // A capture shorter than one window has one all the same.
  const starts = Math.max(1, steps.count - steps.perWindow + 1);
  let into = 0;
  let out = 0;
  for (let start = 0; start < starts; start++) {
    for (; into < cells.length && cells[into]![0] < start + steps.perWindow; into++) {
      const cell = cells[into]![1];
      sum.merge(cell, 1);
      seen.open += cell.openDelta;
    }
    for (; out < into && cells[out]![0] < start; out++) sum.merge(cells[out]![1], -1);
    const quiet =
      seen.open === 0 && sum.connections + sum.failures + sum.exchanges + sum.retransmits === 0;
    if (quiet) continue;
    const [p50, p95, p99] = sum.latency.quantiles(QUANTILES);
    const timed = sum.latency.total;
    seen.startNs = start * steps.stepNs;
    seen.connections = sum.connections;
    seen.failures = sum.failures;
    seen.exchanges = sum.exchanges;
    seen.avgUs = roundUs(timed === 0 ? null : sum.sumUs / timed);
    seen.p50Us = roundUs(p50 ?? null);
    seen.p95Us = roundUs(p95 ?? null);
    seen.p99Us = roundUs(p99 ?? null);
    seen.retransmits = sum.retransmits;
    seen.coverage = roundShare(coverage.share(start, start + steps.perWindow));
    visit(seen);
  }
}
