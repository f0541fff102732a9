/** The list of failures where there are more groups of edge and verdict than it shows at first. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../src/analyze/model.js';
import { type Report, buildReport } from '../../src/report/build.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { closeQuiet, textOf } from '../support/page-actions.js';
import { canRun } from '../support/parts.js';
import { shopAnalysis } from '../support/report-data.js';
import { largeAnalysis } from '../support/report-large.js';

const GROUPS = 25;
const LISTED_FIRST = 20;

/** Many edges of which the first ones fail: edge 0 once, edge 1 twice, and so on. */
function failingAnalysis(): Analysis {
  const large = largeAnalysis();
  const [refusal] = shopAnalysis().failures;
  const failures = large.edges
    .slice(0, GROUPS)
    .flatMap(({ id }) => Array.from({ length: id + 1 }, () => ({ ...refusal!, edge: id })))
    .map((failure, id) => ({ ...failure, id }));
  return { ...large, failures, failuresTotal: failures.length };
}

describe.skipIf(!canRun('browser', [missingBrowser()]))('failures in many groups', () => {
  let report: Report;
  let reports: Reports;
  beforeAll(async () => {
    report = buildReport(failingAnalysis(), { analyzer: 'dhrishti test' });
    reports = await startBrowser();
  });
  afterAll(async () => reports.close());

  test.each(['mouse', 'keyboard'])(
    'the largest are listed, and a button lists all of them by %s',
    async (by) => {
      const opened = await reports.open(report);
      const { page } = opened;
      const failures = page.locator('#failures');
      const groups = failures.locator('.failure-group summary b');
      /** What the list says of its groups when it has the `listed` largest. */
      const largest = (listed: number): string[] =>
        Array.from({ length: listed }, (_, i) => `✕ ${GROUPS - i} refused`);
      const said = async (): Promise<string[]> => Promise.all((await groups.all()).map(textOf));
      expect(await said()).toEqual(largest(LISTED_FIRST));
      expect(await textOf(failures)).toContain(
        `${LISTED_FIRST} of ${GROUPS} groups of edge and verdict are listed, those with the most failures.`,
      );

      const button = failures.getByRole('button', { name: `Show all ${GROUPS} groups` });
      if (by === 'mouse') await button.click();
      else {
        await button.focus();
        await page.keyboard.press('Enter');
      }
      await expect.poll(said).toEqual(largest(GROUPS));
      expect(await button.count()).toBe(0);
      expect(await textOf(failures)).not.toContain('are listed');

      // They stay listed when the list is drawn again for another range.
      await page.getByLabel('Range from, seconds').fill('1');
      await page.getByLabel('Range from, seconds').press('Enter');
      await expect.poll(() => textOf(page.locator('.range-text'))).toMatch(/^1 s – /);
      await expect.poll(() => failures.locator('[aria-busy]').count()).toBe(0);
      await expect.poll(said).toEqual(largest(GROUPS));
      await closeQuiet(opened);
    },
  );

  test('that no rule found are in a sentence where the findings would be', async () => {
    const large = largeAnalysis();
    const edges = large.edges.map((edge) =>
      edge.id < 2
        ? { ...edge, failures: edge.id + 1, failuresByVerdict: { refused: edge.id + 1 } }
        : edge,
    );
    const quiet = { ...large, edges, findings: [] };
    const opened = await reports.open(buildReport(quiet, { analyzer: 'dhrishti test' }));
    expect(await textOf(opened.page.locator('#findings p.empty'))).toBe(
      'No rule found slowness, bursts of failures or losses worth a sentence; 3 connections failed, at most 2 on one edge: see Failures.',
    );
    await closeQuiet(opened);
  });
});
