/** axe-core finds nothing to complain of, in both themes, at both widths: on a page with all its parts, and on odd ones. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '../../src/report/build.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { canRun } from '../support/parts.js';
import { shopAnalysis } from '../support/report-data.js';
import { emptyAnalysis } from '../support/report-empty.js';
import { hostileAnalysis } from '../support/report-hostile.js';
import { largeAnalysis } from '../support/report-large.js';

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

  const pages = {
    shop: shopAnalysis,
    hostile: hostileAnalysis,
    empty: emptyAnalysis,
    large: largeAnalysis,
  };
  const looks = ([1440, 400] as const).flatMap((width) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
  );
  test.each(
    (Object.keys(pages) as (keyof typeof pages)[]).flatMap((name) =>
      looks.map((look) => ({ name, ...look })),
    ),
  )(
    '$name, $width pixels, $colorScheme: no violation, and no scrolling sideways',
    async ({ name, width, colorScheme }) => {
      const report = buildReport(pages[name](), { analyzer: 'dhrishti test' });
      // The service's panel and a search are part of what a reader meets.
      const { page } = await reports.open(report, {
        width,
        colorScheme,
        fragment: '#service=0&find=a',
      });
      // Evaluated through the debugger, which the page's policy does not bind.
      await page.evaluate(axe);
      const { violations } = await page.evaluate<Found>('axe.run(document)');
      const told = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
      );
      expect(told).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        width,
      );
      await page.close();
    },
  );
});
