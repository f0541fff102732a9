/** The file itself: nothing in the data can leave its place, and nothing but the page's own script runs. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Report, buildReport } from '../../src/report/build.js';
import { unpack } from '../../src/report/client/unpack.js';
import type { ReportData } from '../../src/report/data.js';
import { escapedText } from '../../src/report/escape.js';
import { renderReport } from '../../src/report/html.js';
import { PAGE_BYTES } from '../../src/report/limits.js';
import { pack } from '../../src/report/pack.js';
import { buildClient } from '../support/browser.js';
import { shopAnalysis } from '../support/report-data.js';
import { hostileAnalysis } from '../support/report-hostile.js';

test('text is escaped for content and attributes', () => {
  expect(escapedText(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
});

/** With its columns as arrays: in the page they are parts of one buffer. */
function plain(data: ReportData): ReportData {
  const text = JSON.stringify(data, (_, value: unknown) =>
    value instanceof Float64Array ? [...value] : value,
  );
  return JSON.parse(text) as ReportData;
}

describe('the file', () => {
  let report: Report;
  let html: string;
  beforeAll(() => {
    buildClient();
    report = buildReport(hostileAnalysis(), { analyzer: 'dhrishti test' });
    html = renderReport(report);
  });

  test('holds the data and gives it back', async () => {
    const found = /<script type="text\/plain" id="data" data-digest="(\w+)">(.*?)<\/script>/s.exec(
      html,
    );
    expect(plain(await unpack(found?.[2] ?? ''))).toEqual(report.data);
    expect(found?.[1]).toBe(report.data.about.digest);
  });

  test('gives numbers of every length back', async () => {
    const at = [3, 4, 9, 10, 11, 12, 13];
    const long = [0, 1, 127, 128, 2 ** 14, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER];
    const edge = { at, exchanges: long, connections: [], failures: [1], retransmits: [], open: at };
    const times = { at: [0, 7], sumUs: long, paired: [], pairedUs: [], servedUs: [], pickupUs: [] };
    const edges = [
      { ...edge, times: { every: 60, ...times, hist: long } },
      { ...edge, at: [], times: { every: 1, ...times, at: [], hist: [] } },
    ];
    const data = { ...report.data, series: { ...report.data.series, edges } };
    expect(plain(await unpack(pack(data)))).toEqual(data);
  });

  test('has two scripts and one style, whose hashes are all its policy allows', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    const hash = (text: string): string =>
      `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map((match) => match[1] ?? '');
    const styles = [...html.matchAll(/<style>(.*?)<\/style>/gs)].map((match) => match[1] ?? '');
    expect([scripts.length, styles.length, html.match(/<script/g)?.length]).toEqual([1, 1, 2]);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(scripts[0] ?? '')}`,
      `style-src ${hash(styles[0] ?? '')}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test('stays below the bound of a page', () => {
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(PAGE_BYTES);
    const shop = renderReport(buildReport(shopAnalysis(), { analyzer: 'dhrishti test' }));
    expect(Buffer.byteLength(shop)).toBeLessThanOrEqual(PAGE_BYTES);
  });
});
