/** A capture whose every text tries to leave its place goes through analyze into the page: it shows as text and runs nothing. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze/analyze.js';
import { type Report, buildReport } from '../../src/report/build.js';
import { shown } from '../../src/report/text.js';
import { type OpenPage, type Reports, missingBrowser, startBrowser } from '../support/browser.js';
import { CaptureBuilder } from '../support/capture-builder.js';
import { canRun } from '../support/parts.js';
import { scratchFolder } from '../support/recording.js';
import { CANARY, HOSTILE } from '../support/report-hostile.js';

/** What container engines and kernels would have to hold for this: a half of a surrogate pair cannot be written as UTF-8. */
const TEXTS = HOSTILE.filter((text) => text !== '' && !/[\ud800-\udfff]/u.test(text));

/** Each text is a service, with itself as name, image, project and label; they call each other in a ring, and fail. */
function hostileCapture(): CaptureBuilder {
  const capture = new CaptureBuilder();
  const actors = TEXTS.map((text, i) =>
    capture.container(text, `10.9.0.${i + 1}`, {
      name: text,
      image: text,
      labels: {
        'com.docker.compose.project': text,
        'com.docker.compose.service': text,
        [text]: text,
      },
    }),
  );
  actors.push(capture.process('"><img src=x onerror=1>', '10.9.1.1', { comm: '<svg onload=1>' }));
  for (const actor of actors) capture.listen(actor, 8000);
  for (const [i, client] of actors.entries()) {
    const server = actors[(i + 1) % actors.length]!;
    const connection = capture.connect(client, server, 8000, 100 + i);
    for (let k = 0; k < 20; k++) connection.exchange(200 + 40 * k, 3);
    for (let k = 0; k < 5; k++)
      capture.attempt(client, server.address, 8001, 3000 + 10 * k + i, 111);
  }
  return capture;
}

describe.skipIf(!canRun('browser', [missingBrowser()]))('the page of a hostile capture', () => {
  const folder = scratchFolder();
  let report: Report;
  let reports: Reports;
  beforeAll(async () => {
    const capture = join(folder.path, '<img src=x onerror=1>.dhr');
    hostileCapture().write(capture);
    const analysis = await analyze({
      capture,
      db: join(folder.path, 'hostile.sqlite'),
      windowNs: 10e9,
      stepNs: 1e9,
      staleAfterNs: 30e9,
      exchanges: false,
    });
    report = buildReport(analysis, { analyzer: 'dhrishti test' });
    reports = await startBrowser();
  });
  afterAll(async () => {
    await reports.close();
    folder.remove();
  });

  async function harmless({ page, messages, requests }: OpenPage): Promise<void> {
    expect(await page.evaluate<string>(`typeof window.${CANARY}`)).toBe('undefined');
    expect(await page.locator('img, iframe, object, [onerror], [onload]').count()).toBe(0);
    expect(await page.evaluate<number>("document.querySelectorAll('script').length")).toBe(2);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(
      page.viewportSize()?.width,
    );
    expect([messages, requests]).toEqual([[], []]);
  }

  test.each([1440, 400])('%i pixels wide: every name is text, everywhere', async (width) => {
    const opened = await reports.open(report, { width });
    const { page } = opened;
    await harmless(opened);
    // Names are cut to this length, and what acts on the text around it is spelt out.
    const names = TEXTS.map((text) => shown(text, 96));
    for (const id of ['services', 'edges']) {
      const said = (await page.locator(`#${id}`).allTextContents()).join();
      for (const name of names) expect(said, id).toContain(name);
    }
    for (const kind of ['.edge', '.service']) {
      for (const element of await page.locator(`#map ${kind}`).all()) await element.focus();
    }
    for (const group of await page.locator('.failure-group summary').all()) await group.click();
    await harmless(opened);
    await page.close();
  });

  test('each service can be searched and chosen, and its panel shows its texts', async () => {
    const opened = await reports.open(report);
    const { page } = opened;
    const field = page.getByRole('combobox', { name: 'Find a service by name, image or address' });
    for (const [i, text] of TEXTS.entries()) {
      await field.fill(`10.9.0.${i + 1}`);
      await field.press('Enter');
      const name = shown(text, 96);
      const first = (await page.locator('#service h3').textContent()) ?? '';
      // Another address may begin alike; both are hostile.
      expect(TEXTS.map((other) => shown(other, 96))).toContain(first);
      await field.fill(name.slice(0, 100));
      await field.press('Escape');
    }
    await harmless(opened);
    await page.close();
  });

  test('hostile fragments change nothing but the view', async () => {
    const fragment = `#find=${encodeURIComponent(TEXTS[0]!)}&service=__proto__&open=1.1.99999&edge=<b>`;
    const opened = await reports.open(report, { fragment });
    await harmless(opened);
    await opened.page.close();
  });
});
