/** The tables of the page of a real capture, by mouse and by keyboard: filters, sorting, pages, CSV. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../src/analyze/model.js';
import type { Report } from '../../src/report/build.js';
import { edgeStats } from '../../src/report/client/edge-stats.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { closeQuiet, columnOf, savedBy, tabTo, textOf } from '../support/page-actions.js';
import { canRun } from '../support/parts.js';
import { shopFixture } from '../support/report-fixture.js';

describe.skipIf(!canRun('browser', [missingBrowser()]))('tables', () => {
  let analysis: Analysis;
  let report: Report;
  let reports: Reports;
  beforeAll(async () => {
    ({ analysis, report } = await shopFixture());
    reports = await startBrowser();
  });
  afterAll(async () => reports.close());

  const refused = () => analysis.connections.filter(({ verdict }) => verdict === 'refused');

  test('a column filter narrows the connections, pages go through them, and CSV takes them away', async () => {
    const opened = await reports.open(report);
    const { page } = opened;
    const table = page.locator('#connections');
    await table.getByRole('button', { name: 'Filter columns' }).click();
    await table.getByLabel('Filter connections by Verdict').fill('refused');
    const tools = table.locator('.table-tools');
    const rows = refused().length;
    expect(await textOf(tools)).toContain(`${rows} of ${analysis.connectionsTotal} rows`);
    expect(new Set(await columnOf(table, 'Verdict'))).toEqual(new Set(['refused']));
    expect(await textOf(tools)).toContain(`1–200 of ${rows}`);
    await table.getByRole('button', { name: 'Next rows: connections' }).click();
    expect(await textOf(tools)).toContain(`201–${rows} of ${rows}`);

    const saved = await savedBy(page, () =>
      table.getByRole('button', { name: 'Save CSV: connections' }).click(),
    );
    expect(saved.name).toBe('connections.csv');
    const [titles, ...lines] = saved.text.trimEnd().split('\r\n');
    expect(titles).toBe(
      'Edge,Opened (s),Closed (s),Verdict,Connect (µs),Exchanges,Sent (B),Received (B),Retransmits,Client,Server',
    );
    const ports = lines.map((line) => Number(/:(\d+),[^,]*$/.exec(line)?.[1]));
    const wanted = refused().map(({ clientPort }) => clientPort ?? 0);
    expect(ports.sort((a, b) => a - b)).toEqual(wanted.sort((a, b) => a - b));

    await table.getByRole('button', { name: 'Show all rows: connections' }).click();
    expect(await textOf(tools)).toContain(`${analysis.connectionsTotal} rows`);
    await closeQuiet(opened);
  });

  test('a row that stays in its place shows the numbers of the range in the same element', async () => {
    const opened = await reports.open(report, { fragment: '#edges.sort=Edge' });
    const { page } = opened;
    const rows = page.locator('#edges tbody tr');
    const { stepS, steps } = report.data.series;
    await page.evaluate(`window.before = [...document.querySelectorAll('#edges tbody tr')]`);
    // A cell that tells of failures is red, in this range and not in that.
    const bad = rows.filter({ has: page.locator('td.bad') });
    const [failing, of] = [await bad.count(), await rows.count()];
    expect(failing).toBeGreaterThan(0);
    await page.getByLabel('Range to, seconds').fill(String(stepS));
    await page.getByLabel('Range to, seconds').press('Enter');
    const exchanges = report.data.edges.map((_, i) => edgeStats(report.data, i, 0, 1).exchanges);
    const shown = async (): Promise<number[]> =>
      (await columnOf(page.locator('#edges'), 'Exchanges')).map((text) =>
        Number(text.replaceAll(',', '')),
      );
    const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b);
    await expect.poll(async () => sorted(await shown())).toEqual(sorted(exchanges));
    const failures = report.data.edges.filter((_, i) => edgeStats(report.data, i, 0, 1).failures);
    expect(await bad.count()).toBe(failures.length);
    const same = `[...document.querySelectorAll('#edges tbody tr')].filter((row, i) => row === window.before[i]).length`;
    expect(await page.evaluate(same)).toBe(of);
    await page.getByLabel('Range to, seconds').fill(String(steps * stepS));
    await page.getByLabel('Range to, seconds').press('Enter');
    await expect.poll(() => bad.count()).toBe(failing);
    await closeQuiet(opened);
  });

  test('a row that comes to show another edge chooses that, is marked for it, and tells of it', async () => {
    const opened = await reports.open(report, { fragment: '#edges.sort=Edge' });
    const { page } = opened;
    const table = page.locator('#edges');
    const rows = table.locator('tbody tr');
    const nameOf = async (row: number): Promise<string> =>
      textOf(rows.nth(row).locator('.edge-button'));
    const first = await nameOf(0);
    await rows.first().click();
    expect(await textOf(page.locator('#detail h3'))).toBe(first);
    await page.evaluate(`window.before = document.querySelector('#edges tbody tr')`);
    // Downwards by name, the first row is the last.
    await table.getByRole('button', { name: /^Edge/ }).click();
    const last = await nameOf(0);
    expect(last).not.toBe(first);
    const place = (await rows.count()) - 1;
    expect(await nameOf(place)).toBe(first);
    expect(await page.evaluate(`document.querySelector('#edges tbody tr') === window.before`)).toBe(
      true,
    );
    const pressed = table.locator('[aria-pressed=true]');
    expect(await textOf(pressed)).toBe(first);
    expect(await table.locator('tr.chosen').count()).toBe(1);
    expect(await rows.nth(place).getAttribute('class')).toContain('chosen');

    await rows.first().hover();
    expect(await textOf(page.locator('#tooltip .tip-title'))).toBe(last);
    await rows.first().click();
    expect(await textOf(page.locator('#detail h3'))).toBe(last);
    expect(await textOf(pressed)).toBe(last);
    expect(await table.locator('tr.chosen').count()).toBe(1);
    await closeQuiet(opened);
  });

  test('all of it by keyboard alone', async () => {
    const opened = await reports.open(report, { fragment: '#edge=1' });
    const { page } = opened;
    const table = page.locator('#connections');
    const only = table.getByLabel('only the chosen edge');
    await only.focus();
    await page.keyboard.press('Space');
    const chosen = await textOf(page.locator('#detail h3'));
    await expect
      .poll(async () => new Set(await columnOf(table, 'Edge')))
      .toEqual(new Set([chosen]));
    await page.keyboard.press('Space');

    await tabTo(page, table.getByRole('button', { name: 'Filter columns' }));
    await page.keyboard.press('Enter');
    await tabTo(page, table.getByLabel('Filter connections by Exchanges'));
    await page.keyboard.type('> 100');
    const many = analysis.connections.filter(({ exchanges }) => exchanges > 100).length;
    expect(await textOf(table.locator('.table-tools'))).toContain(`${many} of `);
    const sort = table.getByRole('button', { name: /^Exchanges/ });
    await sort.focus();
    await page.keyboard.press('Enter');
    const head = table.locator('th', { hasText: 'Exchanges' });
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const shown = (await columnOf(table, 'Exchanges')).map(Number);
    expect(shown).toEqual([...shown].sort((a, b) => b - a));
    await page.keyboard.press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');

    const link = table.locator('tbody button').first();
    const name = await textOf(link);
    await tabTo(page, link);
    await page.keyboard.press('Enter');
    expect(await textOf(page.locator('#detail h3'))).toContain(name);
    await closeQuiet(opened);
  });

  test('CSV goes to the clipboard', async () => {
    const opened = await reports.open(report);
    const { page } = opened;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copy = page.getByRole('button', { name: 'Copy CSV: edges' });
    await copy.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => textOf(copy)).toBe('Copied');
    const text = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(text.trimEnd().split('\r\n')).toHaveLength(analysis.edges.length + 1);
    await closeQuiet(opened);
  });

  test('failures open by keyboard, with evidence, and choose their edge and time', async () => {
    const opened = await reports.open(report, { fragment: '#edge=0' });
    const { page } = opened;
    const failures = page.locator('#failures');
    const summary = failures.locator('summary').first();
    expect(await textOf(summary)).toContain(
      `✕ ${refused().length} refused orders → inventory:8083`,
    );
    expect(await textOf(summary)).toContain('ECONNREFUSED, REJ');
    await summary.focus();
    await page.keyboard.press('Enter');
    expect(await failures.locator('table').isVisible()).toBe(false);
    await page.keyboard.press('Enter');
    const evidence = await columnOf(failures, 'Evidence');
    expect(evidence[0]).toMatch(/ECONNREFUSED/);
    await tabTo(page, failures.getByRole('button', { name: /^Show this edge and time/ }));
    await page.keyboard.press('Enter');
    expect(await textOf(page.locator('#detail h3'))).toBe('orders → inventory:8083');
    const times = analysis.failures.map(({ closedNs }) => (closedNs ?? 0) / 1e9);
    const [from, to] = [Math.floor(Math.min(...times)), Math.floor(Math.max(...times)) + 1];
    expect(await textOf(page.locator('.range-text'))).toBe(`${from} s – ${to} s of 27 s`);
    await closeQuiet(opened);
  });
});
