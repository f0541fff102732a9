/** `dhrishti check`: assertions on what was recorded, for CI. */
import { readFileSync } from 'node:fs';
import { DhrishtiError, EXIT_STATUS } from '../base/errors.js';
import type { Undigested } from '../analyze/digest.js';
import type { Assertion } from '../check/assertion.js';
import type { Outcome } from '../check/evaluate.js';
import { toSettings } from './analyze.js';
import { DEFAULT_TIMES } from './defaults.js';
import { checkWritable, writeResult } from './result-file.js';
import type { Terminal } from './terminal.js';
import { count, printable } from './terminal.js';

/** Options as commander gives them. */
export interface CheckArguments {
  assert?: string[];
  assertFile?: string[];
  json?: boolean;
  junit?: string;
  strict?: boolean;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = (cause as Error).message;
    throw new DhrishtiError(
      'USAGE',
      `Cannot read the assertions in ${file}: ${why}.`,
      'Name a text file with --assert-file.',
      { cause },
    );
  }
}

/** @throws DhrishtiError USAGE where one cannot be understood, or there is none. */
async function assertionsOf(given: CheckArguments): Promise<Assertion[]> {
  const { parseAssertion, parseAssertions } = await import('../check/parse.js');
  const assertions = [
    ...(given.assertFile ?? []).flatMap((file) => parseAssertions(contentOf(file), file)),
    ...(given.assert ?? []).map((text) => parseAssertion(text, '--assert')),
  ];
  if (assertions.length > 0) return assertions;
  throw new DhrishtiError(
    'USAGE',
    'There is nothing to check: no assertion was given.',
    "Give one, for example --assert 'gateway -> auth p95 < 50ms', or a file of them with --assert-file; docs/check.md has all.",
  );
}

const MARKS: Readonly<Record<Outcome['verdict'], string>> = {
  pass: 'ok  ',
  fail: 'FAIL',
  'not known': '??  ',
};

function toWords(capture: string, outcomes: readonly Outcome[]): string {
  const lines = outcomes.map(
    ({ assertion, verdict, shown, evidence }) =>
      `${MARKS[verdict]}  ${printable(assertion)}\n      ${shown}${evidence === '' ? '' : `: ${printable(evidence)}`}\n`,
  );
  const of = (verdict: Outcome['verdict']): number =>
    outcomes.filter((one) => one.verdict === verdict).length;
  return (
    `${printable(capture)}\n${lines.join('')}` +
    `${count(outcomes.length, 'assertion')}: ${of('pass')} passed, ${of('fail')} failed, ${of('not known')} not known.\n`
  );
}

function checkStrict(captures: ReadonlyMap<string, Undigested['capture']>): void {
  for (const [file, { verdict, lost }] of captures) {
    if (verdict === 'complete' && lost === 0) continue;
    throw new DhrishtiError(
      'STRICT',
      `${file} is ${verdict} and lost ${count(lost, 'event')}.`,
      'Leave out --strict to accept it.',
    );
  }
}

/** Checks every assertion on every capture; gives the exit status: 6 where one fails or is not known. */
export async function runCheck(
  terminal: Terminal,
  captures: readonly string[],
  given: CheckArguments,
): Promise<number> {
  const assertions = await assertionsOf(given);
  if (given.junit !== undefined) {
    checkWritable(given.junit, '--junit', [...captures, ...(given.assertFile ?? [])]);
  }
  const { analyzeInMemory } = await import('../analyze/in-memory.js');
  const { evaluate } = await import('../check/evaluate.js');
  // As `analyze` does by default, so that the findings are the same.
  const settings = toSettings(DEFAULT_TIMES);
  const infos = new Map<string, Undigested['capture']>();
  const checked = captures.map((capture) => {
    const analysis = analyzeInMemory(capture, settings);
    infos.set(capture, analysis.capture);
    return {
      capture,
      verdict: analysis.capture.verdict,
      lost: analysis.capture.lost,
      outcomes: assertions.map((one) => evaluate(one, analysis)),
    };
  });
  if (given.junit !== undefined) {
    const { toJunit } = await import('../check/junit.js');
    await writeResult(given.junit, '--junit', toJunit(checked));
  }
  const passed = checked.every(({ outcomes }) =>
    outcomes.every(({ verdict }) => verdict === 'pass'),
  );
  const text =
    given.json === true
      ? `${JSON.stringify({ passed, captures: checked }, null, 2)}\n`
      : checked.map((one) => toWords(one.capture, one.outcomes)).join('\n');
  await terminal.out(text);
  if (given.strict === true) checkStrict(infos);
  return passed ? 0 : EXIT_STATUS.CHECK_FAILED;
}
