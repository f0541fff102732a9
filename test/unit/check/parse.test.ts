/** What an assertion's text means, and what is said of one that means nothing. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DhrishtiError } from '../../../src/base/errors.js';
import { packageRoot } from '../../../src/base/paths.js';
import { FINDING_SORTS, METRICS, UNITS } from '../../../src/check/metrics.js';
import { parseAssertion, parseAssertions } from '../../../src/check/parse.js';
import { rebaselined } from '../../support/golden.js';

/** `client -> server:port metric operator threshold`, as it was understood. */
function understood(text: string): string {
  const { scope, metric, sort, operator, threshold } = parseAssertion(text, '--assert');
  const where = scope === null ? 'all' : `${scope.client} -> ${scope.server}:${scope.port ?? '*'}`;
  return `${where} | ${sort === null ? '' : `${sort} `}${metric.name} ${operator} ${threshold}`;
}

function refused(text: string): string {
  try {
    parseAssertion(text, '--assert');
  } catch (error) {
    expect(error).toBeInstanceOf(DhrishtiError);
    expect((error as DhrishtiError).exitStatus).toBe(2);
    return `${(error as DhrishtiError).message}\n${(error as DhrishtiError).hint}`;
  }
  throw new Error(`${text} was understood`);
}

describe('an assertion', () => {
  it.each([
    ['gateway -> auth p95 < 50ms', 'gateway -> auth:* | p95 < 50000'],
    ['gateway->auth:8081 p50<=1.5 s', 'gateway -> auth:8081 | p50 <= 1500000'],
    ['gateway → auth max != 800µs', 'gateway -> auth:* | max != 800'],
    ['failures(orders) == 0', '* -> orders:* | failures == 0'],
    ['failures( load-gen -> * ) == 0', 'load-gen -> *:* | failures == 0'],
    ['lost == 0', 'all | lost == 0'],
    ['coverage >= 99.9%', 'all | coverage >= 0.9990000000000001'],
    ['shop-* -> db:5432 connect p95 < 2ms', 'shop-* -> db:5432 | connect p95 < 2000'],
    ['failure share(* -> db:*) < 1 %', '* -> db:* | failure share < 0.01'],
    ['"my connect" p95 < 1ms', '* -> my connect:* | p95 < 1000'],
    ['p95 p95 < 1ms', '* -> p95:* | p95 < 1000'],
    ['rate(gateway) > 6000/min', '* -> gateway:* | rate > 100'],
    ['bytes received(db) < 64MiB', '* -> db:* | bytes received < 67108864'],
    ['high findings == 0', 'all | high findings == 0'],
    ['churn findings(a -> b) == 0', 'a -> b:* | churn findings == 0'],
  ])('%s', (text, meaning) => expect(understood(text)).toBe(meaning));

  it.each([
    ['gateway -> auth p59 < 50ms', 17, '"p59" is no metric', 'Did you mean p50 or p95?'],
    ['gateway -> auth p95 < 50', 25, 'a unit is missing', 'one of us, µs, ms, s, min'],
    ['gateway -> auth p95 < 50kg', 25, '"kg" is no unit of p95', 'one of us, µs, ms, s, min'],
    ['failures < 5ms', 13, '"ms" is no unit of failures', 'write a number alone'],
    ['gateway -> auth p95 = 50ms', 21, '"=" is no comparison', '< <= > >= == !='],
    ['gateway -> auth p95', 20, 'there is no comparison', "for example 'gateway -> auth"],
    ['gateway -> p95 < 5ms', 16, 'the name of a service is missing', 'A scope is an edge'],
    ['p95 <', 6, 'a value is missing', 'p95 takes a number'],
    ['lost(auth) == 0', 6, 'takes no scope', 'Write lost alone.'],
    ['a p95(b) < 1ms', 1, 'a scope stands before the metric and another', 'once'],
    ['failures(a == 0', 11, 'a ")" is missing', 'Close the bracket'],
    ['failures() == 0', 10, 'there is no scope', 'A scope is an edge'],
    ['a:70000 p95 < 1ms', 2, '"70000" is no port', '1 to 65535'],
    ['a b p95 < 1ms', 3, '"b" is neither part', 'Metrics are'],
    ['a slow findings == 0', 3, '"slow" is neither part', 'latency_shift'],
    ['"a p95 < 1ms', 1, 'this quote is not closed', '"quotes"'],
    ['p95 < 1ms 2ms', 7, '"1ms 2ms" is no value', 'p95 takes'],
    ['', 1, 'there is no comparison', 'for example'],
  ])('is refused where it is wrong: %s', (text, character, what, valid) => {
    const said = refused(text);
    expect(said).toContain(what);
    expect(said).toContain(`^ character ${character}\n`);
    expect(said.split('\n').at(-1)).toContain(valid);
  });

  it('is understood or refused, whatever it is', () => {
    const word = fc.constantFrom(
      'a',
      '->',
      'p95',
      '(',
      ')',
      '<',
      '==',
      '5ms',
      ':80',
      '"',
      '*',
      'findings',
      ' ',
      '\u001b',
      '🦀',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          parseAssertion(given, '--assert');
        } catch (error) {
          expect(error).toBeInstanceOf(DhrishtiError);
        }
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

describe('a file of assertions', () => {
  it('has one a line, with comments', () => {
    const texts = parseAssertions('# the shop\r\n\r\nlost == 0  # all of it\np95 < 1s\n', 'x').map(
      ({ text }) => text,
    );
    expect(texts).toEqual(['lost == 0', 'p95 < 1s']);
  });

  it('is refused with the line', () => {
    expect(() => parseAssertions('lost == 0\np95 <', 'x.txt')).toThrow(
      'x.txt, line 2: a value is missing',
    );
  });
});

describe('docs/check.md', () => {
  const path = join(packageRoot, 'docs', 'check.md');
  const page = readFileSync(path, 'utf8');

  it('has the metrics as they are', () => {
    const rows = [...METRICS.values()].map(({ name, dimension, taking, means }) => {
      const units = Object.keys(UNITS[dimension]).join(', ') || 'none';
      const several = { each: 'each edge', together: 'together', capture: 'whole capture' }[taking];
      return `| \`${name}\` | ${units} | ${several} | ${means} |`;
    });
    const made =
      '## Metrics\n\n<!-- prettier-ignore -->\n| metric | units | several edges | what it is |\n| --- | --- | --- | --- |\n' +
      `${rows.join('\n')}\n\nBefore \`findings\` may stand one of: ${FINDING_SORTS.map((sort) => `\`${sort}\``).join(', ')}.\n`;
    const head = page.split('## Metrics')[0]!;
    expect(rebaselined(path, head + made)).toBe(head + made);
  });

  it('gives examples that are understood', () => {
    const examples = /```text\n([^`]*)```/.exec(page)![1]!;
    expect(parseAssertions(examples, 'docs/check.md').length).toBeGreaterThan(10);
  });
});
