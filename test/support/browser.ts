/** Opens report pages in a real browser and keeps what they printed and what they asked for. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type Page, chromium } from 'playwright-core';
import { packageRoot } from '../../src/base/paths.js';
import type { Report } from '../../src/report/build.js';
import { renderReport } from '../../src/report/html.js';

const CHROMIUM = '/usr/bin/chromium';

/** What is missing to open pages, or null. */
export function missingBrowser(): string | null {
  return existsSync(CHROMIUM) ? null : `${CHROMIUM} (package chromium)`;
}

/** How a page is looked at. */
export interface Look {
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  fragment?: string;
}

/** A page that is open, and what it did. */
export interface OpenPage {
  page: Page;
  /** Everything printed to the console, and every uncaught error. */
  messages: string[];
  /** Every address the page asked for, the file itself left out. */
  requests: string[];
}

/** One browser for a test file. */
export interface Reports {
  open(report: Report, look?: Look): Promise<OpenPage>;
  close(): Promise<void>;
}

/** Builds the page's script and style from the sources, so that the tests never see old ones. */
export function buildClient(): void {
  execFileSync(process.execPath, [join(packageRoot, 'scripts', 'build-client.mjs')]);
}

export async function startBrowser(): Promise<Reports> {
  buildClient();
  const folder = mkdtempSync(join(tmpdir(), 'dhrishti-page-'));
  // A browser without a profile of its own: playwright makes one and removes it.
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  let files = 0;
  return {
    async open(report, look = {}) {
      const file = join(folder, `report-${files++}.html`);
      writeFileSync(file, renderReport(report));
      const page = await browser.newPage({
        viewport: { width: look.width ?? 1280, height: look.height ?? 900 },
        colorScheme: look.colorScheme ?? 'light',
        timezoneId: 'Asia/Kolkata',
      });
      const messages: string[] = [];
      const requests: string[] = [];
      const url = pathToFileURL(file).href;
      page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => messages.push(`error: ${error.message}`));
      page.on('request', (request) => {
        const asked = request.url();
        if (asked.split('#')[0] !== url) requests.push(asked);
      });
      await page.goto(`${url}${look.fragment ?? ''}`);
      await page.locator('#quality').waitFor();
      return { page, messages, requests };
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
