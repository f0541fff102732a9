/**
 * All that dhrishti does with a capture: inspect, log, analyze with exchanges, page. Whatever the bytes, it ends
 * with a result that keeps its promises, or with one of two refusals in a sentence.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../../src/analyze/analyze.js';
import { EventLog } from '../../src/analyze/log.js';
import type { Analysis, EdgeWindow } from '../../src/analyze/model.js';
import { DhrishtiError } from '../../src/base/errors.js';
import type { Moment } from '../../src/base/moment.js';
import { runInspect } from '../../src/cli/inspect.js';
import { openCapture } from '../../src/capture/open.js';
import { buildReport } from '../../src/report/build.js';
import { renderReport } from '../../src/report/html.js';
import { isWhole } from './blocks.js';
import type { Mutant } from './mutate.js';

const REFUSALS: ReadonlySet<string> = new Set(['NOT_A_CAPTURE', 'NEWER_CAPTURE']);

/** How a range without anything is refused: it lies outside, or nothing was there. */
const EMPTY: ReadonlySet<string> = new Set(['USAGE', 'FAILED']);

const SETTINGS = { windowNs: 10e9, stepNs: 1e9, staleAfterNs: 30e9, exchanges: true };

/**
 * Throws where a promise is broken. Gives the verdict, or the code of the refusal.
 * @param folder where files may be written meanwhile.
 */
export async function examine({ bytes, damaged }: Mutant, folder: string): Promise<string> {
  const capture = join(folder, 'x.dhr');
  const db = join(folder, 'x.sqlite');
  writeFileSync(capture, bytes);
  try {
    await inspect(capture);
    readLog(capture);
    const analysis = await analyze({ capture, db, ...SETTINGS });
    const verdict = analysis.capture.verdict;
    if (damaged && verdict === 'complete' && !isWhole(bytes)) {
      throw new Error('a damaged capture is called complete');
    }
    checkNumbers(analysis);
    renderReport(buildReport(analysis, { analyzer: 'fuzz' }));
    await examineCut(capture, db, analysis);
    return verdict.replace(/\d+/g, 'N');
  } catch (error) {
    if (error instanceof DhrishtiError && REFUSALS.has(error.code)) return error.code;
    throw error;
  } finally {
    for (const file of [capture, db, `${db}.partial`]) rmSync(file, { force: true });
  }
}

/** A cut of it, somewhere: it may have nothing in it. */
async function examineCut(capture: string, db: string, whole: Analysis): Promise<void> {
  const { durationNs, fileBytes } = whole.capture;
  if (fileBytes % 4 !== 0) return;
  const sinceNs = (durationNs * (fileBytes % 89)) / 89;
  const range = { since: moment(sinceNs), until: moment(sinceNs + durationNs / 3) };
  try {
    const analysis = await analyze({ capture, db, ...range, ...SETTINGS });
    checkNumbers(analysis);
    renderReport(buildReport(analysis, { analyzer: 'fuzz' }));
  } catch (error) {
    if (!(error instanceof DhrishtiError) || !EMPTY.has(error.code)) throw error;
  }
}

function moment(ns: number): Moment {
  return { kind: 'since', ns, text: `${ns}ns` };
}

async function inspect(capture: string): Promise<void> {
  const quiet = {
    out: (): Promise<void> => Promise.resolve(),
    err: (): void => undefined,
    live: false,
    columns: 80,
    interactive: false,
    closed: false,
  };
  await runInspect(quiet, capture, {});
  await runInspect(quiet, capture, { json: true });
}

function readLog(path: string): void {
  const { reader, close } = openCapture(path);
  try {
    const log = new EventLog();
    for (const block of reader) {
      for (const entry of log.take(block))
        if (!Number.isFinite(entry.atNs)) throw new Error('no time');
    }
  } finally {
    close();
  }
}

/** No count is negative, no number is none, no share is beyond 0 and 1. */
function checkNumbers(analysis: Analysis): void {
  const { capture, edges, findings, quality } = analysis;
  const windows: EdgeWindow[] = [];
  analysis.visitWindows((window) => windows.push({ ...window }));
  const cells: object[] = [];
  for (const { id } of edges) analysis.visitCells(id, (cell) => cells.push({ ...cell }));
  for (const row of [...edges, ...windows, ...cells, ...findings, ...quality, capture]) {
    for (const [name, value] of Object.entries(row)) {
      const bad =
        typeof value === 'number' &&
        (!Number.isFinite(value) ||
          (value < 0 && name !== 'startedWallMs') ||
          (name === 'coverage' && value > 1));
      if (bad)
        throw new Error(`${name} is ${String(value)} in ${JSON.stringify(row).slice(0, 300)}`);
    }
  }
  for (const { p50Us, p95Us, p99Us } of [...edges, ...windows]) {
    if ((p50Us ?? 0) > (p95Us ?? 0) || (p95Us ?? 0) > (p99Us ?? 0))
      throw new Error('quantiles cross');
  }
}
