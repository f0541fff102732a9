/** The k6 section of the page: k6's numbers beside those of the sockets that it used. */
import type { Analysis, Edge } from '../analyze/model.js';
import type { K6Section, Maybe } from './data.js';
import { NAME_CHARS, SENTENCE_CHARS } from './limits.js';
import { shown } from './text.js';

/** Most rows of each list. */
const ROWS = 60;
/** A threshold on response times that is a line in their chart. */
const TIME_LIMIT = /^(?:p\(\s*\d+(?:\.\d+)?\s*\)|avg|med|max)\s*<=?\s*(\d+(?:\.\d+)?)$/;

/** @param edgeAt the index in the page's data of each edge of the analysis. */
export function k6Section(
  analysis: Analysis,
  edgeAt: ReadonlyMap<number, number>,
): K6Section | null {
  const { k6, edges, stepNs } = analysis;
  if (k6 === null) return null;
  const entry = edges.filter(({ id }) => k6.entry.includes(id));
  return {
    offset: shown(k6.offset, SENTENCE_CHARS),
    entry: [...new Set(entry.map(({ id }) => edgeAt.get(id) ?? 0))],
    beside: besideOf(k6, entry),
    stepS: stepNs / 1e9,
    at: k6.steps.map(({ step }) => (step * stepNs) / 1e9),
    vus: k6.steps.map(({ vus }) => vus),
    p95: k6.steps.map(({ p95Us }) => p95Us),
    stages: k6.stages.slice(0, ROWS).map(({ name, startNs, endNs, requests, p95Us }) => ({
      name: shown(name, NAME_CHARS),
      fromS: startNs / 1e9,
      toS: endNs / 1e9,
      requests,
      p95: p95Us,
    })),
    thresholds: k6.thresholds
      .slice(0, ROWS)
      .map(({ metric, expression, value, verdict, judge }) => ({
        metric: shown(metric, NAME_CHARS),
        expression: shown(expression, NAME_CHARS),
        value,
        verdict,
        judge,
        limitUs: limitUs(metric, expression),
      })),
    checks: k6.checks.slice(0, ROWS).map(({ name, passes, fails }) => ({
      name: shown(name, NAME_CHARS),
      passes,
      fails,
    })),
  };
}

function besideOf(k6: NonNullable<Analysis['k6']>, entry: readonly Edge[]): K6Section['beside'] {
  const { totals, kind } = k6;
  const sum = (of: (edge: Edge) => number): Maybe =>
    entry.length === 0 ? null : entry.reduce((all, edge) => all + of(edge), 0);
  // Quantiles of several edges are not one thing.
  const [only] = entry.length === 1 ? entry : [];
  const points = kind === 'points';
  return [
    {
      what: 'answered requests, exchanges',
      unit: 'count',
      k6: totals.requests - totals.unanswered,
      sockets: sum(({ exchanges }) => exchanges),
    },
    {
      what: 'connections opened',
      unit: 'count',
      k6: points ? totals.opened : null,
      sockets: entry.length === 0 ? null : k6.established,
    },
    {
      what: 'failed requests, failed connections',
      unit: 'count',
      k6: totals.failed,
      sockets: sum(({ failures }) => failures),
    },
    {
      what: 'p50 of the time to the first byte',
      unit: 'us',
      k6: totals.waitingP50Us,
      sockets: only?.p50Us ?? null,
    },
    {
      what: 'p95 of the time to the first byte',
      unit: 'us',
      k6: totals.waitingP95Us,
      sockets: only?.p95Us ?? null,
    },
  ];
}

/** Microseconds of a limit on http_req_duration or http_req_waiting; null for all others. */
function limitUs(metric: string, expression: string): Maybe {
  if (!/^http_req_(duration|waiting)(\{|$)/.test(metric)) return null;
  const limit = TIME_LIMIT.exec(expression.trim())?.[1];
  return limit === undefined ? null : Number(limit) * 1000;
}
