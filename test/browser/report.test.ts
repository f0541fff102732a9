/** The page as a reader meets it: opened from a file, brushed, clicked, and by keyboard alone. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Report, buildReport } from '../../src/report/build.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { canRun } from '../support/parts.js';
import { shopAnalysis } from '../support/report-data.js';
import { emptyAnalysis } from '../support/report-empty.js';
import { CANARY, hostileAnalysis } from '../support/report-hostile.js';
import { truthOf } from '../support/report-truth.js';

const SECTIONS = [
  'summary',
  'findings',
  'range',
  'map',
  'service',
  'time',
  'k6',
  'edges',
  'detail',
  'failures',
  'connections',
  'services',
  'quality',
];

/** The edge table as rows of text by column title. */
async function tableRows(page: Page): Promise<Record<string, string>[]> {
  const titles = await page.locator('#edges th').allInnerTexts();
  const rows = await page.locator('#edges tbody tr').all();
  return Promise.all(
    rows.map(async (row) => {
      const cells = await row.locator('td').allInnerTexts();
      return Object.fromEntries(titles.map((title, i) => [title.trim(), cells[i]?.trim() ?? '']));
    }),
  );
}

/** A duration as the page writes it, back in µs. */
function micros(text: string): number {
  const units: Record<string, number> = { µs: 1, ms: 1e3, s: 1e6 };
  const [value, unit] = text.split(/\s/);
  return Number(value) * (units[unit ?? ''] ?? Number.NaN);
}

/** Evaluated in the page, where the tests' own types do not reach. */
const PAGE_WIDTH = 'document.documentElement.scrollWidth';

async function isFocused(element: Locator): Promise<boolean> {
  return element.and(element.page().locator(':focus')).isVisible();
}

/** What an element says, with plain spaces: between a number and its unit stands one that never breaks. */
async function textOf(element: Locator): Promise<string> {
  return (await element.innerText()).replaceAll('\u00a0', ' ');
}

const number = (text: string | undefined): number =>
  Number((text ?? '').replaceAll(',', '').replace('/s', ''));

describe.skipIf(!canRun('browser', [missingBrowser()]))('the report page', () => {
  const analysis = shopAnalysis();
  let shop: Report;
  let reports: Reports;

  beforeAll(async () => {
    shop = buildReport(analysis, { analyzer: 'dhrishti test' });
    reports = await startBrowser();
  });
  afterAll(async () => reports.close());

  async function checkEdgesAgainstTruth(page: Page, from: number, to: number): Promise<void> {
    const rows = await tableRows(page);
    expect(rows).toHaveLength(analysis.edges.length);
    for (const edge of analysis.edges) {
      const name = `${edge.client} → ${edge.server}:${edge.port}`;
      const row = rows.find((cells) => cells['Edge']?.startsWith(name));
      const truth = truthOf(analysis, edge.id, from, to);
      expect([row?.['Exchanges'], row?.['Failed'], row?.['Opened']].map(number), name).toEqual([
        truth.exchanges,
        truth.failures,
        truth.opened,
      ]);
      const rounding = truth.rate >= 100 ? 0.5 : truth.rate / 100;
      expect(Math.abs(number(row?.['Rate']) - truth.rate), name).toBeLessThanOrEqual(rounding);
      if (truth.p95 === null) expect(row?.['p95'], name).toBe('–');
      else expect(micros(row?.['p95'] ?? '') / truth.p95, name).toBeCloseTo(1, 1);
    }
  }

  test('opens without a word on the console and without a request, sections in reading order', async () => {
    const { page, messages, requests } = await reports.open(shop);
    const ids = await page.evaluate<string[]>(
      "[...document.querySelectorAll('main > [id]')].map(({ id }) => id)",
    );
    expect(ids).toEqual(SECTIONS);
    expect(await textOf(page.locator('h1'))).toBe('shop.dhr on build-7');
    expect(await textOf(page.locator('#summary'))).toContain('2026-11-20 09:30:00 UTC');
    expect(await textOf(page.locator('#summary'))).toContain('2026-11-20 15:00:00 (UTC+05:30)');
    await checkEdgesAgainstTruth(page, 0, 60);
    expect([messages, requests]).toEqual([[], []]);
    await page.close();
  });

  test('a brush drives table, map and failures', async () => {
    const { page, messages } = await reports.open(shop);
    await page.locator('#time').scrollIntoViewIfNeeded();
    const overlay = await page.locator('#time .overlay').boundingBox();
    if (overlay === null) throw new Error('the brush has no place');
    const at = (second: number): number => overlay.x + (overlay.width * second) / 60;
    const y = overlay.y + overlay.height / 2;
    await page.mouse.move(at(20), y);
    await page.mouse.down();
    await page.mouse.move(at(25), y, { steps: 5 });
    await page.mouse.move(at(30), y, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => textOf(page.locator('.range-text'))).toBe('20 s – 30 s of 60 s');
    await checkEdgesAgainstTruth(page, 20, 30);

    const auth = page.locator('#map .edge').nth(1);
    const truth = truthOf(analysis, 1, 20, 30);
    expect(await auth.getAttribute('aria-label')).toMatch(/^gateway → auth:7001, /);
    const label = /p95 ([\d.]+\s\S+),/.exec((await auth.getAttribute('aria-label')) ?? '');
    expect(micros(label?.[1] ?? '') / (truth.p95 ?? 0)).toBeCloseTo(1, 1);
    expect(await textOf(page.locator('#failures'))).toContain(
      'No connection failed in the chosen range.',
    );
    expect(await page.locator('#map .edge .fail:not([visibility=hidden])').count()).toBe(0);
    expect(messages).toEqual([]);
    await page.close();
  });

  test('number fields reach the same range as the brush', async () => {
    const { page } = await reports.open(shop);
    await page.getByLabel('Range to, seconds').fill('44');
    await page.getByLabel('Range from, seconds').fill('40');
    await page.getByLabel('Range from, seconds').press('Enter');
    await expect.poll(() => textOf(page.locator('.range-text'))).toBe('40 s – 44 s of 60 s');
    await checkEdgesAgainstTruth(page, 40, 44);
    const failing = page.locator('#map .edge:has(.fail:not([visibility]))');
    expect(await failing.count()).toBe(1);
    const { failures } = truthOf(analysis, 3, 40, 44);
    expect(await failing.getAttribute('aria-label')).toContain(`${failures} failed connections`);
    expect(await textOf(page.locator('#failures summary'))).toContain(`✕ ${failures} refused`);
    await page.close();
  });

  test('a finding chooses its edge and its time', async () => {
    const { page } = await reports.open(shop);
    const finding = page.getByRole('button', { name: /auth:7001 answered gateway/ });
    await finding.click();
    expect(await finding.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => textOf(page.locator('.range-text'))).toBe('20 s – 30 s of 60 s');
    expect(await textOf(page.locator('#detail h3'))).toBe('gateway → auth:7001');
    expect(await textOf(page.locator('#edges tr.chosen'))).toContain('gateway → auth:7001');
    await expect.poll(() => new URL(page.url()).hash).toBe('#from=20&to=30&edge=1');
    await page.close();
  });

  test('the address brings a view back', async () => {
    const { page } = await reports.open(shop, { fragment: '#from=40&to=44&edge=3' });
    expect(await textOf(page.locator('.range-text'))).toBe('40 s – 44 s of 60 s');
    expect(await textOf(page.locator('#detail h3'))).toBe('orders → inventory:7003');
    await page.close();
  });

  test('the whole page is reached by keyboard: edges show their numbers and are chosen', async () => {
    const { page } = await reports.open(shop);
    const edge = page.locator('#map .edge').nth(4);
    await page.getByLabel('Speed of play').focus();
    for (let i = 0; i < 40 && !(await isFocused(edge)); i++) {
      await page.keyboard.press('Tab');
    }
    expect(await isFocused(edge)).toBe(true);
    const tip = page.getByRole('tooltip');
    expect(await textOf(tip)).toContain('orders → postgres:5432');
    for (const part of ['Rate', 'p50 / p95 / p99', 'Connection life', 'Failed', 'Retransmits']) {
      expect(await textOf(tip)).toContain(part);
    }
    await page.keyboard.press('Enter');
    expect(await edge.getAttribute('aria-pressed')).toBe('true');
    expect(await textOf(page.locator('#detail h3'))).toBe('orders → postgres:5432');
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);

    await page.locator('.time-holder').focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('ArrowRight');
    expect(await textOf(page.locator('.range-text'))).toBe('1 s – 60 s of 60 s');
    await page.close();
  });

  test.each([
    {
      service: 'load',
      titles: ['Exchanges per second: calls (dashed)', 'Response time: nobody called it'],
      lines: { called: false, calls: true },
      // It answers nobody who could wait.
      waits: false,
    },
    {
      service: 'orders',
      titles: [
        'Exchanges per second: called (solid), calls (dashed)',
        'Response time, p95 of each caller (log scale)',
      ],
      lines: { called: true, calls: true },
      waits: true,
    },
    {
      service: 'postgres',
      titles: [
        'Exchanges per second: called (solid)',
        'Response time, p95 of each caller (log scale)',
      ],
      lines: { called: true, calls: false },
      waits: true,
    },
  ])('the panel of $service has lines for what it does', async ({ service, ...truth }) => {
    const { page } = await reports.open(shop);
    const button = page.locator('#services').getByRole('button', { name: service, exact: true });
    await button.click();
    const chart = page.locator('#service .service-chart');
    await chart.locator('svg').waitFor();
    const isDrawn = async (line: string): Promise<boolean> =>
      (await chart.locator('.panel').first().locator(line).getAttribute('d')) !== null;
    expect({
      titles: await chart.locator('.panel-title').allTextContents(),
      lines: {
        called: await isDrawn('.service-line:not(.calls)'),
        calls: await isDrawn('.service-line.calls'),
      },
      waits: (await textOf(page.locator('#service .service-numbers'))).includes('Waits'),
    }).toEqual(truth);
    await page.close();
  });

  test('play moves the range to the end and stops', async () => {
    const { page } = await reports.open(shop, { fragment: '#from=50&to=55' });
    await page.getByLabel('Speed of play').selectOption('100');
    await page.locator('.play').click();
    await expect.poll(() => textOf(page.locator('.range-text'))).toBe('55 s – 60 s of 60 s');
    await expect.poll(() => textOf(page.locator('.play'))).toBe('▶ Play');
    await page.close();
  });

  test.each([
    [400, 'light'],
    [400, 'dark'],
    [1440, 'light'],
  ] as const)('nothing sticks out at %i pixels, %s', async (width, colorScheme) => {
    const { page, messages } = await reports.open(shop, { width, colorScheme });
    expect(await page.evaluate<number>(PAGE_WIDTH)).toBe(width);
    expect(messages).toEqual([]);
    await page.close();
  });

  test('hostile names are shown as text and run nothing', async () => {
    const data = buildReport(hostileAnalysis(), { analyzer: 'dhrishti test' });
    const { page, messages, requests } = await reports.open(data, { width: 400 });
    expect(await page.evaluate<string>(`typeof window.${CANARY}`)).toBe('undefined');
    expect(await textOf(page.locator('h1'))).toContain(
      `</script><script>window.${CANARY}=1</script>`,
    );
    expect(await page.locator('img, iframe, object, [onerror], [onload]').count()).toBe(0);
    expect(await page.evaluate<number>(PAGE_WIDTH)).toBe(400);
    for (const edge of await page.locator('#map .edge').all()) await edge.focus();
    for (const group of await page.locator('.failure-group summary').all()) await group.click();
    expect(await page.evaluate<string>(`typeof window.${CANARY}`)).toBe('undefined');
    expect([messages, requests]).toEqual([[], []]);
    await page.close();
  });

  test('an empty capture has a page too', async () => {
    const empty = buildReport(emptyAnalysis(), { analyzer: 'dhrishti test' });
    const { page, messages } = await reports.open(empty).catch((error: unknown) => {
      throw new Error('the page of an empty capture does not open', { cause: error });
    });
    expect(await textOf(page.locator('#map'))).toContain('No connection was seen.');
    expect(messages).toEqual([]);
    await page.close();
  });
});
