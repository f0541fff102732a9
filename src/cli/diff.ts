/** `dhrishti diff`: two captures compared, or two groups of them. */
import { existsSync } from 'node:fs';
import { DhrishtiError } from '../base/errors.js';
import { packageVersion } from '../base/paths.js';
import type { CaptureInfo } from '../analyze/model.js';
import type { Comparison, Difference } from '../diff/model.js';
import { toSettings } from './analyze.js';
import { DEFAULT_TIMES } from './defaults.js';
import { checkWritable, sameFile, writeResult } from './result-file.js';
import type { Terminal } from './terminal.js';
import { count, printable, table } from './terminal.js';

/** Options as commander gives them. */
export interface DiffArguments {
  before?: string[];
  after?: string[];
  json?: boolean;
  html?: string;
}

/** What `--json` tells of each capture. */
const TOLD = ['file', 'host', 'startedWallMs', 'durationNs', 'verdict', 'events', 'lost'] as const;

const chance = ({ p }: Comparison): string =>
  p < 0.0001 ? 'p < 0.0001' : `p = ${p.toPrecision(2)}`;

function rows(comparisons: readonly Comparison[]): string {
  return table(
    comparisons.map((one) => ['', one.kind, printable(one.edge), one.size, chance(one)]),
  );
}

function toWords(difference: Difference, method: string): string {
  const { comparisons, notes, untimed } = difference;
  const beyond = comparisons.filter(({ beyondNoise }) => beyondNoise);
  const large = comparisons.filter((one) => one.large && !one.beyondNoise);
  const side = (which: string, infos: readonly CaptureInfo[]): string =>
    infos.map((info, i) => `${(i === 0 ? which : '').padEnd(8)}${nameOf(info)}\n`).join('');
  return [
    side('Before:', difference.before),
    side('After:', difference.after),
    ...notes.map((note) => `Note: ${printable(note)}\n`),
    beyond.length === 0
      ? 'No difference beyond noise.\n'
      : `${count(beyond.length, 'difference')} beyond noise:\n${rows(beyond)}`,
    large.length === 0 ? '' : `Large, but not beyond noise:\n${rows(large)}`,
    `${count(comparisons.length, 'comparison')} of ${count(difference.edges.length, 'edge')}`,
    untimed.length === 0
      ? '.\n'
      : `; too few exchanges to compare the times of ${count(untimed.length, 'edge')}.\n`,
    `${method}\n`,
  ].join('');
}

function nameOf({ file, events, durationNs }: CaptureInfo): string {
  return `${printable(file)}, ${(durationNs / 1e9).toFixed(1)} s, ${count(events, 'event')}`;
}

interface Sides {
  before: readonly string[];
  after: readonly string[];
}

/** @throws DhrishtiError USAGE where it is not clear what to compare with what. */
export function sidesOf(captures: readonly string[], { before, after }: DiffArguments): Sides {
  const hint =
    'Name two captures, or several a side: dhrishti diff --before a.dhr b.dhr c.dhr --after d.dhr e.dhr f.dhr';
  if (before !== undefined || after !== undefined) {
    if (captures.length > 0 || before === undefined || after === undefined) {
      throw new DhrishtiError('USAGE', '--before and --after go together, and stand alone.', hint);
    }
    return { before, after };
  }
  const [first, second, ...others] = captures;
  if (first === undefined || second === undefined || others.length > 0) {
    const named = `${captures.length} ${captures.length === 1 ? 'was' : 'were'} named`;
    throw new DhrishtiError('USAGE', `diff compares two captures; ${named}.`, hint);
  }
  return { before: [first], after: [second] };
}

/** A recording that is there twice would make the noise look small, or compare it with itself. */
function checkDistinct(files: readonly string[]): void {
  files.forEach((file, i) => {
    const twin = files.slice(0, i).find((other) => other === file || sameFile(other, file));
    if (twin === undefined) return;
    const names = twin === file ? `${file} is` : `${twin} and ${file} are`;
    throw new DhrishtiError(
      'USAGE',
      `${names} one capture, named twice.`,
      'Name each recording once.',
    );
  });
}

/** Compares two sides; gives the exit status. */
export async function runDiff(
  terminal: Terminal,
  captures: readonly string[],
  given: DiffArguments,
): Promise<number> {
  const files = sidesOf(captures, given);
  const all = [...files.before, ...files.after];
  checkDistinct(all.filter((file) => existsSync(file)));
  if (given.html !== undefined) checkWritable(given.html, '--html', all);
  const { analyzeInMemory } = await import('../analyze/in-memory.js');
  const { compareCaptures } = await import('../diff/diff.js');
  const { methodOf } = await import('../diff/method.js');
  const settings = toSettings(DEFAULT_TIMES);
  const [before, after] = [files.before, files.after].map((side) =>
    side.map((file) => analyzeInMemory(file, settings)),
  );
  const difference = compareCaptures(before!, after!);
  const method = methodOf(difference.noise);
  if (given.html !== undefined) {
    const { renderDifference } = await import('../report/difference.js');
    const page = renderDifference(difference, { method, analyzer: `dhrishti ${packageVersion}` });
    await writeResult(given.html, '--html', page);
  }
  await terminal.out(given.json === true ? toJson(difference) : toWords(difference, method));
  return 0;
}

function toJson(difference: Difference): string {
  const brief = (infos: readonly CaptureInfo[]): object[] =>
    infos.map((info) => Object.fromEntries(TOLD.map((name) => [name, info[name]])));
  const sides = { before: brief(difference.before), after: brief(difference.after) };
  return `${JSON.stringify({ ...difference, ...sides }, null, 2)}\n`;
}
