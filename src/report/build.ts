/**
 * From the analysis to the page's data: pure, and bounded. It looks for the finest detail that fits, by the packed
 * size of some edges, and takes none that does not fit whole; whatever was folded or left out is said in `leftOut`.
 */
import type { Analysis, Connection, Edge } from '../analyze/model.js';
import { aboutOf } from './about.js';
import { connectionColumns, slowViews } from './connections.js';
import type { EdgeView, FailureView, FindingView, ReportData, Series } from './data.js';
import { sampleSeries } from './estimate.js';
import { type EdgeChoice, chooseEdges, rankEdges } from './fold.js';
import { k6Section } from './k6.js';
import { leftOut } from './left-out.js';
import { pack, seriesBytes } from './pack.js';
import { type Grid, gridOf, seriesOf } from './series.js';
import { otherEdge } from './others.js';
import {
  DATA_BYTES,
  DETAILS,
  type Detail,
  FINDINGS,
  NAME_CHARS,
  QUALITY_ROWS,
  SENTENCE_CHARS,
} from './limits.js';
import { failedAtNs, pickFailures } from './pick.js';
import { type ServiceTable, listServices } from './services.js';
import { shown } from './text.js';

/** Microseconds without a tail of meaningless digits: they cost bytes and say nothing. */
function tidy(us: number | null): number | null {
  return us === null ? null : Number(us.toPrecision(5));
}

function edgeView(edge: Edge, services: ServiceTable): EdgeView {
  return {
    client: services.indexOf.get(edge.client) ?? 0,
    server: services.indexOf.get(edge.server) ?? 0,
    port: edge.port,
    via: edge.via === null ? null : shown(edge.via, NAME_CHARS),
    connections: edge.connections,
    open: edge.open,
    failures: edge.failures,
    failuresByVerdict: { ...edge.failuresByVerdict },
    exchanges: edge.exchanges,
    flagged: edge.flagged,
    avg: tidy(edge.avgUs),
    p50: tidy(edge.p50Us),
    p95: tidy(edge.p95Us),
    p99: tidy(edge.p99Us),
    connectP95: tidy(edge.connectP95Us),
    serverP95: tidy(edge.serverP95Us),
    lifeP50: tidy(edge.lifeP50Us),
    retransmits: edge.retransmits,
    bytesSent: edge.bytesSent,
    bytesReceived: edge.bytesReceived,
    coverage: edge.coverage,
  };
}

function findingViews(analysis: Analysis, edgeAt: ReadonlyMap<number, number>): FindingView[] {
  return [...analysis.findings]
    .sort((a, b) => a.rank - b.rank)
    .slice(0, FINDINGS)
    .map((finding) => ({
      severity: finding.severity,
      kind: shown(finding.kind, NAME_CHARS),
      edge: finding.edge === null ? null : (edgeAt.get(finding.edge) ?? null),
      fromS: finding.startNs / 1e9,
      toS: finding.endNs / 1e9,
      sentence: shown(finding.sentence, SENTENCE_CHARS),
      figures: shown(finding.evidence, SENTENCE_CHARS)
        .split('; ')
        .filter((figure) => figure !== ''),
    }));
}

function failureView(
  failure: Connection,
  edgeAt: ReadonlyMap<number, number>,
  names: ReadonlyMap<number, string>,
): FailureView {
  const end = (workload: number, address: string, port: number | null): string => {
    const host = address.includes(':') ? `[${address}]` : address;
    const where = port === null ? host : `${host}:${port}`;
    return shown(`${names.get(workload) ?? 'unknown'} ${where}`.trim(), NAME_CHARS);
  };
  const atNs = failedAtNs(failure);
  return {
    edge: edgeAt.get(failure.edge) ?? 0,
    atS: Number((atNs / 1e9).toFixed(6)),
    durationS:
      failure.openedNs === null ? null : Number(((atNs - failure.openedNs) / 1e9).toFixed(6)),
    verdict: failure.verdict,
    connState: shown(failure.connState, NAME_CHARS),
    errno: failure.errno === null ? null : shown(failure.errno, NAME_CHARS),
    client: end(failure.clientWorkload, failure.clientAddr, failure.clientPort),
    server: end(failure.serverWorkload, failure.serverAddr, failure.serverPort),
    evidence: shown(failure.evidence, SENTENCE_CHARS),
  };
}

/** A detail, and what it makes of the capture's edges and time. */
interface Plan {
  detail: Detail;
  choice: EdgeChoice;
  grid: Grid;
}

/** The page's data at one detail. */
function withDetail(
  analysis: Analysis,
  { choice, detail }: Plan,
  series: Series,
  analyzer: string,
): ReportData {
  const others = choice.folded.length === 0 ? null : otherEdge(analysis, choice.folded);
  const edges = others === null ? choice.kept : [...choice.kept, others];
  const edgeAt = new Map(edges.map((edge, index) => [edge.id, index]));
  for (const { id } of choice.folded) edgeAt.set(id, edges.length - 1);
  const services = listServices(
    analysis,
    new Set(edges.flatMap(({ client, server }) => [client, server])),
  );
  const names = new Map(
    analysis.workloads.map(({ id, name }) => [id, shown(name, NAME_CHARS / 2)]),
  );
  const picked = pickFailures(analysis.failures, detail.failures);
  const connections = connectionColumns(analysis, edgeAt, detail.connections);
  const kept = new Set(choice.kept.map(({ id }) => id));
  return {
    format: 2,
    about: aboutOf(analysis, analyzer),
    findings: findingViews(analysis, edgeAt),
    services: services.views,
    edges: edges.map((edge) => edgeView(edge, services)),
    series,
    failures: {
      rows: picked.map((failure) => failureView(failure, edgeAt, names)),
      total: analysis.failuresTotal,
    },
    connections,
    slowest: slowViews(analysis, edgeAt, kept, detail.slowest),
    k6: k6Section(analysis, edgeAt),
    quality: analysis.quality.slice(0, QUALITY_ROWS).map(({ name, severity, sentence }) => ({
      name: shown(name, NAME_CHARS),
      severity,
      sentence: shown(sentence, SENTENCE_CHARS),
    })),
    leftOut: leftOut(analysis, {
      choice,
      services,
      picked: picked.length,
      connections: connections.id.length,
      series,
      every: detail.every,
    }),
  };
}

/** About the packed bytes of a plan: all but the series is made, and of the series a sample. */
function estimate(analysis: Analysis, plan: Plan, analyzer: string): number {
  const { choice, grid, detail } = plan;
  const none = seriesOf(analysis, { ...choice, kept: [], folded: [] }, grid, detail);
  const rest = pack(withDetail(analysis, plan, none, analyzer)).length;
  return sampleSeries(analysis, choice, grid, detail).reduce(
    (bytes, { series, each }) => bytes + seriesBytes(series) * each,
    rest,
  );
}

/** A page's data, and the same packed. */
export interface Report {
  data: ReportData;
  packed: string;
}

/**
 * The report that shows `analysis`.
 * @param about.analyzer name and version of the program that analyzed.
 */
export function buildReport(analysis: Analysis, { analyzer }: { analyzer: string }): Report {
  const ranked = rankEdges(analysis);
  const planOf = (detail: Detail): Plan => ({
    detail,
    choice: chooseEdges(analysis, ranked, detail.edges, detail.fine),
    grid: gridOf(analysis, detail),
  });
  const seemsToFit = (at: number): boolean =>
    estimate(analysis, planOf(DETAILS[at]!), analyzer) <= DATA_BYTES;
  // Of a large capture the details are halved until the first that seems to fit is found.
  let [first, last] = seemsToFit(0) ? [0, 0] : [1, DETAILS.length - 1];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (seemsToFit(middle)) last = middle;
    else first = middle + 1;
  }
  for (const detail of DETAILS.slice(first)) {
    const plan = planOf(detail);
    const series = seriesOf(analysis, plan.choice, plan.grid, detail);
    const data = withDetail(analysis, plan, series, analyzer);
    const packed = pack(data);
    if (packed.length <= DATA_BYTES) return { data, packed };
  }
  throw new RangeError('the coarsest detail of a report does not fit');
}
