/** Reads what k6 wrote, plain or gzip, as a stream: the only part of the k6 comparison that reads files. */
import { open } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DhrishtiError } from '../base/errors.js';
import type { Frame } from './frame.js';
import type { K6Run } from './k6/model.js';
import { Points, isPointLine } from './k6/points.js';
import { readSummary } from './k6/summary.js';
import { WallClock } from './wall.js';
import { planSteps } from './metrics/steps.js';

/** Summaries are small: more text without one of k6's lines is something else. */
const MOST_SUMMARY_CHARS = 16 << 20;
const HINT =
  'Give the file that `k6 run --out json=FILE` or `--summary-export FILE` wrote during this recording.';

/**
 * Reads one or two files of the same k6 run: its points, its summary, or both; then k6's own verdicts on thresholds
 * and checks take the place of ours.
 * @throws DhrishtiError FAILED where one cannot be read, is none of k6's, or tells of another time.
 */
export async function readK6(
  paths: readonly string[],
  frame: Frame,
  { stepNs, windowNs }: { stepNs: number; windowNs: number },
): Promise<K6Run> {
  const clock = new WallClock(frame.startedWallMs, frame.clocks);
  const steps = planSteps(stepNs, windowNs, frame.endNs);
  const runs: K6Run[] = [];
  for (const path of paths) runs.push(await readOne(path, new Points(clock, steps, frame.endNs)));
  const points = runs.find(({ kind }) => kind === 'points');
  const summary = runs.find(({ kind }) => kind === 'summary');
  if (runs.length > 2 || (runs.length === 2 && (points === undefined || summary === undefined))) {
    throw failed(
      `--k6 takes one run: its JSON lines, its summary, or both; these are ${runs.length} files of another kind.`,
    );
  }
  if (points === undefined) return summary!;
  checkTime(points, basename(paths[runs.indexOf(points)]!), frame.endNs);
  return summary === undefined ? points : withSummary(points, summary);
}

/** The points, with what only k6 itself knows. */
function withSummary(points: K6Run, summary: K6Run): K6Run {
  const judged = summary.thresholds;
  return {
    ...points,
    thresholds: judged.length > 0 ? judged : points.thresholds,
    checks: summary.checks.length > 0 ? summary.checks : points.checks,
  };
}

function checkTime(run: K6Run, name: string, endNs: number): void {
  const { startNs, endNs: lastNs } = run;
  if (startNs === null || lastNs === null || (startNs <= endNs && lastNs >= 0)) return;
  const seconds = (ns: number): string => `${Math.round(ns / 1e9)} s`;
  const where =
    lastNs < 0
      ? `it ends ${seconds(-lastNs)} before the capture begins`
      : `it begins ${seconds(startNs - endNs)} after the capture ends`;
  throw failed(`${name} tells of another time: ${where}.`);
}

function failed(sentence: string, cause?: unknown): DhrishtiError {
  return new DhrishtiError('FAILED', sentence, HINT, { cause });
}

async function readOne(path: string, points: Points): Promise<K6Run> {
  const name = basename(path);
  const problems: string[] = [];
  let text = '';
  let read = 0;
  let bad = 0;
  try {
    for await (const line of linesOf(await opened(path))) {
      const value = parsed(line);
      if (isPointLine(value)) {
        if (points.add(value)) read++;
        else bad++;
      } else if (read > 0) {
        bad++;
      } else {
        text += `${line}\n`;
        if (text.length > MOST_SUMMARY_CHARS) break;
      }
    }
  } catch (cause) {
    const why = (cause as Error).message;
    if (read === 0) throw failed(`Cannot read ${name}: ${why}.`, cause);
    problems.push(`${name} is cut off (${why}): what comes before is compared.`);
  }
  if (read === 0) {
    const summary = readSummary(parsed(text));
    if (summary === null) {
      throw failed(`${name} is neither JSON lines nor a summary of k6's.`);
    }
    return summary;
  }
  bad += text.trim() === '' ? 0 : text.trim().split('\n').length;
  if (bad > 0)
    problems.push(`${bad} of ${read + bad} lines of ${name} make no sense and were passed over.`);
  const run = points.finish();
  return { ...run, problems };
}

/** A readable stream of the file's text, unpacked where it is gzip by its first bytes. */
async function opened(path: string): Promise<Readable> {
  const file = await open(path);
  const head = Buffer.alloc(2);
  try {
    await file.read(head, 0, 2, 0);
  } finally {
    await file.close();
  }
  const raw = createReadStream(path, { highWaterMark: 1 << 18 });
  if (head[0] !== 0x1f || head[1] !== 0x8b) return raw;
  const gunzip = createGunzip();
  raw.on('error', (error) => gunzip.destroy(error));
  return raw.pipe(gunzip);
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop()!;
    if (rest.length > MOST_SUMMARY_CHARS) throw new Error('it has a line without end');
    yield* lines;
  }
  if (rest.trim() !== '') yield rest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
