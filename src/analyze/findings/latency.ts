/**
 * Rule: an edge that was much slower for a while than it is otherwise. Its own p95 is the measure, never a fixed
 * limit; the server's own time says where the time went.
 */
import { formatDuration } from '../../base/time.js';
import type { Cell, EdgeMetrics } from '../metrics/edges.js';
import { Histogram } from '../metrics/histogram.js';
import { seconds } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { edgeName, spansOf, timesOf } from './facts.js';

/** Slow: this many times the usual p95. */
const FACTOR = 3;
/** … and by at least this much, below which nobody is waiting. */
const LEAST_US = 5000;
/** A slot with fewer exchanges has no p95 worth the name. */
const SLOT_EXCHANGES = 10;
/** A slow time with fewer exchanges in all, or of one step only and fewer than this many times as many, is chance. */
const SPAN_EXCHANGES = 20;
const SINGLE_STEP = 10;

/** Some steps of an edge together, enough for a p95. */
interface Slot extends Span {
  p95Us: number;
}

interface Slow {
  edge: EdgeMetrics;
  span: Span;
  duringUs: number;
  beforeUs: number;
  serverDuringUs: number | null;
  serverBeforeUs: number | null;
  exchanges: number;
}

export function latencyShifts(facts: Facts): Draft[] {
  const slow = facts.edges.flatMap((edge) => slowSpans(edge, facts.steps.perWindow));
  return slow.map((s) => draft(s, slow, facts));
}

function slowSpans(edge: EdgeMetrics, perWindow: number): Slow[] {
  const cells = edge.cells.filter(([, cell]) => cell.latency !== null);
  const slots = slotsOf(cells, perWindow);
  if (slots.length < 3) return [];
  const usual = usualUs(slots);
  const isSlow = ({ p95Us }: Slot): boolean => p95Us >= FACTOR * usual && p95Us - usual >= LEAST_US;
  const steps = slots.filter(isSlow).flatMap(({ from, to }) => range(from, to));
  return spansOf(steps, 1).flatMap((span) => {
    const during = merged(cells, (step) => step >= span.from && step < span.to);
    const before = merged(cells, (step) => step < span.from && !steps.includes(step));
    const rest = before.client.total > 0 ? before : merged(cells, (step) => !steps.includes(step));
    const duringUs = during.client.quantile(0.95);
    const beforeUs = rest.client.quantile(0.95);
    const enough = SPAN_EXCHANGES * (span.to - span.from > 1 ? 1 : SINGLE_STEP);
    if (duringUs === null || beforeUs === null || during.client.total < enough) return [];
    if (duringUs < FACTOR * beforeUs) return [];
    return {
      edge,
      span,
      duringUs,
      beforeUs,
      serverDuringUs: during.server.quantile(0.95),
      serverBeforeUs: rest.server.quantile(0.95),
      exchanges: during.client.total,
    };
  });
}

/** Steps where the edge is busy enough; whole windows where it is not. */
function slotsOf(cells: readonly [number, Cell][], perWindow: number): Slot[] {
  const counts = cells.map(([, cell]) => cell.latency!.total).sort((a, b) => a - b);
  const busy = (counts[counts.length >> 1] ?? 0) >= SLOT_EXCHANGES;
  const width = busy ? 1 : perWindow;
  const slots = new Map<number, Histogram>();
  for (const [step, cell] of cells) {
    const at = Math.floor(step / width);
    const histogram = slots.get(at) ?? new Histogram();
    slots.set(at, histogram);
    histogram.merge(cell.latency!, 1);
  }
  return [...slots]
    .filter(([, histogram]) => histogram.total >= SLOT_EXCHANGES)
    .map(([at, histogram]) => ({
      from: at * width,
      to: (at + 1) * width,
      p95Us: histogram.quantile(0.95)!,
    }));
}

/** The p95 that a third of the slots stay below: still the usual one where more than half are slow. */
function usualUs(slots: readonly Slot[]): number {
  const sorted = slots.map((s) => s.p95Us).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 3)]!;
}

function merged(
  cells: readonly [number, Cell][],
  wanted: (step: number) => boolean,
): { client: Histogram; server: Histogram } {
  const client = new Histogram();
  const server = new Histogram();
  for (const [step, cell] of cells) {
    if (!wanted(step)) continue;
    if (cell.latency !== null) client.merge(cell.latency, 1);
    if (cell.server !== null) server.merge(cell.server, 1);
  }
  return { client, server };
}

function draft(slow: Slow, all: readonly Slow[], facts: Facts): Draft {
  const { edge, span, duringUs, beforeUs, exchanges } = slow;
  const times = timesOf(span, facts);
  const deeper = all.filter((other) => explains(other, slow));
  const spent = where(slow, deeper);
  const p95 = (us: number): string => formatDuration(us * 1e3);
  return {
    severity: spent.inServer ? 'high' : 'medium',
    kind: 'latency_shift',
    edge: edge.id,
    ...times,
    sentence:
      `${edgeName(edge)} was slow from ${seconds(times.startNs)} to ${seconds(times.endNs)}: ` +
      `p95 ${p95(duringUs)}, ${p95(beforeUs)} otherwise; ${spent.words}.`,
    evidence:
      `${exchanges} exchanges, p95 ${(duringUs / beforeUs).toFixed(1)} times the usual` +
      (slow.serverDuringUs === null || slow.serverBeforeUs === null
        ? ''
        : `; server's own p95 ${p95(slow.serverDuringUs)}, ${p95(slow.serverBeforeUs)} otherwise`),
    weight: exchanges * duringUs,
  };
}

/** The server's own calls were slow for most of that time, and by an amount that matters here. */
function explains(call: Slow, slow: Slow): boolean {
  if (call.edge.client !== slow.edge.server) return false;
  const shared = Math.min(call.span.to, slow.span.to) - Math.max(call.span.from, slow.span.from);
  return (
    2 * shared >= slow.span.to - slow.span.from &&
    2 * (call.duringUs - call.beforeUs) >= slow.duringUs - slow.beforeUs
  );
}

/** Where the time went, as far as both ends tell. */
function where(slow: Slow, deeper: readonly Slow[]): { words: string; inServer: boolean } {
  const { edge, duringUs, beforeUs, serverDuringUs, serverBeforeUs } = slow;
  if (serverDuringUs === null || serverBeforeUs === null) {
    const words = `the server's end was not seen, so where the time went is not known`;
    return { words, inServer: true };
  }
  if (serverDuringUs - serverBeforeUs < 0.5 * (duringUs - beforeUs)) {
    const words = `${edge.server} itself was not slower: the time went into ${edge.client} or the way between`;
    return { words, inServer: false };
  }
  if (deeper.length > 0) {
    const names = [...new Set(deeper.map((d) => `${d.edge.server}:${d.edge.port}`))];
    return { words: `${edge.server} itself waited for ${names.join(' and ')}`, inServer: false };
  }
  return { words: `the time went into ${edge.server}`, inServer: true };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
