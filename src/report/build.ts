/**
 * From the analysis to the page's data: pure, and bounded. It tries details from fine to coarse and
 * takes the first that fits; whatever was folded or left out is said in `leftOut`.
 */
import type { Analysis, Connection, Edge, EdgeCell } from '../analyze/model.js';
import { BUCKET_BASE } from '../analyze/metrics/histogram.js';
import { aboutOf } from './about.js';
import type { EdgeView, FailureView, FindingView, ReportData, Series } from './data.js';
import { digestOf } from './digest.js';
import { escapedJson } from './escape.js';
import { type EdgeChoice, chooseEdges, foldCells, stepCoverage, stepsInOne } from './fold.js';
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

function buildSeries(analysis: Analysis, choice: EdgeChoice, detail: Detail): Series {
  const factor = stepsInOne(analysis.steps, detail.steps);
  const cells = new Map<number, EdgeCell[]>();
  for (const cell of analysis.cells) {
    const list = cells.get(cell.edge);
    if (list === undefined) cells.set(cell.edge, [cell]);
    else list.push(cell);
  }
  const groups = choice.kept.map((edge) => [edge]);
  if (choice.folded.length > 0) groups.push(choice.folded);
  return {
    stepS: (analysis.stepNs * factor) / 1e9,
    steps: Math.max(1, Math.ceil(analysis.steps / factor)),
    bucketBase: BUCKET_BASE ** detail.bucketsInOne,
    edges: groups.map((group) =>
      foldCells(
        group.flatMap(({ id }) => cells.get(id) ?? []),
        factor,
        detail.bucketsInOne,
      ),
    ),
    coverage: stepCoverage(analysis, factor).map((share) => Number(share.toPrecision(6))),
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
      evidence: shown(finding.evidence, SENTENCE_CHARS),
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
    connState: failure.connState,
    errno: failure.errno,
    client: end(failure.clientWorkload, failure.clientAddr, failure.clientPort),
    server: end(failure.serverWorkload, failure.serverAddr, failure.serverPort),
    evidence: shown(failure.evidence, SENTENCE_CHARS),
  };
}

function withDetail(analysis: Analysis, analyzer: string, detail: Detail): ReportData {
  const choice = chooseEdges(analysis, detail.edges);
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
  const series = buildSeries(analysis, choice, detail);
  const data: Omit<ReportData, 'about'> = {
    format: 1,
    findings: findingViews(analysis, edgeAt),
    services: services.views,
    edges: edges.map((edge) => edgeView(edge, services)),
    series,
    failures: {
      rows: picked.map((failure) => failureView(failure, edgeAt, names)),
      total: analysis.failuresTotal,
    },
    quality: analysis.quality.slice(0, QUALITY_ROWS).map(({ name, severity, sentence }) => ({
      name: shown(name, NAME_CHARS),
      severity,
      sentence: shown(sentence, SENTENCE_CHARS),
    })),
    leftOut: leftOut(analysis, { choice, services, picked: picked.length, series }),
  };
  const about = aboutOf(analysis, analyzer);
  return { ...data, about: { ...about, digest: digestOf({ ...data, about }) } };
}

interface Taken {
  choice: EdgeChoice;
  services: ServiceTable;
  picked: number;
  series: Series;
}

function leftOut(analysis: Analysis, { choice, services, picked, series }: Taken): string[] {
  const stepS = analysis.stepNs / 1e9;
  const error = Math.ceil((Math.sqrt(series.bucketBase) - 1) * 100);
  const sentences = [
    `Percentiles of a chosen range are read from histograms and may be ${error} % off; those of the whole capture are the analyzer's own.`,
  ];
  if (series.stepS > stepS) {
    sentences.push(
      `Time is shown in steps of ${series.stepS} s; the analyzer counted in steps of ${stepS} s.`,
    );
  }
  if (choice.folded.length > 0) {
    sentences.push(
      `${choice.folded.length} of ${analysis.edges.length} edges, the quietest without findings, are folded into one row named "other".`,
    );
  }
  if (picked < analysis.failuresTotal) {
    sentences.push(
      `${picked} of ${analysis.failuresTotal} failed connections have a row of their own, some of every edge and verdict; the counts hold all of them.`,
    );
  }
  const findings = analysis.findings.length - FINDINGS;
  if (findings > 0) sentences.push(`${findings} findings of lower rank are not shown.`);
  if (services.idleLeftOut > 0) {
    sentences.push(`${services.idleLeftOut} services without a connection are not listed.`);
  }
  if (analysis.quality.length > QUALITY_ROWS) {
    sentences.push(`${analysis.quality.length - QUALITY_ROWS} rows about quality are not shown.`);
  }
  return sentences;
}

/**
 * The data of the page that shows `analysis`.
 * @param about.analyzer name and version of the program that analyzed.
 */
export function buildReport(analysis: Analysis, about: { analyzer: string }): ReportData {
  let data: ReportData | null = null;
  for (const detail of DETAILS) {
    data = withDetail(analysis, about.analyzer, detail);
    if (Buffer.byteLength(escapedJson(data)) <= DATA_BYTES) break;
  }
  return data!;
}
