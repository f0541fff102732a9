/** The page of a real capture: the edge that failed is red, in its interval only. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenPage, type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { canRun } from '../support/parts.js';
import { shopFixture } from '../support/report-fixture.js';

/** What runs in the page finds there; the tests' own types do not reach that far. */
interface PageGlobals {
  getComputedStyle(element: unknown): { stroke: string };
}

describe.skipIf(!canRun('browser', [missingBrowser()]))('the page of fixtures/shop.dhr', () => {
  let reports: Reports;
  let opened: OpenPage;
  /** First and last refused attempt, seconds since the start. */
  let refused: { from: number; to: number; count: number };

  beforeAll(async () => {
    const { analysis, report } = await shopFixture();
    const times = analysis.failures.map((failure) => (failure.openedNs ?? Number.NaN) / 1e9);
    refused = { from: Math.min(...times), to: Math.max(...times), count: times.length };
    reports = await startBrowser();
    opened = await reports.open(report);
  });
  afterAll(async () => {
    await reports.close();
  });

  async function chooseRange(page: Page, from: number, to: number): Promise<void> {
    await page.getByLabel('Range from, seconds').fill(String(from));
    await page.getByLabel('Range to, seconds').fill(String(to));
    await page.getByLabel('Range to, seconds').press('Enter');
    const range = `${String(from)} s – ${String(to)} s of 27 s`;
    // Between a number and its unit stands a space that never breaks.
    const shown = async (): Promise<string> =>
      (await page.locator('.range-text').innerText()).replaceAll('\u00a0', ' ');
    await expect.poll(shown).toBe(range);
  }

  async function failing(page: Page): Promise<(string | null)[]> {
    const edges = await page.locator('#map .edge:has(.fail:not([visibility]))').all();
    return Promise.all(edges.map((edge) => edge.getAttribute('aria-label')));
  }

  test('opens without a message and without a request', () => {
    expect([opened.messages, opened.requests]).toEqual([[], []]);
  });

  test('shows orders → inventory red while it was refused', async () => {
    await chooseRange(opened.page, Math.floor(refused.from), Math.ceil(refused.to));
    const labels = await failing(opened.page);
    expect(labels).toHaveLength(1);
    expect(labels[0]).toMatch(/^orders → inventory:8083, /);
    expect(labels[0]).toContain(`${String(refused.count)} failed connections`);
    const colour = await opened.page
      .locator('#map .edge .fail:not([visibility])')
      .evaluate((line) => (globalThis as unknown as PageGlobals).getComputedStyle(line).stroke);
    const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
    expect(red).toBeGreaterThan(2 * Math.max(green, blue));
  });

  test.each([
    ['before', 0],
    ['after', 1],
  ])('shows nothing red %s', async (_, after) => {
    const range = after === 1 ? [Math.ceil(refused.to), 27] : [0, Math.floor(refused.from)];
    await chooseRange(opened.page, range[0] ?? 0, range[1] ?? 0);
    expect(await failing(opened.page)).toEqual([]);
  });
});
