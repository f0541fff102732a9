/** The load test on the page: both lines, each threshold with its verdict, and both sides' numbers. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '../../src/report/build.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { canRun } from '../support/parts.js';
import { shopAnalysis } from '../support/report-data.js';

describe.skipIf(!canRun('browser', [missingBrowser()]))('the load test on the page', () => {
  let reports: Reports;
  beforeAll(async () => {
    reports = await startBrowser();
  });
  afterAll(async () => reports.close());

  async function open(analysis = shopAnalysis()): Promise<Page> {
    const { page, messages } = await reports.open(buildReport(analysis, { analyzer: 'test' }));
    expect(messages).toEqual([]);
    return page;
  }

  /** Cells of the table under a heading, row by row, with plain spaces. */
  async function rows(page: Page, heading: string): Promise<string[][]> {
    const found = await page.locator(`#k6 [aria-label="${heading}"] tbody tr`).all();
    const texts = await Promise.all(found.map((row) => row.locator('td').allInnerTexts()));
    return texts.map((cells) => cells.map((cell) => cell.replaceAll('\u00a0', ' ').trim()));
  }

  test('draws k6 over its edge, users, stages, and thresholds as lines', async () => {
    const page = await open();
    const k6 = page.locator('#k6');
    for (const mark of ['.k6-line', '.k6-edge', '.k6-vus']) {
      expect(await k6.locator(mark).count(), mark).toBe(1);
    }
    expect(await k6.locator('.k6-stage text').allTextContents()).toEqual([
      'ramp',
      'steady',
      'spike',
    ]);
    expect(await k6.locator('.k6-limit text').allTextContents()).toEqual([
      'p(95)<200 fail',
      'p(99)<1000 pass',
    ]);
    await page.close();
  });

  test('tells thresholds, stages, checks and both sides in tables', async () => {
    const page = await open();
    expect(await rows(page, 'Thresholds')).toEqual([
      ['http_req_duration', 'p(95)<200', '310', '✕ fail', 'k6'],
      ['http_req_duration', 'p(99)<1000', '400', '✓ pass', 'k6'],
      ['checks', 'rate>0.99', '0.99', 'not judged', "k6's points"],
    ]);
    expect((await rows(page, 'Stages'))[2]).toEqual(['spike', '20 s – 30 s', '400', '310 ms']);
    expect(await rows(page, 'Checks')).toEqual([['status is 200', '1,188', '12']]);
    const [requests, connections] = await rows(page, 'k6 and its sockets');
    const exchanges = shopAnalysis().edges[0]!.exchanges.toLocaleString('en-US');
    expect(requests).toEqual(['answered requests, exchanges', '1,200', exchanges]);
    expect(connections).toEqual(['connections opened', '30', '30']);
    await page.close();
  });

  test('is not there without a k6 file', async () => {
    const page = await open({ ...shopAnalysis(), k6: null });
    expect(await page.locator('#k6').count()).toBe(0);
    await page.close();
  });
});
