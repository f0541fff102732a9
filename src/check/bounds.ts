/**
 * What a value could be given what the recording missed. Any of the lost events may belong to any edge, so that a
 * count may be higher by all of them, and a percentile lies between what it were had all of them been fast and
 * all of them slow. Behind the end of a torn capture anything may have happened.
 */
import type { CaptureInfo, Edge, Finding } from '../analyze/model.js';
import type { Undigested } from '../analyze/digest.js';
import { Histogram } from '../analyze/metrics/histogram.js';
import type { MetricName } from './metrics.js';

/** In the units of `Assertion.threshold`; `value` is what was recorded. */
export interface Bounds {
  value: number;
  low: number;
  high: number;
}

const exactly = (value: number): Bounds => ({ value, low: value, high: value });

/** Events that may be missing: Infinity where the capture is not whole. */
export function missing({ verdict, lost }: CaptureInfo): number {
  return verdict === 'complete' ? lost : Infinity;
}

/** Exchanges of an edge whose events were lost, by the kernel's own totals: they are counted, but in no percentile. */
export function lostExchanges(edge: Edge, { visitCells }: Undigested): number {
  let recorded = 0;
  visitCells(edge.id, ({ exchanges }) => (recorded += exchanges));
  return Math.max(0, edge.exchanges - recorded);
}

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** A time of one edge, in µs; null where nothing was timed. */
export function timeOf(name: MetricName, edge: Edge, analysis: Undigested): Bounds | null {
  const value = recordedTime(name, edge, analysis);
  if (value === null) return null;
  const gone = Math.max(missing(analysis.capture), lostExchanges(edge, analysis));
  if (gone === 0) return exactly(value);
  if (name === 'max') return { value, low: value, high: Infinity };
  if (!(name in QUANTILES) || gone === Infinity) return { value, low: 0, high: Infinity };
  const q = QUANTILES[name as keyof typeof QUANTILES];
  const times = new Histogram();
  analysis.visitCells(edge.id, ({ latency }) => {
    if (latency !== null) times.addCounts(latency);
  });
  const rank = Math.ceil(q * (times.total + gone));
  const at = (place: number): number => times.quantile((place - 0.5) / times.total) ?? value;
  return {
    value,
    low: rank <= gone ? 0 : at(rank - gone),
    high: rank > times.total ? Infinity : at(rank),
  };
}

function recordedTime(name: MetricName, edge: Edge, analysis: Undigested): number | null {
  switch (name) {
    case 'p50':
      return edge.p50Us;
    case 'p95':
      return edge.p95Us;
    case 'p99':
      return edge.p99Us;
    case 'avg':
      return edge.avgUs;
    case 'connect p95':
      return edge.connectP95Us;
    case 'server p95':
      return edge.serverP95Us;
    default:
      return analysis.slowest.find((slow) => slow.edge === edge.id)?.ttfbUs ?? null;
  }
}

const sum = (edges: readonly Edge[], of: (edge: Edge) => number): number =>
  edges.reduce((total, edge) => total + of(edge), 0);

/** What is counted over several edges together, or over the capture; null where there is nothing to divide by. */
export function countOf(
  name: MetricName,
  edges: readonly Edge[],
  findings: readonly Finding[],
  analysis: Undigested,
): Bounds | null {
  const { capture } = analysis;
  const gone = missing(capture);
  const atLeast = (value: number): Bounds => ({ value, low: value, high: value + gone });
  const seconds = capture.durationNs / 1e9;
  const connections = sum(edges, (edge) => edge.connections);
  const failures = sum(edges, (edge) => edge.failures);
  switch (name) {
    case 'rate': {
      if (!(seconds > 0)) return null;
      const value = sum(edges, (edge) => edge.exchanges) / seconds;
      return gone === Infinity
        ? { value, low: 0, high: Infinity }
        : { value, low: value, high: value + gone / seconds };
    }
    case 'failure share':
      if (connections === 0) return null;
      return {
        value: failures / connections,
        low: gone === Infinity ? 0 : failures / (connections + gone),
        high: gone === Infinity ? 1 : Math.min(1, (failures + gone) / (connections + gone)),
      };
    case 'open': {
      const value = sum(edges, (edge) => edge.open);
      return { value, low: Math.max(0, value - gone), high: value + gone };
    }
    case 'bytes sent':
    case 'bytes received': {
      const value = sum(edges, (edge) =>
        name === 'bytes sent' ? edge.bytesSent : edge.bytesReceived,
      );
      const unsized = analysis.quality.some((row) => row.name === 'bytes_unknown');
      return gone === 0 && !unsized ? exactly(value) : { value, low: value, high: Infinity };
    }
    case 'findings':
      return gone === 0
        ? exactly(findings.length)
        : { value: findings.length, low: 0, high: Infinity };
    case 'lost':
      return lostEvents(analysis);
    case 'coverage':
      return {
        value: capture.coverage,
        low: capture.verdict === 'complete' ? capture.coverage : 0,
        high: capture.coverage,
      };
    case 'failures':
      return atLeast(failures);
    case 'connections':
      return atLeast(connections);
    case 'exchanges':
      return atLeast(sum(edges, (edge) => edge.exchanges));
    case 'retransmits':
      return atLeast(sum(edges, (edge) => edge.retransmits));
    default:
      return atLeast(edges.length);
  }
}

/** What the recorder counted, or more where the kernel's own totals show more. */
function lostEvents(analysis: Undigested): Bounds {
  const { verdict, lost } = analysis.capture;
  const shown = sum(analysis.edges, (edge) => lostExchanges(edge, analysis));
  if (verdict === 'complete' && shown <= lost) return exactly(lost);
  const value = Math.max(lost, shown);
  return { value, low: value, high: Infinity };
}
