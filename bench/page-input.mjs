/**
 * How soon the page answers a reader: real mouse and keys, each after the page has come to rest, at a person's pace. Caches
 * are cold then, and work at leisure may be under way; tries that follow at once hide both.
 */
import { count, longestButOne, withSpread } from './statistics.mjs';

/** A person holds a button so long, and looks so long before he acts, milliseconds. */
const HELD_MS = 80;
const LOOKS_MS = 500;

/**
 * Runs in the page. `frames_`: from when the browser got the event to the end of the frame that shows what it did. `events_`:
 * what Event Timing says, until that frame is on the screen, in steps of 8 ms. It also tells of the press before a click: where
 * that changes nothing, Chromium counts until the click's own frame, the time that the button was held and all.
 */
const WATCH = `
  window.frames_ = [];
  window.events_ = [];
  const ANSWERED = ['pointerup', 'click', 'keydown'];
  for (const type of ['pointerup', 'keydown']) {
    addEventListener(type, ({ timeStamp }) => requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => frames_.push(performance.now() - timeStamp);
      after.port2.postMessage(null);
    }), { capture: true, passive: true });
  }
  new PerformanceObserver((list) => {
    for (const { name, interactionId, duration } of list.getEntries()) {
      if (interactionId > 0 && ANSWERED.includes(name)) events_.push(duration);
    }
  }).observe({ type: 'event', durationThreshold: 16 });
`;

/** Forgets what was watched so far. */
async function forget(page) {
  await page.evaluate(() => {
    events_.length = frames_.length = 0;
  });
}

/**
 * Waits until no part of the page says that it is behind. Not until the browser is idle: after input Chromium may call
 * nobody back for that before something else happens.
 */
async function rest(page) {
  await page.waitForFunction(() => document.querySelector('[aria-busy]') === null, null, {
    polling: 50,
  });
  await page.waitForTimeout(LOOKS_MS);
}

/** Clicks where `find`, run in the page with `what`, says. */
async function click(page, find, what) {
  const { x, y } = await page.evaluate(find, what);
  await page.mouse.move(x, y);
  await rest(page);
  await page.mouse.down();
  await page.waitForTimeout(HELD_MS);
  // What pressing did is an answer of its own.
  await forget(page);
  await page.mouse.up();
}

/* Run in the page: where to click for the i-th time. */

function rowOf([section, i]) {
  const cell = document.querySelectorAll(`${section} tbody tr`)[i % 10].cells[0];
  cell.scrollIntoView({ block: 'center' });
  const { left, top, height } = cell.getBoundingClientRect();
  return { x: left + 30, y: top + height / 2 };
}

function curveOf(i) {
  const edges = [...document.querySelectorAll('#map .edge:not(.bundle)')];
  for (let k = 0; k < edges.length; k++) {
    const edge = edges[(3 * i + k) % edges.length];
    const hit = edge.querySelector('.hit');
    const middle = hit.getPointAtLength(hit.getTotalLength() / 2);
    const { x, y } = middle.matrixTransform(hit.getScreenCTM());
    if (edge.contains(document.elementFromPoint(x, y))) return { x, y };
  }
  throw new Error('no curve of the map is in sight');
}

function groupOf(i) {
  const groups = [...document.querySelectorAll('#map .service.group')];
  const opened = document.querySelector('#map .trail .chip');
  const { left, top, width, height } = (opened ?? groups.at(i % 5)).getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

const key = (of) => (page, i) => page.keyboard.press(of(i));
const letter = key((i) => 'service-1'[i % 9]);

/** What a reader does: where he looks, what has the focus, what he does for the i-th time. */
const ACTIONS = {
  'range moved by a step, a tenth of the hour chosen': {
    part: [1000, 1360],
    sight: '#map',
    focus: '.time-holder',
    act: key(() => 'ArrowRight'),
  },
  'the same, with the edge table in sight': {
    part: [1000, 1360],
    sight: '#edges',
    focus: '.time-holder',
    act: key(() => 'ArrowRight'),
  },
  'range from the whole hour to a part and back': {
    sight: '#map',
    focus: '.time-holder',
    act: key((i) => (i % 2 ? 'Escape' : 'Shift+ArrowLeft')),
  },
  'an edge chosen on the map': {
    near: true,
    sight: '#map',
    act: (page, i) => click(page, curveOf, i),
  },
  'an edge chosen in the table': {
    sight: '#edges',
    act: (page, i) => click(page, rowOf, ['#edges', i]),
  },
  'a service chosen in the table': {
    sight: '#services',
    act: (page, i) => click(page, rowOf, ['#services', i]),
  },
  'a letter typed into the search of the map': { sight: '#map', focus: '#map input', act: letter },
  'a letter typed into the search of the edges': {
    sight: '#edges',
    focus: '#edges input[type=search]',
    act: letter,
  },
  'a group opened or closed': { sight: '#map', act: (page, i) => click(page, groupOf, i) },
};

/**
 * Does each action so many times on an open page.
 * @param setRange chooses a range of seconds on it.
 * @returns of each action its tries: `frame` and `screen`, milliseconds.
 */
export async function timeInput(page, url, times, setRange) {
  await page.evaluate(WATCH);
  const results = new Map();
  for (const [name, { part, near, sight, focus, act }] of Object.entries(ACTIONS)) {
    if (part !== undefined) await setRange(page, ...part);
    if (near) await page.goto(`${url}#focus=0`);
    await page.locator(sight).evaluate((section) => section.scrollIntoView());
    if (focus !== undefined) {
      await page
        .locator(focus)
        .first()
        .evaluate((element) => element.focus({ preventScroll: true }));
    }
    const tries = [];
    for (let i = 0; i < times; i++) {
      await rest(page);
      await forget(page);
      await act(page, i);
      await rest(page);
      const [frame, screen] = await page.evaluate(() => [frames_[0], Math.max(8, ...events_)]);
      tries.push({ frame, screen });
    }
    if (near) await page.getByRole('button', { name: 'Show the whole map' }).click();
    results.set(name, tries);
  }
  return results;
}

/** A row an action, out of the tries of all pages. */
export function inputTable(results) {
  const rows = [...results].map(([name, tries]) => {
    const frames = tries.map(({ frame }) => frame);
    const screens = tries.map(({ screen }) => screen);
    return `| ${name} | ${withSpread(frames)} | ${count(longestButOne(frames))} | ≤ 50 | ${withSpread(screens)} |`;
  });
  return [
    '| what | ms to the end of the frame | p98 | hold | ms until on the screen |',
    '|---|---:|---:|---|---:|',
    ...rows,
  ].join('\n');
}
