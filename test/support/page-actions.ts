/** What tests of the report page do again and again. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { OpenPage } from './browser.js';

/** What an element says, with plain spaces: between a number and its unit stands one that never breaks. */
export async function textOf(element: Locator): Promise<string> {
  return (await element.innerText()).replaceAll('\u00a0', ' ');
}

/** What is saved as a file when `action` is done: the file's name and its text. */
export async function savedBy(
  page: Page,
  action: () => Promise<void>,
): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), action()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

/** Presses Tab until `element` has the focus. */
export async function tabTo(page: Page, element: Locator, most = 60): Promise<void> {
  for (let i = 0; i < most; i++) {
    if (await element.and(page.locator(':focus')).isVisible()) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${String(element)}`);
}

/** The cells of the drawn rows of a table's column, by the column's title. */
export async function columnOf(table: Locator, title: string): Promise<string[]> {
  const titles = await table.locator('th').allInnerTexts();
  const at = titles.findIndex((text) => text.trim() === title);
  const cells = await table.locator(`tbody td:nth-child(${String(at + 1)})`).allInnerTexts();
  return cells.map((text) => text.replaceAll('\u00a0', ' ').trim());
}

/** Closes a page that wrote no console message and asked for nothing. */
export async function closeQuiet({ page, messages, requests }: OpenPage): Promise<void> {
  expect([messages, requests]).toEqual([[], []]);
  await page.close();
}
