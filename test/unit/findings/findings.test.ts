/** Each rule fires in a capture that was made for it, and does not in one just across its line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../../src/analyze/findings.js';
import { packageRoot } from '../../../src/base/paths.js';
import { analyzed } from '../../support/analysis.js';
import type { CaptureBuilder } from '../../support/capture-builder.js';
import { rebaselined } from '../../support/golden.js';
import type { K6Lines } from '../../support/k6-lines.js';
import { call, every, pair } from './case.js';
import { K6 } from './cases-k6.js';
import { CONNECT } from './cases-connect.js';
import { KEPT } from './cases-kept.js';
import { SLOW } from './cases-slow.js';

const CASES = [...CONNECT, ...SLOW, ...KEPT, ...K6];

describe.each(CASES)('$kind', ({ kind, fires, says, near, options = {}, line, k6 }) => {
  const said = (capture: CaptureBuilder, load?: K6Lines): string[] =>
    analyzed(capture, { ...options, ...(load === undefined ? {} : { k6: load }) })
      .findings.filter((finding) => finding.kind === kind)
      .map((finding) => finding.sentence);

  it('fires', () => {
    expect(said(fires(), k6?.fires())).toEqual(says);
  });

  it(`does not: ${line}`, () => {
    expect(said(near(), k6?.near())).toEqual([]);
  });
});

describe('findings', () => {
  it('have a case for every kind that a rule gives', () => {
    const kinds = RULES.flatMap((rule) => rule.kinds);
    expect(new Set(CASES.map((one) => one.kind))).toEqual(new Set(kinds));
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  it('are none in a quiet, healthy capture', () => {
    const shop = pair();
    every(0, 20, 400, (atMs) => call(shop, atMs, 1 + (atMs % 7)));
    expect(analyzed(shop.capture).findings).toEqual([]);
  });

  it('stand in docs/findings.md as the rules are', () => {
    const path = join(packageRoot, 'docs', 'findings.md');
    const rows = RULES.map(
      ({ kinds, tells, when, advice }) =>
        `### ${tells[0]!.toUpperCase()}${tells.slice(1)}\n\n` +
        `${kinds.map((kind) => `\`${kind}\``).join(', ')}\n\n**Fires** when ${when}\n\n**What to do.** ${advice}\n`,
    );
    const made = `## The rules\n\n${rows.join('\n')}`;
    const head = readFileSync(path, 'utf8').split('## The rules')[0]!;
    expect(rebaselined(path, head + made)).toBe(head + made);
  });
});
