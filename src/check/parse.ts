/**
 * Assertions, read. The grammar, which docs/check.md shows to people:
 *
 *   assertion = [scope] metric operator value | metric "(" scope ")" operator value
 *   scope     = name ["->" name] [":" port]
 *   metric    = one of METRICS, or a sort of findings before "findings"
 *   value     = number unit
 */
import type { Assertion, Operator, Scope } from './assertion.js';
import { OPERATORS } from './assertion.js';
import type { Metric } from './metrics.js';
import { FINDING_SORTS, METRICS, UNITS } from './metrics.js';
import { near } from './near.js';
import { refuse } from './refusal.js';
import type { Token } from './tokens.js';
import { tokensOf } from './tokens.js';

const EXAMPLE = "for example 'gateway -> auth p95 < 50ms' or 'failures(orders) == 0'";

/**
 * Understands one assertion.
 * @param source what to call its origin in an error: `--assert`, or `FILE, line 3`.
 * @throws DhrishtiError USAGE, pointing at the character.
 */
export function parseAssertion(given: string, source: string): Assertion {
  return new Parser(given.trim(), source).parse();
}

/** The assertions of a file: one a line; empty lines and what follows a # at the start of a word are passed over. */
export function parseAssertions(content: string, file: string): Assertion[] {
  const assertions: Assertion[] = [];
  for (const [i, line] of content
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const text = line.replace(/(^|\s)#.*$/, '').trim();
    if (text !== '') assertions.push(parseAssertion(text, `${file}, line ${i + 1}`));
  }
  return assertions;
}

class Parser {
  readonly #text: string;
  readonly #source: string;
  readonly #tokens: Token[];

  constructor(text: string, source: string) {
    this.#text = text;
    this.#source = source;
    this.#tokens = tokensOf(text, source);
  }

  parse(): Assertion {
    const at = this.#tokens.findIndex(({ kind }) => kind === 'operator');
    const operator = this.#tokens[at];
    if (operator === undefined) {
      this.#fail(
        this.#text.length,
        'there is no comparison',
        `Write one of ${OPERATORS.join(' ')}, ${EXAMPLE}.`,
      );
    }
    const subject = this.#subject(this.#tokens.slice(0, at), operator.at);
    return {
      text: this.#text,
      ...subject,
      operator: this.#operator(operator),
      threshold: this.#value(this.#tokens.slice(at + 1), subject.metric),
    };
  }

  #fail(at: number, what: string, valid: string): never {
    throw refuse({ text: this.#text, source: this.#source, at, what, valid });
  }

  #operator({ text, at }: Token): Operator {
    const operator = OPERATORS.find((known) => known === text);
    const valid = `Write one of ${OPERATORS.join(' ')}.`;
    return operator ?? this.#fail(at, `"${text}" is no comparison`, valid);
  }

  /** What stands before the comparison, which begins at `end`. */
  #subject(tokens: readonly Token[], end: number): Pick<Assertion, 'metric' | 'sort' | 'scope'> {
    const open = tokens.findIndex(({ kind }) => kind === 'open');
    if (open < 0) {
      const stray = tokens.find(({ kind }) => kind === 'close');
      if (stray !== undefined)
        this.#fail(stray.at, 'no "(" stands before this', `Write METRIC(SCOPE), ${EXAMPLE}.`);
      const { words, ...found } = this.#metric(tokens, end);
      return this.#scoped(found, tokens.slice(0, tokens.length - words), end);
    }
    const { words, ...found } = this.#metric(tokens.slice(0, open), tokens[open]!.at);
    if (words < open) {
      const valid = `Write the scope once: 'SCOPE METRIC' or 'METRIC(SCOPE)', ${EXAMPLE}.`;
      this.#fail(tokens[0]!.at, 'a scope stands before the metric and another in brackets', valid);
    }
    const close = tokens.at(-1)!;
    if (close.kind !== 'close')
      this.#fail(close.end, 'a ")" is missing', 'Close the bracket before the comparison.');
    const inside = tokens.slice(open + 1, -1);
    if (inside.length === 0) this.#fail(close.at, 'there is no scope in the brackets', SCOPES);
    return this.#scoped(found, inside, close.at);
  }

  /** The metric is the last words before `end`: two where two make one. */
  #metric(
    tokens: readonly Token[],
    end: number,
  ): { metric: Metric; sort: string | null; words: number } {
    const last = tokens.at(-1);
    if (last?.kind !== 'word')
      this.#fail(last?.kind === 'quoted' ? last.at : end, 'a metric is missing here', METRIC_HINT);
    const before = tokens.at(-2)?.kind === 'word' ? tokens.at(-2)!.text : null;
    if (before !== null) {
      const two = METRICS.get(`${before} ${last.text}`);
      if (two !== undefined) return { metric: two, sort: null, words: 2 };
      if (last.text === 'findings' && FINDING_SORTS.includes(before)) {
        return { metric: METRICS.get('findings')!, sort: before, words: 2 };
      }
    }
    const metric = METRICS.get(last.text);
    if (metric !== undefined) return { metric, sort: null, words: 1 };
    const meant = near(last.text, [...METRICS.keys()], 2);
    const perhaps = meant.length === 0 ? '' : `Did you mean ${meant.join(' or ')}? `;
    this.#fail(last.at, `"${last.text}" is no metric`, perhaps + METRIC_HINT);
  }

  #scoped(
    found: Pick<Assertion, 'metric' | 'sort'>,
    tokens: readonly Token[],
    end: number,
  ): Pick<Assertion, 'metric' | 'sort' | 'scope'> {
    const [first] = tokens;
    if (first === undefined) return { ...found, scope: null };
    if (found.metric.taking === 'capture') {
      const valid = `Write ${found.metric.name} alone.`;
      this.#fail(
        first.at,
        `${found.metric.name} is of the whole capture and takes no scope`,
        valid,
      );
    }
    return { ...found, scope: this.#scope(tokens, end) };
  }

  #scope(tokens: readonly Token[], end: number): Scope {
    const rest = [...tokens];
    const name = (): string => {
      const token = rest.shift();
      if (token?.kind === 'word' || token?.kind === 'quoted') return token.text;
      return this.#fail(token?.at ?? end, 'the name of a service is missing here', SCOPES);
    };
    let server = name();
    let client = '*';
    if (rest[0]?.kind === 'arrow') {
      rest.shift();
      client = server;
      server = name();
    }
    let port: number | null = null;
    const token = rest[0];
    if (token?.kind === 'port') {
      rest.shift();
      port = token.text === '*' ? null : Number(token.text);
      if (port !== null && (port < 1 || port > 65_535)) {
        this.#fail(
          token.at,
          `"${token.text}" is no port`,
          'Write a number from 1 to 65535, or * for every port.',
        );
      }
    }
    const stray = rest[0];
    if (stray !== undefined) {
      const sort = rest.length === 1 && this.#text.slice(stray.end).trim().startsWith('findings');
      this.#fail(
        stray.at,
        `"${this.#text.slice(stray.at, stray.end)}" is neither part of a metric nor of a scope`,
        sort ? `Before findings stand ${FINDING_SORTS.join(', ')}.` : `${METRIC_HINT} ${SCOPES}`,
      );
    }
    return { client, server, port, text: this.#text.slice(tokens[0]!.at, tokens.at(-1)!.end) };
  }

  #value(tokens: readonly Token[], { name, dimension }: Metric): number {
    const units = Object.keys(UNITS[dimension]).filter((unit) => unit !== '');
    const takes =
      units.length === 0
        ? `${name} is a count: write a number alone.`
        : `${name} takes a number and one of ${units.join(', ')}: ${name} < 50${units[0]!}.`;
    const [first, ...others] = tokens;
    if (first === undefined) this.#fail(this.#text.length, 'a value is missing here', takes);
    const written = tokens.map(({ text }) => text).join('');
    const [, number, unit] = /^(\d+(?:\.\d+)?)(\D*)$/.exec(written) ?? [];
    if (number === undefined || others.length > 1) {
      this.#fail(first.at, `"${this.#text.slice(first.at)}" is no value`, takes);
    }
    const factor = UNITS[dimension][unit!];
    if (factor === undefined) {
      const what = unit === '' ? 'a unit is missing' : `"${unit!}" is no unit of ${name}`;
      const unitAt = others[0]?.at ?? first.at + number.length;
      this.#fail(unit === '' ? first.end : unitAt, what, takes);
    }
    return Number(number) * factor;
  }
}

const METRIC_HINT = `Metrics are ${[...METRICS.keys()].join(', ')}.`;
const SCOPES =
  "A scope is an edge ('gateway -> auth' or 'gateway -> auth:8081') or a service that is called ('auth'); * stands for anything.";
