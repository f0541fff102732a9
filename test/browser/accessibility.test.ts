/** axe-core finds nothing to complain of, in both themes, at both widths, on a page with all its parts. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '../../src/report/build.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { canRun } from '../support/parts.js';
import { shopAnalysis } from '../support/report-data.js';

/** Of what axe gives back, what tells which rule was broken where. */
interface Found {
  violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
}

describe.skipIf(!canRun('browser', [missingBrowser()]))('accessibility', () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  let reports: Reports;
  beforeAll(async () => {
    reports = await startBrowser();
  });
  afterAll(async () => reports.close());

  test.each([
    [1440, 'light'],
    [1440, 'dark'],
    [400, 'light'],
    [400, 'dark'],
  ] as const)('%i pixels, %s: no violation', async (width, colorScheme) => {
    const report = buildReport(shopAnalysis(), { analyzer: 'dhrishti test' });
    const { page } = await reports.open(report, { width, colorScheme });
    // Evaluated through the debugger, which the page's policy does not bind.
    await page.evaluate(axe);
    const { violations } = await page.evaluate<Found>('axe.run(document)');
    const told = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
    expect(told).toEqual([]);
    await page.close();
  });
});
