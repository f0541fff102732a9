/** `dhrishti diff`: what is different between two captures, and what of it is beyond noise. */
import { packageVersion } from '../base/paths.js';
import type { Comparison, Difference } from '../diff/diff.js';
import { toSettings } from './analyze.js';
import { DEFAULT_TIMES } from './defaults.js';
import { writeResult } from './result-file.js';
import type { Terminal } from './terminal.js';
import { count, printable, table } from './terminal.js';

/** Options as commander gives them. */
export interface DiffArguments {
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
  const { before, after, comparisons, notes, untimed } = difference;
  const beyond = comparisons.filter(({ beyondNoise }) => beyondNoise);
  const large = comparisons.filter((one) => one.large && !one.beyondNoise);
  const name = ({ file, events, durationNs }: Difference['before']): string =>
    `${printable(file)}, ${(durationNs / 1e9).toFixed(1)} s, ${count(events, 'event')}`;
  return [
    `Before: ${name(before)}\nAfter:  ${name(after)}\n`,
    ...notes.map((note) => `Note: ${note}\n`),
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

/** Compares two captures; gives the exit status. */
export async function runDiff(
  terminal: Terminal,
  files: readonly [string, string],
  given: DiffArguments,
): Promise<number> {
  const { analyzeInMemory } = await import('../analyze/in-memory.js');
  const { compareCaptures, METHOD } = await import('../diff/diff.js');
  const settings = toSettings(DEFAULT_TIMES);
  const difference = compareCaptures(
    analyzeInMemory(files[0], settings),
    analyzeInMemory(files[1], settings),
  );
  if (given.html !== undefined) {
    const { renderDifference } = await import('../report/difference.js');
    const shown = { method: METHOD, analyzer: `dhrishti ${packageVersion}` };
    writeResult(given.html, renderDifference(difference, shown), '--html');
  }
  if (given.json === true) {
    const { before, after, ...rest } = difference;
    const brief = (info: Difference['before']): object =>
      Object.fromEntries(TOLD.map((name) => [name, info[name]]));
    await terminal.out(
      `${JSON.stringify({ before: brief(before), after: brief(after), ...rest }, null, 2)}\n`,
    );
  } else {
    await terminal.out(toWords(difference, METHOD));
  }
  return 0;
}
