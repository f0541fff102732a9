/**
 * How fast the report of a large capture is in Chromium: 200 services, 2,000 edges, an hour in steps of a second. The capture
 * is written by the recorder's writer, analyzed by `dhrishti analyze`, and opened from its file.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { inputTable, timeInput } from './page-input.mjs';
import { count, longestButOne, median, spread, table } from './statistics.mjs';
import { writeSynthetic } from './synthetic.mjs';

export const title = 'The page of a large capture';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Requests a second, and events: what makes an hour of it. */
const LOAD = { requests: 300, events: 2_400_000 };
const HOW_OFTEN = 20;
/** The same with real mouse and keys, a second and more apart. */
const HOW_OFTEN_AT_LEISURE = 6;
const PLAY_MS = 5000;

/** Runs in the page: helpers that time an action from its event to the frame that shows what it did. */
const HELPERS = `
  window.painted = () => new Promise((done) => requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => done();
    after.port2.postMessage(null);
  }));
  window.timed = async (act) => {
    await window.painted();
    const from = performance.now();
    act();
    await window.painted();
    return performance.now() - from;
  };
  window.press = (selector, key, more = {}) => document.querySelector(selector)
    .dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  window.type = (selector, value) => {
    const field = document.querySelector(selector);
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  window.click = (selector, nth = 0) => [...document.querySelectorAll(selector)].at(nth)
    .dispatchEvent(new MouseEvent('click', { bubbles: true }));
`;

/** What is done in the page, \`i\` counts. Each is one interaction of a reader. */
const ACTIONS = {
  'range moved by a step, a tenth of the hour chosen': `press('.time-holder', 'ArrowRight')`,
  'the same, with the edge table in sight': `press('.time-holder', 'ArrowRight')`,
  'range from the whole hour to a part and back': `press('.time-holder', i % 2 ? 'Escape' : 'ArrowLeft', { shiftKey: true })`,
  'an edge chosen on the map': `click('#map .edge:not(.bundle)', i % 2 ? -1 : 0)`,
  'an edge chosen in the table': `click('#edges tbody tr', i % 30)`,
  'a service chosen in the table': `click('#services tbody tr', i % 30)`,
  'a letter typed into the search of the map': `type('#map input', 'service-1'.slice(0, 1 + (i % 9)))`,
  'a letter typed into the search of the edges': `type('#edges input[type=search]', 'service-1'.slice(0, 1 + (i % 9)))`,
  'a group opened or closed': `document.querySelector('#map .trail .chip') ? click('#map .trail .chip') : click('#map .service.group', i % 5)`,
};

async function open(browser, url) {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    // A browser without a screen asks for less motion, and play moves once a second then.
    reducedMotion: 'no-preference',
  });
  await page.goto(url);
  await page.locator('#quality').waitFor();
  const firstView = await page.evaluate(async () => {
    const painted = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    while (painted() === undefined) await new Promise((done) => requestAnimationFrame(done));
    return painted();
  });
  await page.evaluate(HELPERS);
  return { page, firstView };
}

async function setRange(page, from, to) {
  await page.getByLabel('Range to, seconds').fill(String(to));
  await page.getByLabel('Range from, seconds').fill(String(from));
  await page.getByLabel('Range from, seconds').press('Enter');
}

/**
 * Waits until the page has done at leisure what the change before left to do, which is when so many calls in a row find
 * nothing else done in their time: a reader looks before he acts.
 */
async function rest(page) {
  await page.evaluate(async () => {
    const [CALLS, FREE_MS] = [5, 40];
    while (document.querySelector('[aria-busy]') !== null)
      await new Promise((done) => requestAnimationFrame(done));
    for (let free = 0; free < CALLS;) {
      const left = await new Promise((done) => requestIdleCallback(done));
      free = left.timeRemaining() > FREE_MS ? free + 1 : 0;
    }
  });
}

/** Frames a second that are painted while play runs, and how often a second the range moves. */
async function play(page) {
  await setRange(page, 0, 300);
  return page.evaluate(async (ms) => {
    const range = () => document.querySelector('.range-text').textContent;
    document.querySelector('[aria-label="Speed of play"]').value = '100';
    document.querySelector('.play').click();
    let [frames, moves, last] = [0, 0, range()];
    const from = performance.now();
    while (performance.now() - from < ms) {
      await window.painted();
      frames++;
      if (range() !== last) moves++;
      last = range();
    }
    document.querySelector('.play').click();
    const seconds = (performance.now() - from) / 1000;
    return [frames / seconds, moves / seconds];
  }, PLAY_MS);
}

function row(name, values, hold, digits = 0) {
  return { name, median: median(values), spread: spread(values), hold, digits };
}

function interaction([name, values]) {
  return { ...row(`${name}, ms`, values, '≤ 50'), p98: count(longestButOne(values)) };
}

/** Measures; gives the section's text. */
export async function run({ trials = 5 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'dhrishti-bench-page-'));
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless=new', '--no-sandbox', '--disable-gpu'],
  });
  try {
    const capture = join(folder, 'large.dhr');
    const seconds = writeSynthetic(capture, LOAD.events, 1, LOAD.requests) / 1e9;
    execFileSync(process.execPath, [CLI, 'analyze', capture], { stdio: 'ignore' });
    const report = join(folder, 'large.html');
    const url = pathToFileURL(report).href;
    const [first, plays, times, inputs] = [[], [], new Map(), new Map()];
    let shownS = '';
    for (let trial = 0; trial < trials; trial++) {
      const { page, firstView } = await open(browser, url);
      first.push(firstView);
      shownS = await page.getByLabel('Range from, seconds').getAttribute('step');
      for (const [name, action] of Object.entries(ACTIONS)) {
        if (name.startsWith('range moved')) await setRange(page, 1000, 1360);
        const inSight = name.startsWith('the same') ? '#edges' : '#map';
        // Edges are bundled on the whole map; beside one service each has its own curve.
        const near = name.startsWith('an edge chosen on the map') ? '#focus=0' : '';
        if (near !== '') await page.goto(url + near);
        await page.locator(inSight).evaluate((section) => section.scrollIntoView());
        await rest(page);
        const took = await page.evaluate(
          `(async () => { const took = []; for (let i = 0; i < ${HOW_OFTEN}; i++) took.push(await timed(() => { ${action} })); return took; })()`,
        );
        if (near !== '') await page.getByRole('button', { name: 'Show the whole map' }).click();
        times.set(name, [...(times.get(name) ?? []), ...took]);
      }
      plays.push(await play(page));
      await page.close();
      const { page: another } = await open(browser, url);
      for (const [name, tries] of await timeInput(another, url, HOW_OFTEN_AT_LEISURE, setRange)) {
        inputs.set(name, [...(inputs.get(name) ?? []), ...tries]);
      }
      await another.close();
    }
    const megabytes = statSync(report).size / 1e6;
    return `200 services, 2,000 edges, ${count(seconds)} s that the page shows in steps of ${shownS} s, ${count(LOAD.events)} events; Chromium ${browser.version()},
1440 × 900, ${trials} times the page, each interaction ${HOW_OFTEN} times in each. An interaction lasts from its event to the end of the frame that
shows what it did; waiting for the next frame of 60 a second is part of it. The page rests before the first try of each row, and
goes on without a rest then. p98 is the longest but one of each fifty, the rule by which browsers choose a page's INP.

${table([
  row('page MB', [megabytes], '≤ 1.5', 2),
  row('first view ms', first, '≤ 1,000'),
  ...[...times].map(interaction),
  row(
    'frames a second while it plays',
    plays.map(([frames]) => frames),
    '≥ 30',
    1,
  ),
  row(
    'moves of the range a second meanwhile, at 100×',
    plays.map(([, moves]) => moves),
    '',
    1,
  ),
])}

The same at a person's pace: real mouse and keys, each after the page has come to rest, when caches are cold, ${HOW_OFTEN_AT_LEISURE} times in each
page. "Until on the screen" is what Event Timing says, in steps of 8 ms: INP counts that. Without a GPU the same two cores draw
the screen.

${inputTable(inputs)}`;
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
