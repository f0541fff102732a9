/** A page of many services: groups, search, focus and one service's panel, by mouse and by keyboard. */
import { type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Report, buildReport } from '../../src/report/build.js';
import { type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { textOf } from '../support/page-actions.js';
import { canRun } from '../support/parts.js';
import { LARGE, largeAnalysis } from '../support/report-large.js';

const FIND = { name: 'Find a service by name, image or address' };

async function labels(boxes: Locator): Promise<(string | null)[]> {
  return Promise.all((await boxes.all()).map((box) => box.getAttribute('aria-label')));
}

describe.skipIf(!canRun('browser', [missingBrowser()]))('the map of many services', () => {
  let large: Report;
  let reports: Reports;
  beforeAll(async () => {
    large = buildReport(largeAnalysis(), { analyzer: 'dhrishti test' });
    reports = await startBrowser();
  });
  afterAll(async () => reports.close());

  const groupOf = (page: Page, name: string): Locator =>
    page.locator(`#map .service.group[aria-label^="${name},"]`);

  test('folds projects and addresses, and says so', async () => {
    const { page, messages, requests } = await reports.open(large);
    const groups = await labels(page.locator('#map .service.group'));
    for (const project of LARGE.projects) {
      const size = LARGE.inProject - (project === LARGE.found ? 2 : 0);
      expect(groups).toContain(`${project}, group of ${size} services, opens it`);
    }
    expect(groups).toContain(`outside, calling, group of ${LARGE.callers} addresses, opens it`);
    expect(groups).toContain(`outside, called, group of ${LARGE.called} addresses, opens it`);
    expect(await textOf(page.locator('#map > .hint'))).toMatch(
      /\d+ services stand in \d+ groups\./,
    );
    // The services of the first finding stand on their own.
    expect(await page.locator('#map .service:not(.group)').count()).toBe(2);
    const room = await page.locator('#map svg').first().boundingBox();
    expect(room?.height).toBeLessThan(900);
    expect([messages, requests]).toEqual([[], []]);
    await page.close();
  });

  test.each(['mouse', 'keyboard'])(
    'a group opens and closes by %s; the address has it',
    async (by) => {
      const { page } = await reports.open(large);
      const act = async (element: Locator): Promise<void> => {
        if (by === 'mouse') return element.click();
        await element.focus();
        await page.keyboard.press('Enter');
      };
      const [project = ''] = LARGE.projects;
      await act(groupOf(page, project));
      expect(await groupOf(page, project).count()).toBe(0);
      expect(await page.locator('#map .service.container').count()).toBeGreaterThan(
        LARGE.inProject / 2,
      );
      await expect.poll(() => new URL(page.url()).hash).toMatch(/open=\d+/);
      const { page: again } = await reports.open(large, { fragment: new URL(page.url()).hash });
      expect(await groupOf(again, project).count()).toBe(0);
      await again.close();
      await act(page.getByRole('button', { name: `Close the group ${project}` }));
      expect(await groupOf(page, project).count()).toBe(1);
      await page.close();
    },
  );

  test('a curve of many edges tells of them, and opens its groups', async () => {
    const { page } = await reports.open(large);
    const curve = page.locator('#map .edge.bundle').first();
    await page.locator('#map input').focus();
    for (let i = 0; i < 90 && !(await curve.and(page.locator(':focus')).isVisible()); i++) {
      await page.keyboard.press('Tab');
    }
    const tip = await textOf(page.getByRole('tooltip'));
    for (const part of ['Rate', 'Slowest p95', 'Open at the end', 'Failed', 'Retransmits']) {
      expect(tip).toContain(part);
    }
    expect(tip).toMatch(/Connection life p50[^]*Slowest connect p95/);
    const before = await page.locator('#map .service.group').count();
    await page.keyboard.press('Enter');
    expect(await page.locator('#map .service.group').count()).toBeLessThan(before);
    await page.close();
  });

  test.each([
    ['name', LARGE.service],
    ['image', LARGE.image],
    ['address', LARGE.address],
  ])(
    'the search finds a service by its %s, by keyboard, and focuses the map on it',
    async (_, text) => {
      const { page } = await reports.open(large);
      const field = page.getByRole('combobox', FIND);
      await field.focus();
      await page.keyboard.type(text);
      const options = page.locator('#found [role=option]');
      expect(await textOf(options.first())).toContain(LARGE.service);
      expect(await options.first().getAttribute('aria-selected')).toBe('true');
      await page.keyboard.press('Enter');
      expect(await options.first().isVisible()).toBe(false);
      expect(await textOf(page.locator('#service h3'))).toBe(LARGE.service);
      const boxes = await labels(page.locator('#map .service:not(.group)'));
      expect(boxes).toContain(`${LARGE.service}, 1 container`);
      expect(await page.locator('#map .service.chosen').count()).toBe(1);
      await expect.poll(() => new URL(page.url()).hash).toMatch(/service=\d+&focus=\d+/);
      await page.getByRole('button', { name: 'Show the whole map' }).first().click();
      expect(await page.locator('#map .service.group').count()).toBeGreaterThan(3);
      await page.close();
    },
  );

  test('arrow keys go through what is found, a click chooses, Escape clears', async () => {
    const { page } = await reports.open(large);
    const field = page.getByRole('combobox', FIND);
    await field.fill('store-s0');
    const options = page.locator('#found [role=option]');
    await field.press('ArrowDown');
    expect(await options.nth(1).getAttribute('aria-selected')).toBe('true');
    expect(await field.getAttribute('aria-activedescendant')).toBe('found-1');
    const name = await options.nth(2).locator('bdi').first().innerText();
    await options.nth(2).click();
    expect(await textOf(page.locator('#service h3'))).toBe(name);
    await field.press('Escape');
    expect(await field.inputValue()).toBe('');
    expect(await page.locator('#map .service.found').count()).toBe(0);
    await page.close();
  });

  test.each(['mouse', 'keyboard'])('a service of the table opens its panel by %s', async (by) => {
    const { page } = await reports.open(large);
    expect(await page.locator('#service').isVisible()).toBe(false);
    await page.getByRole('searchbox', { name: 'Search services' }).fill(LARGE.service);
    const button = page.locator('#services tbody button').first();
    if (by === 'mouse') await button.click();
    else {
      await button.focus();
      await page.keyboard.press('Enter');
    }
    const panel = page.locator('#service');
    expect(await textOf(panel.locator('h3'))).toBe(LARGE.service);
    const said = await textOf(panel);
    expect(said).toContain(LARGE.image);
    expect(said).toContain(LARGE.address);
    expect(said).toMatch(/Called by: \d+ edges?/);
    expect(said).toMatch(/Calls: \d+ edges?/);
    expect(said).toMatch(/Waits downstream\s*at most [\d.]+ %/);
    expect(said).toContain('1 container');
    await panel.getByRole('button', { name: 'Close' }).click();
    expect(await panel.isVisible()).toBe(false);
    await page.close();
  });

  test("a service's finding and its edges lead to their place", async () => {
    const { page } = await reports.open(large);
    await page.locator('#map .service:not(.group)').last().click();
    const panel = page.locator('#service');
    await panel.locator('.service-findings button').first().click();
    expect(await textOf(page.locator('.range-text'))).toContain('10 s – 20 s');
    const edge = panel.locator('.service-edges tbody button').first();
    const label = (await edge.getAttribute('aria-label')) ?? '';
    await edge.focus();
    await page.keyboard.press('Enter');
    expect(label).toContain(await textOf(page.locator('#detail h3')));
    await page.close();
  });

  test("a service's busiest edges are listed, and all of them when they are asked for", async () => {
    const { page } = await reports.open(large);
    const field = page.getByRole('combobox', FIND);
    await field.fill('web-s00');
    await field.press('Enter');
    const [callers] = await page.locator('#service .service-edges').all();
    if (callers === undefined) throw new Error('no list of callers');
    expect(await textOf(callers.locator('h4'))).toBe(`Called by: ${LARGE.callers} edges`);
    const rows = callers.locator('tbody tr');
    expect(await rows.count()).toBe(6);
    await callers.getByRole('button', { name: `Show all ${LARGE.callers} edges` }).press('Enter');
    expect(await rows.count()).toBe(LARGE.callers);
    const names = await rows.locator('bdi').allInnerTexts();
    expect(new Set(names).size).toBe(LARGE.callers);
    await callers.getByRole('button', { name: 'Show the 6 busiest' }).click();
    expect(await rows.locator('bdi').allInnerTexts()).toEqual(names.slice(0, 6));
    // Another service begins with its busiest again, and has no button where these are all.
    await field.fill(LARGE.service);
    await field.press('Enter');
    expect(await callers.getByRole('button', { name: /^Show/ }).isVisible()).toBe(false);
    await page.close();
  });

  test('a group that is opened again shows what was chosen and which range meanwhile', async () => {
    const { page } = await reports.open(large);
    const [project = ''] = LARGE.projects;
    const toggle = async (): Promise<void> => {
      const close = page.getByRole('button', { name: `Close the group ${project}` });
      await ((await close.count()) > 0 ? close : groupOf(page, project)).click();
    };
    await toggle();
    const edge = page.locator('#map .edge:not(.bundle)').first();
    const before = await edge.getAttribute('aria-label');
    await edge.press('Enter');
    expect(await edge.getAttribute('class')).toContain('chosen');
    await toggle();
    await page.locator('#edges tbody tr button').last().click();
    await page.getByLabel('Range to, seconds').fill('20');
    await page.getByLabel('Range to, seconds').press('Enter');
    await toggle();
    expect(await edge.getAttribute('class')).not.toContain('chosen');
    const label = await edge.getAttribute('aria-label');
    expect(label).toMatch(/^.+ → .+, [\d.]+\/?.* per second, p95 /);
    expect(label?.split(',')[0]).toBe(before?.split(',')[0]);
    await page.close();
  });

  test('what stands below a map with groups stays in its place when one opens and closes', async () => {
    const { page } = await reports.open(large);
    const [project = ''] = LARGE.projects;
    const placeOf = async (): Promise<number | undefined> =>
      (await page.locator('#time').boundingBox())?.y;
    const heightOf = async (): Promise<string | null> =>
      page.locator('#map .map-holder svg').getAttribute('height');
    await page.locator('#quality').waitFor();
    const [place, closed] = [await placeOf(), await heightOf()];
    await groupOf(page, project).press('Enter');
    expect(await heightOf()).not.toBe(closed);
    expect(await placeOf()).toBe(place);
    await page.getByRole('button', { name: `Close the group ${project}` }).press('Enter');
    expect(await heightOf()).toBe(closed);
    expect(await placeOf()).toBe(place);
    await page.close();
  });

  test('the panel does not shrink while services are compared, until it is closed', async () => {
    const { page } = await reports.open(large);
    const field = page.getByRole('combobox', FIND);
    const panel = page.locator('#service .detail');
    const heightOf = async (name: string): Promise<number> => {
      await field.fill(name);
      await field.press('Enter');
      expect(await textOf(panel.locator('h3'))).toBe(name);
      return (await panel.boundingBox())?.height ?? 0;
    };
    const tall = await heightOf('web-s00');
    // It calls one and is called by one.
    expect(await heightOf('web-s14')).toBe(tall);
    await panel.getByRole('button', { name: 'Close' }).click();
    expect(await heightOf('web-s14')).toBeLessThan(tall);
    await page.close();
  });

  test('the fragment brings service, focus and search back', async () => {
    const { page } = await reports.open(large, { fragment: '#service=7&focus=7&find=gate' });
    expect(await page.locator('#service').isVisible()).toBe(true);
    expect(await page.locator('#map .service:not(.group).chosen').count()).toBe(1);
    expect(await page.getByRole('combobox', FIND).inputValue()).toBe('gate');
    await page.close();
  });

  test('names beside lines use their room, and are cut only where it ends', async () => {
    // From some that fit to some that do not.
    const longer = (name: string): string => name + '-backend'.slice(0, name.length % 9);
    const analysis = largeAnalysis();
    const edges = analysis.edges.map((edge) => ({
      ...edge,
      client: longer(edge.client),
      server: `${longer(edge.server)}-v2-stable`.slice(0, 8 + (edge.id % 12)),
    }));
    const named = buildReport({ ...analysis, edges }, { analyzer: 'dhrishti test' });
    const { page } = await reports.open(named);
    await page.locator('#time .line-name').first().waitFor();
    const names = await page.evaluate<[string, number][]>(`
      [...document.querySelectorAll('#time .line-name')].map((name) =>
        [name.textContent, name.getComputedTextLength()])`);
    const room = 194;
    for (const [text, width] of names) {
      expect(width, text).toBeLessThanOrEqual(room);
      if (text.endsWith('…')) expect(width, text).toBeGreaterThan(room * 0.8);
    }
    expect(names.length).toBeGreaterThan(1);
    await page.close();
  });
});
