/** Judges assertions on an analysis: it holds, it does not, or the recording cannot tell. */
import type { Undigested } from '../analyze/digest.js';
import type { Edge } from '../analyze/model.js';
import { count, grouped, percent } from '../analyze/words.js';
import { formatBytes } from '../base/bytes.js';
import { formatDuration } from '../base/time.js';
import type { Assertion, Operator } from './assertion.js';
import type { Bounds } from './bounds.js';
import { countOf, lostExchanges, missing, timeOf } from './bounds.js';
import type { Dimension } from './metrics.js';
import { edgesIn, edgeText, suggestions } from './scope.js';

export type Verdict = 'pass' | 'fail' | 'not known';

export interface Outcome {
  assertion: string;
  verdict: Verdict;
  /** What was recorded, in µs, counts, exchanges a second, 0..1 or bytes; null where there is nothing. */
  value: number | null;
  /** The same for people. */
  shown: string;
  /** What it was read from, and why it is not known. */
  evidence: string;
}

/** Three-valued: whether every value between the bounds compares so, none does, or some do. */
export function compare({ low, high }: Bounds, operator: Operator, threshold: number): Verdict {
  const known = (all: boolean, none: boolean): Verdict =>
    all ? 'pass' : none ? 'fail' : 'not known';
  switch (operator) {
    case '<':
      return known(high < threshold, low >= threshold);
    case '<=':
      return known(high <= threshold, low > threshold);
    case '>':
      return known(low > threshold, high <= threshold);
    case '>=':
      return known(low >= threshold, high < threshold);
    case '==':
      return known(low === threshold && high === threshold, threshold < low || threshold > high);
    case '!=':
      return known(threshold < low || threshold > high, low === threshold && high === threshold);
  }
}

/** A value in words. */
export function shownValue(value: number, dimension: Dimension): string {
  switch (dimension) {
    case 'time':
      return formatDuration(value * 1e3);
    case 'count':
      return grouped(value);
    case 'rate':
      return `${Number(value.toPrecision(4))}/s`;
    case 'share':
      return percent(value);
    case 'bytes':
      return formatBytes(value);
  }
}

/** Judges one assertion. */
export function evaluate(assertion: Assertion, analysis: Undigested): Outcome {
  const { metric, scope, text } = assertion;
  const edges = edgesIn(scope, analysis.edges);
  if (edges.length === 0 && metric.name !== 'edges' && scope !== null) {
    return {
      assertion: text,
      verdict: 'fail',
      value: null,
      shown: 'no such edge',
      evidence: nothingThere(assertion, analysis),
    };
  }
  return metric.taking === 'each'
    ? eachEdge(assertion, edges, analysis)
    : together(assertion, edges, analysis);
}

function nothingThere({ scope }: Assertion, { edges, capture }: Undigested): string {
  const meant = suggestions(scope!, edges);
  const said =
    edges.length === 0
      ? 'the capture has no edge at all'
      : meant.length > 0
        ? `did you mean ${meant.join(', or ')}?`
        : `it has ${count(edges.length, 'edge')}, for example ${edgeText(edges[0]!)}`;
  const torn = capture.verdict === 'complete' ? '' : `; ${cause(capture)}`;
  return `no edge is "${scope!.text}": ${said}${torn}`;
}

interface Judged {
  edge: Edge;
  bounds: Bounds;
  verdict: Verdict;
}

const RANK: Readonly<Record<Verdict, number>> = { fail: 0, 'not known': 1, pass: 2 };

/** Every edge must hold; what is shown is the worst of them. */
function eachEdge(assertion: Assertion, edges: readonly Edge[], analysis: Undigested): Outcome {
  const { metric, operator, threshold, text } = assertion;
  const judged: Judged[] = [];
  for (const edge of edges) {
    const bounds = timeOf(metric.name, edge, analysis);
    if (bounds !== null)
      judged.push({ edge, bounds, verdict: compare(bounds, operator, threshold) });
  }
  const upwards = operator.startsWith('>');
  judged.sort(
    (a, b) =>
      RANK[a.verdict] - RANK[b.verdict] || (b.bounds.value - a.bounds.value) * (upwards ? -1 : 1),
  );
  const [worst] = judged;
  const untimed = edges.length - judged.length;
  if (worst === undefined) {
    const flagged = edges.reduce((sum, edge) => sum + edge.flagged, 0);
    const why =
      flagged > 0
        ? `; ${count(flagged, 'exchange')} cannot be timed truthfully and ${flagged === 1 ? 'is' : 'are'} kept out`
        : '';
    const evidence = `nothing was timed on ${count(edges.length, 'edge')}${why}`;
    return { assertion: text, verdict: 'not known', value: null, shown: 'not known', evidence };
  }
  const { edge, bounds, verdict } = worst;
  const parts = [`${edgeText(edge)}, ${count(edge.exchanges, 'exchange')}`];
  if (edge.flagged > 0) parts.push(`${grouped(edge.flagged)} of them flagged and kept out`);
  if (judged.length > 1) {
    const failing = judged.filter((one) => one.verdict === 'fail').length;
    parts.push(
      failing === 0
        ? `the worst of ${count(judged.length, 'edge')}`
        : `${failing} of ${count(judged.length, 'edge')} fail`,
    );
  }
  if (untimed > 0) parts.push(`${count(untimed, 'edge')} without times left out`);
  parts.push(...lostWords([edge], analysis));
  const shown = shownValue(bounds.value, metric.dimension);
  return {
    assertion: text,
    verdict,
    value: bounds.value,
    shown,
    evidence: withBounds(parts, bounds, verdict, metric.dimension, analysis),
  };
}

function together(assertion: Assertion, edges: readonly Edge[], analysis: Undigested): Outcome {
  const { metric, operator, threshold, sort, scope, text } = assertion;
  const ids = new Set(edges.map(({ id }) => id));
  const found = analysis.findings.filter(
    ({ edge, kind, severity }) =>
      (scope === null || (edge !== null && ids.has(edge))) &&
      (sort === null || kind === sort || severity === sort),
  );
  const bounds = countOf(metric.name, edges, found, analysis);
  if (bounds === null) {
    return {
      assertion: text,
      verdict: 'not known',
      value: null,
      shown: 'not known',
      evidence: 'there was not one connection to take a share of',
    };
  }
  const verdict = compare(bounds, operator, threshold);
  const parts =
    metric.name === 'findings'
      ? found.slice(0, 3).map(({ sentence }) => sentence)
      : [
          metric.taking === 'capture'
            ? `of ${count(analysis.capture.events, 'recorded event')}`
            : edgeList(metric.name, edges),
        ];
  parts.push(...lostWords(metric.taking === 'capture' ? analysis.edges : edges, analysis));
  return {
    assertion: text,
    verdict,
    value: bounds.value,
    shown: shownValue(bounds.value, metric.dimension),
    evidence: withBounds(parts, bounds, verdict, metric.dimension, analysis),
  };
}

/** What the totals of the kernel show to be missing on these edges, whatever the recorder counted. */
function lostWords(edges: readonly Edge[], analysis: Undigested): string[] {
  const lost = edges.reduce((sum, edge) => sum + lostExchanges(edge, analysis), 0);
  if (lost === 0) return [];
  return [`the events of ${count(lost, 'exchange')} were lost: counted, but not timed`];
}

/** The edges with the most of it first. */
function edgeList(name: string, edges: readonly Edge[]): string {
  if (!name.startsWith('failure'))
    return edges.length === 1 ? edgeText(edges[0]!) : count(edges.length, 'edge');
  const failed = edges
    .filter(({ failures }) => failures > 0)
    .sort((a, b) => b.failures - a.failures);
  if (failed.length === 0)
    return `none of ${count(
      edges.reduce((sum, edge) => sum + edge.connections, 0),
      'connection',
    )}`;
  return failed
    .slice(0, 3)
    .map(
      (edge) =>
        `${edgeText(edge)}: ${Object.entries(edge.failuresByVerdict)
          .map(([verdict, n]) => `${grouped(n)} ${verdict}`)
          .join(', ')} of ${grouped(edge.connections)}`,
    )
    .join('; ');
}

function withBounds(
  parts: string[],
  { low, high }: Bounds,
  verdict: Verdict,
  dimension: Dimension,
  { capture }: Undigested,
): string {
  if (missing(capture) === 0 && low === high) return parts.join(', ');
  const least = shownValue(low, dimension);
  const range =
    high === Infinity ? `${least} or more` : `between ${least} and ${shownValue(high, dimension)}`;
  const truth = low === high ? '' : `with what is missing it is ${range}`;
  const why = cause(capture);
  const said = verdict === 'not known' ? `not known${why === '' ? '' : `: ${why}`}` : why;
  return [parts.join(', '), said, truth].filter((part) => part !== '').join('; ');
}

function cause({ verdict, lost }: Undigested['capture']): string {
  const lostWords = lost > 0 ? `${count(lost, 'event')} were lost` : '';
  if (verdict === 'complete') return lostWords;
  return [`the capture is ${verdict}`, ...(lostWords === '' ? [] : [lostWords])].join(' and ');
}
