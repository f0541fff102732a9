/** `dhrishti analyze`: capture in, SQLite file and HTML page out. */
import { DhrishtiError } from '../base/errors.js';
import { packageVersion } from '../base/paths.js';
import { parseMoment } from '../base/moment.js';
import { parseDuration } from '../base/time.js';
import type { AnalyzeOptions } from '../analyze/analyze.js';
import type { Analysis } from '../analyze/model.js';
import { withProgress } from './progress.js';
import { checkWritable, whole, writeResult } from './result-file.js';
import type { Terminal } from './terminal.js';
import { count, printable } from './terminal.js';

/** Options as commander gives them. */
export interface AnalyzeArguments {
  db?: string;
  report?: string;
  window: string;
  step: string;
  staleAfter: string;
  since?: string;
  until?: string;
  k6?: string[];
  exchanges?: boolean;
  json?: boolean;
  quiet?: boolean;
  strict?: boolean;
}

/** How many findings are told on the terminal; the report has all. */
const FINDINGS_TOLD = 3;

/** `x.dhr` and `x.dhr.partial` give `x.sqlite`. */
export function besideCapture(capture: string, ending: string): string {
  return capture.replace(/\.dhr(\.partial)?$/, '') + ending;
}

/** The one capture that is analyzed. */
export function onlyCapture(captures: readonly string[]): string {
  const [capture, ...others] = captures;
  if (capture === undefined || others.length > 0) {
    throw new DhrishtiError(
      'USAGE',
      `analyze takes one capture; ${String(captures.length)} were named.`,
      'Analyze them one after the other: several captures in one report are not supported yet.',
    );
  }
  return capture;
}

interface Outcome {
  analysis: Analysis;
  db: string;
  report: string;
}

/** What a program may want of an analysis without opening the database. */
function toJson({ analysis, db, report }: Outcome): string {
  const { capture, digest, edges, findings, quality, k6, connectionsTotal, failuresTotal } =
    analysis;
  const totals = { connections: connectionsTotal, failures: failuresTotal };
  return `${JSON.stringify({ db, report, digest, capture, totals, edges, findings, quality, k6 }, null, 2)}\n`;
}

/** The verdict and the worst findings, for people. */
function toWords({ analysis, db }: Outcome): string {
  const { capture, findings } = analysis;
  const told = findings.slice(0, FINDINGS_TOLD);
  const more = findings.length - told.length;
  return [
    ...(capture.cut === null ? [] : [`Cut: ${capture.cut.words}.`]),
    `Capture ${capture.verdict}: ${count(capture.events, 'event')}, ` +
      `${capture.lost.toLocaleString('en-US')} lost, ` +
      `${count(analysis.connectionsTotal, 'connection')}, ${count(analysis.edges.length, 'edge')}.`,
    ...told.map((finding) => `- ${printable(finding.sentence)}`),
    ...analysis.quality
      .filter(({ name, severity }) => name === 'k6_file' && severity === 'warning')
      .map(({ sentence }) => `k6: ${printable(sentence)}`),
    ...(findings.length === 0 ? ['No findings.'] : []),
    ...(more > 0 ? [`(${count(more, 'more finding')} in the report)`] : []),
    `Digest: ${analysis.digest}`,
    `Database: ${db}`,
    '',
  ].join('\n');
}

/** @throws DhrishtiError USAGE naming the option that makes no sense. */
export function toSettings(given: AnalyzeArguments): Omit<AnalyzeOptions, 'capture' | 'db'> {
  const windowNs = parseDuration(given.window, '--window');
  const stepNs = parseDuration(given.step, '--step');
  if (windowNs < stepNs) {
    throw new DhrishtiError(
      'USAGE',
      `--window ${given.window} is shorter than --step ${given.step}.`,
      'Make the window at least as long as the step, or time would fall between two windows.',
    );
  }
  if (given.k6 !== undefined && (given.since ?? given.until) !== undefined) {
    throw new DhrishtiError(
      'USAGE',
      '--k6 cannot be used with --since or --until.',
      'A k6 run is compared as a whole: analyze the whole capture with --k6, and the cut without.',
    );
  }
  const staleAfterNs = parseDuration(given.staleAfter, '--stale-after');
  return {
    windowNs,
    stepNs,
    staleAfterNs,
    exchanges: given.exchanges ?? false,
    ...(given.since === undefined ? {} : { since: parseMoment(given.since, '--since') }),
    ...(given.until === undefined ? {} : { until: parseMoment(given.until, '--until') }),
    ...(given.k6 === undefined ? {} : { k6: given.k6 }),
  };
}

/** Analyzes one capture; gives the exit status. */
export async function runAnalyze(
  terminal: Terminal,
  captures: readonly string[],
  given: AnalyzeArguments,
): Promise<number> {
  const capture = onlyCapture(captures);
  const settings = toSettings(given);
  const db = given.db ?? besideCapture(capture, '.sqlite');
  const report = given.report ?? besideCapture(capture, '.html');
  const inputs = [capture, ...(given.k6 ?? [])];
  checkWritable(db, '--db', inputs);
  checkWritable(report, '--report', inputs);
  const { analyze } = await import('../analyze/analyze.js');
  const { buildReport } = await import('../report/build.js');
  const { renderReport } = await import('../report/html.js');
  const analysis = await withProgress(terminal, given.quiet, async (onProgress) => {
    const made = await whole(db, '--db', (passing) =>
      analyze({ capture, db: passing, onProgress, ...settings }),
    );
    const page = renderReport(buildReport(made, { analyzer: `dhrishti ${packageVersion}` }));
    await writeResult(report, '--report', page);
    return made;
  });

  const outcome = { analysis, db, report };
  if (given.json === true) {
    await terminal.out(toJson(outcome));
  } else {
    if (given.quiet !== true) terminal.err(toWords(outcome));
    await terminal.out(terminal.interactive ? `Report: ${report}\n` : `${report}\n`);
  }
  if (given.strict === true) checkStrict(analysis);
  return 0;
}

function checkStrict({ capture }: Analysis): void {
  if (capture.verdict === 'complete' && capture.lost === 0) return;
  throw new DhrishtiError(
    'STRICT',
    `The capture is ${capture.verdict} and lost ${count(capture.lost, 'event')}.`,
    'The report was written all the same; leave out --strict to accept it.',
  );
}
