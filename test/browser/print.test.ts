/** On paper: charts as wide as the page, nothing that only works on a screen, nothing cut off. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/build.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { canRun } from '../support/parts.js';
import { shopFixture } from '../support/report-fixture.js';

/** Width of A4 between the margins of print.css, CSS pixels. */
const PAPER = 703;

describe.skipIf(!canRun('browser', [missingBrowser()]))('the page on paper', () => {
  let report: Report;
  let reports: Reports;
  beforeAll(async () => {
    ({ report } = await shopFixture());
    reports = await startBrowser();
  });
  afterAll(async () => reports.close());

  test('fits the page, without controls, and comes back to the screen as it was', async () => {
    const { page, messages, requests } = await reports.open(report, {
      width: 1440,
      colorScheme: 'dark',
    });
    // Printing draws the charts for paper and then for the screen again.
    await page.evaluate(`
      window.drawn = [];
      const note = () => window.drawn.push(document.querySelector('#time svg').getAttribute('width'));
      addEventListener('beforeprint', note);
      addEventListener('afterprint', note);
    `);
    const width = await page.locator('#time svg').getAttribute('width');
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(await page.evaluate<string[]>('window.drawn')).toEqual(['700', width]);

    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: PAPER, height: 1000 });
    await expect
      .poll(() => page.evaluate<number>('document.documentElement.scrollWidth'))
      .toBe(PAPER);
    for (const control of ['.play', '.table-tools', '.buttons', '.check']) {
      expect(await page.locator(control).first().isVisible(), control).toBe(false);
    }
    const notes = page.locator('#connections .on-paper');
    expect(await notes.innerText()).toMatch(/^Rows 1–\d+ of 405; the page on a screen has all/);
    expect([messages, requests]).toEqual([[], []]);
    await page.close();
  });

  test('is whole, even when it is printed before the rest of the page was made', async () => {
    const { page } = await reports.open(report);
    const ids = `[...document.querySelector('#page').children].map(({ id, tagName }) => id || tagName)`;
    const whole = await page.evaluate<string[]>(ids);
    // Without frames nothing follows the first screen.
    await page.addInitScript('window.requestAnimationFrame = () => 0');
    await page.reload();
    await page.locator('#map svg').first().waitFor();
    const first = ['summary', 'findings', 'range', 'map'];
    expect(await page.evaluate(ids)).toEqual(first);
    await page.evaluate(`
      addEventListener('afterprint', () => {
        window.drawn = document.querySelector('#time svg')?.getAttribute('width');
      });
    `);
    await page.pdf({ format: 'A4' });
    expect(await page.evaluate('window.drawn')).toBe('700');
    expect(await page.evaluate(ids)).toEqual(whole);
    expect(whole).toEqual([
      ...first,
      ...['service', 'time', 'edges', 'detail', 'failures', 'connections', 'services'],
      ...['quality', 'FOOTER'],
    ]);
    await page.close();
  });
});
