/** The chosen edge and the charts over time on the page of a real capture, by mouse and by keyboard. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Analysis, Edge } from '../../src/analyze/model.js';
import type { Report } from '../../src/report/build.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { closeQuiet, savedBy, tabTo, textOf } from '../support/page-actions.js';
import { canRun } from '../support/parts.js';
import { shopFixture } from '../support/report-fixture.js';

describe.skipIf(!canRun('browser', [missingBrowser()]))('the chosen edge and its time', () => {
  let analysis: Analysis;
  let report: Report;
  let reports: Reports;
  beforeAll(async () => {
    ({ analysis, report } = await shopFixture());
    reports = await startBrowser();
  });
  afterAll(async () => reports.close());

  /** An edge's place on the page, and the edge. */
  function edgeTo(server: string): { index: number; edge: Edge } {
    const index = analysis.edges.findIndex((edge) => edge.server === server);
    const edge = analysis.edges[index];
    if (edge === undefined) throw new Error(`no edge to ${server}`);
    return { index, edge };
  }
  const whole = 'Whole capture, 27 s';

  test('the slowest exchanges are links to their time', async () => {
    const { index, edge } = edgeTo('auth');
    const slow = analysis.slowest.filter((one) => one.edge === edge.id);
    const opened = await reports.open(report, { fragment: `#edge=${index}` });
    const { page } = opened;
    const links = page.locator('.slowest button');
    expect(await links.count()).toBe(slow.length);
    const at = (i: number): number => Math.floor((slow[i]?.startNs ?? 0) / 1e9);
    await links.nth(0).click();
    expect(await textOf(page.locator('.range-text'))).toBe(`${at(0)} s – ${at(0) + 1} s of 27 s`);
    const last = slow.length - 1;
    await links.nth(last).focus();
    await page.keyboard.press('Enter');
    expect(await textOf(page.locator('.range-text'))).toBe(
      `${at(last)} s – ${at(last) + 1} s of 27 s`,
    );
    await closeQuiet(opened);
  });

  test('connections are bars: some of every ending, chosen by mouse and by arrow keys', async () => {
    const { index, edge } = edgeTo('inventory');
    const opened = await reports.open(report, { fragment: `#edge=${index}` });
    const { page } = opened;
    const bars = page.locator('.life');
    await expect.poll(() => bars.count()).toBe(40);
    const all = analysis.connections.filter((one) => one.edge === edge.id);
    expect(await textOf(page.locator('#detail'))).toContain(
      `40 of ${all.length} connections in this range have a bar`,
    );
    const numbers = (await bars.all()).map((bar) => bar.getAttribute('data-connection'));
    const ids = (await Promise.all(numbers)).map(Number);
    const verdicts = new Set(all.map(({ verdict }) => verdict));
    const shown = new Set(all.filter(({ id }) => ids.includes(id)).map(({ verdict }) => verdict));
    expect(shown).toEqual(verdicts);

    await page.locator('.life.failed').first().click();
    await expect.poll(() => textOf(page.locator('.range-text'))).toMatch(/^18 s – 19 s of 27 s/);
    await page.getByRole('button', { name: 'Whole capture' }).click();
    await bars.first().focus();
    await page.keyboard.press('End');
    const focused = page.locator('.life:focus');
    expect(Number(await focused.getAttribute('data-connection'))).toBe(ids.at(-1));
    expect(await focused.getAttribute('aria-label')).toMatch(/^Connection \d+, /);
    expect(await page.getByRole('tooltip').isVisible()).toBe(true);
    await page.keyboard.press('ArrowUp');
    expect(Number(await focused.getAttribute('data-connection'))).toBe(ids.at(-2));
    await page.keyboard.press('Enter');
    expect(await textOf(page.locator('.range-text'))).not.toBe(whole);
    expect(Number(await focused.getAttribute('data-connection'))).toBe(ids.at(-2));
    await closeQuiet(opened);
  });

  test('the parts of the response add up, and follow the range', async () => {
    const { index } = edgeTo('auth');
    const opened = await reports.open(report, { fragment: `#edge=${index}&from=7&to=12` });
    const { page } = opened;
    const shares = async (): Promise<number> => {
      const texts = await page.locator('.share .muted').allInnerTexts();
      return texts.reduce((sum, text) => sum + (Number.parseFloat(text) || 0), 0);
    };
    expect(Math.abs((await shares()) - 100)).toBeLessThanOrEqual(0.4);
    const server = page.locator('.share', { hasText: 'Server itself' });
    const slow = await textOf(server);
    await page.getByRole('button', { name: 'Whole capture' }).click();
    await expect.poll(() => textOf(server)).not.toBe(slow);
    await closeQuiet(opened);
  });

  test('times are shown since the start, in the zone of the reader, and in UTC', async () => {
    const opened = await reports.open(report, { fragment: '#from=10&to=12' });
    const { page } = opened;
    const zone = page.getByLabel('Show times as');
    const title = page.locator('#time .axis-title');
    const start = analysis.capture.startedWallMs;
    const clock = (seconds: number, aheadMs: number): string =>
      new Date(start + seconds * 1000 + aheadMs).toISOString().slice(11, 19);
    expect(await textOf(page.locator('.range-text'))).toBe('10 s – 12 s of 27 s');
    await zone.selectOption('utc');
    expect(await textOf(page.locator('.range-text'))).toBe(
      `${clock(10, 0)} – ${clock(12, 0)} of 27 s`,
    );
    expect(await title.textContent()).toMatch(/^UTC, \d{4}-\d\d-\d\d \(h:min:s\)$/);
    await zone.focus();
    await page.keyboard.press('ArrowUp');
    const india = 5.5 * 3_600_000;
    await expect
      .poll(() => textOf(page.locator('.range-text')))
      .toBe(`${clock(10, india)} – ${clock(12, india)} of 27 s`);
    expect(await title.textContent()).toMatch(/^local time, UTC\+05:30, /);
    await expect.poll(() => new URL(page.url()).hash).toContain('zone=local');
    await closeQuiet(opened);
  });

  test('the charts over time show all edges or the chosen one alone, by mouse and by keyboard', async () => {
    const { index } = edgeTo('redis');
    const opened = await reports.open(report, { fragment: `#edge=${index}` });
    const { page } = opened;
    const titles = await page.locator('#time .panel-title').allTextContents();
    expect(titles).toEqual([
      'Exchanges per second',
      'Response time: p50, p95, p99; others p95 (log scale)',
      'Failed connections per second',
      'Open connections, number at the end of each step',
    ]);
    const others = page.locator('#time .edge-line');
    expect(await others.count()).toBe(analysis.edges.length - 1);
    const alone = page.locator('#time').getByLabel('only the chosen edge');
    await alone.click();
    expect(await others.count()).toBe(0);
    expect(await page.locator('#time .all-area').count()).toBe(0);
    await alone.focus();
    await page.keyboard.press('Space');
    expect(await others.count()).toBe(analysis.edges.length - 1);
    await closeQuiet(opened);
  });

  test('play reaches the end, started by keyboard and by mouse', async () => {
    const opened = await reports.open(report, { fragment: '#from=20&to=24' });
    const { page } = opened;
    const play = page.locator('.play');
    await page.getByLabel('Speed of play').selectOption('100');
    await play.focus();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => textOf(page.locator('.range-text')), { timeout: 10_000 })
      .toBe('23 s – 27 s of 27 s');
    await expect.poll(() => textOf(play), { timeout: 10_000 }).toBe('▶ Play');
    // At the end, play starts anew.
    await play.click();
    await expect.poll(() => textOf(play), { timeout: 10_000 }).toBe('▶ Play');
    expect(await textOf(page.locator('.range-text'))).toBe('23 s – 27 s of 27 s');
    await closeQuiet(opened);
  });

  test.each([
    ['Save charts as SVG', 'over-time.svg', 'Exchanges per second'],
    ['Save heatmap as SVG', 'heatmap.svg', 'Response time (log scale)'],
  ])('%s: a picture of its own', async (button, name, words) => {
    const opened = await reports.open(report);
    const { page } = opened;
    const control = page.getByRole('button', { name: button });
    const byMouse = await savedBy(page, () => control.click());
    expect(byMouse.name).toBe(name);
    expect(byMouse.text).toMatch(/^<svg [^]*<\/svg>$/);
    expect(byMouse.text).toContain(words);
    expect(byMouse.text).not.toMatch(/href=|url\((?!"?#|&quot;#)/);
    await control.focus();
    const byKeyboard = await savedBy(page, () => page.keyboard.press('Enter'));
    expect(byKeyboard.text).toBe(byMouse.text);
    await closeQuiet(opened);
  });

  test('the address brings back selection, range, zone, charts and tables', async () => {
    const first = await reports.open(report);
    const { page } = first;
    await page.getByLabel('Range to, seconds').fill('22');
    await page.getByLabel('Range from, seconds').fill('18');
    await page.getByLabel('Range from, seconds').press('Enter');
    await page
      .locator('#edges')
      .getByRole('button', { name: /^orders → inventory/ })
      .click();
    await page.getByLabel('Show times as').selectOption('utc');
    await page.locator('#time').getByLabel('only the chosen edge').check();
    const connections = page.locator('#connections');
    await connections.getByLabel('only the chosen edge').check();
    await connections.getByRole('button', { name: /^Opened/ }).click();
    await connections.getByRole('button', { name: 'Filter columns' }).click();
    await connections.getByLabel('Filter connections by Verdict').fill('refused');
    const group = page.locator('#failures .failure-group').first();
    await group.getByRole('button', { name: /^After/ }).click();
    await page.locator('#services').getByLabel('Search services').fill('orders');
    await expect.poll(() => new URL(page.url()).hash).toContain('services.search=orders');
    const { hash } = new URL(page.url());
    const second = await reports.open(report, { fragment: hash });
    for (const part of ['#range', '#edges', '#detail', '#connections', '#services', '#failures']) {
      const again = await textOf(second.page.locator(part));
      expect(again, part).toBe(await textOf(page.locator(part)));
    }
    expect(hash).toMatch(/failures\.\d+\.\w+\.sort=-After/);
    for (const name of ['zone', 'alone']) expect(hash).toContain(`${name}=`);
    expect(await second.page.locator('#time').getByLabel('only the chosen edge').isChecked()).toBe(
      true,
    );
    await tabTo(second.page, second.page.getByLabel('Range from, seconds'));
    await closeQuiet(first);
    await closeQuiet(second);
  });

  test('an address that says less puts the rest of an open page back to how it opened', async () => {
    const parts = ['#range', '#edges', '#detail', '#failures', '#connections', '#services'];
    const opened = await reports.open(report);
    const { page } = opened;
    const texts = (): Promise<string[]> =>
      Promise.all(parts.map((part) => textOf(page.locator(part))));
    const atFirst = await texts();
    await page.getByLabel('Range to, seconds').fill('22');
    await page.getByLabel('Range to, seconds').press('Enter');
    await page.getByLabel('Show times as').selectOption('utc');
    await page.locator('#range .chip').click();
    await page.locator('#failures summary').first().click();
    await page.locator('#services').getByLabel('Search services').fill('orders');
    await expect.poll(() => new URL(page.url()).hash).toMatch(/edge=none.*services\.search=orders/);
    expect(await texts()).not.toEqual(atFirst);
    await page.evaluate("location.hash = ''");
    await expect.poll(texts).toEqual(atFirst);
    await closeQuiet(opened);
  });
});
