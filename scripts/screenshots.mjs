/**
 * `node scripts/screenshots.mjs [NAME…]`: takes the pictures of docs/images/ anew, from captures that are the same each time:
 * the shop's fixture whole and torn, a synthetic load of 200 services, and the same without a call. Needs a build and Chromium.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { writeSynthetic } from '../bench/synthetic.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const shop = join(root, 'fixtures', 'shop.dhr');
const images = join(root, 'docs', 'images');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** A page longer than this is cut: what comes then are tables. CSS pixels. */
const MOST_HEIGHT = 5200;
/** The README shows the first screen of this one. */
const README_PICTURE = 'shop-1440-light';

/** Each writes its capture. */
const CAPTURES = {
  shop: (file) => copyFileSync(shop, file),
  large: (file) => writeSynthetic(file, 400_000, 1, 600),
  // Services, and nobody calls.
  empty: (file) => writeSynthetic(file, 0),
  torn: (file) => {
    const whole = readFileSync(shop);
    writeFileSync(file, whole.subarray(0, Math.floor(whole.length * 0.6)));
  },
};

const LOOKS = [1440, 400].flatMap((width) =>
  ['light', 'dark'].map((colorScheme) => ({ width, colorScheme })),
);

/** Takes a picture of what is in sight. WebP is a quarter of PNG here, and the letters stay sharp. */
async function take(page, name) {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 75 });
  writeFileSync(join(images, `${name}.webp`), data, 'base64');
}

async function shoot(browser, url, name, { width, colorScheme }) {
  const picture = `${name}-${width}-${colorScheme}`;
  const page = await browser.newPage({
    viewport: { width, height: 1000 },
    colorScheme,
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  await page.goto(url);
  await page.locator('#quality').waitFor();
  await page.evaluate('document.fonts.ready');
  if (picture === README_PICTURE) await take(page, 'report');
  const height = await page.evaluate('document.documentElement.scrollHeight');
  // As tall as the page: what stays in sight while one scrolls would hide a part of it otherwise.
  await page.setViewportSize({ width, height: Math.min(height, MOST_HEIGHT) });
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  );
  await take(page, picture);
  await page.close();
}

const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'dhrishti-pictures-'));
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
});
try {
  for (const [name, write] of Object.entries(CAPTURES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const capture = join(folder, `${name}.dhr`);
    write(capture);
    execFileSync(process.execPath, [join(root, 'dist', 'cli.js'), 'analyze', capture], {
      stdio: 'ignore',
    });
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    for (const look of LOOKS) await shoot(browser, url, name, look);
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
