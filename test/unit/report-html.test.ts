/** The file itself: nothing in the data can leave its place, and nothing but the page's own script runs. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Report, buildReport } from '../../src/report/build.js';
import { unpack } from '../../src/report/client/unpack.js';
import { escapedText } from '../../src/report/escape.js';
import { renderReport } from '../../src/report/html.js';
import { PAGE_BYTES } from '../../src/report/limits.js';
import { buildClient } from '../support/browser.js';
import { shopAnalysis } from '../support/report-data.js';
import { hostileAnalysis } from '../support/report-hostile.js';

test('text is escaped for content and attributes', () => {
  expect(escapedText(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
});

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
    expect(await unpack(found?.[2] ?? '')).toEqual(report.data);
    expect(found?.[1]).toBe(report.data.about.digest);
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
