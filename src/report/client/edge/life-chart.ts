/** The connections of one edge as bars over the chosen range, from opening to end. */
import { scaleLinear } from 'd3';
import { h, nameOf, onWidth } from '../dom.js';
import { bytes, count, duration, plural, verdictWords } from '../format.js';
import { rangeSeconds } from '../edge-stats.js';
import type { Page } from '../page.js';
import { MARGIN, type Part, panelTitle, timeAxis } from '../time/axes.js';
import { facts } from '../tooltip.js';
import type { EdgeChart } from './chart.js';
import { type Ending, type Life, MOST_BARS, SIGNS, livesOf } from './lives.js';
import { sizedSvg } from '../sized-svg.js';

const TOP = 22;
const ROW = 12;
const BAR = 7;
const AXIS = 42;
/** Where bars begin: left of it stand the client's port and the mark of an older connection. */
const LEFT = 74;

const ENDING_WORDS: readonly (readonly [Ending, string])[] = [
  ['closed', 'closed'],
  ['open', 'still open'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled by the application'],
  ['unknown', 'end not known'],
];

function lengthText({ openedS, closedS }: Life): string {
  if (openedS === null) return 'open before the recording';
  return closedS === null ? 'open at the end' : duration((closedS - openedS) * 1e6);
}

function sentence(page: Page, life: Life): string {
  const opened = life.openedS === null ? 'before the recording' : page.clock(life.openedS, 0.001);
  return `Connection ${life.id}, ${verdictWords(life.verdict)}, opened ${opened}, ${lengthText(life)}`;
}

function tip(page: Page, { at, openedS, closedS, verdict, ...life }: Life): (Node | string)[] {
  const { connections: all } = page.data;
  const text = (index: number | undefined): string => all.texts[index ?? 0] ?? '';
  const size = (value: number | null | undefined): string | null =>
    value === null || value === undefined ? null : bytes(value);
  return [
    h('p', { class: 'tip-title' }, `Connection ${life.id}: ${verdictWords(verdict)}`),
    facts([
      ['Client', nameOf(`${text(all.client[at])}:${all.clientPort[at] ?? 0}`)],
      ['Server', nameOf(text(all.server[at]))],
      ['Opened', openedS === null ? 'before the recording' : page.clock(openedS, 0.001)],
      ['Closed', closedS === null ? 'open at the end' : page.clock(closedS, 0.001)],
      [
        'Length',
        openedS === null || closedS === null
          ? null
          : lengthText({ at, openedS, closedS, verdict, ...life }),
      ],
      ['Connect', duration(all.connectUs[at] ?? null)],
      ['Exchanges', count(all.exchanges[at] ?? 0)],
      ['Sent', size(all.sent[at])],
      ['Received', size(all.received[at])],
      ['conn_state', text(all.connState[at])],
    ]),
  ];
}

/** Chooses the steps in which the connection was there. */
function choose(page: Page, { openedS, closedS }: Life): void {
  const { stepS, steps } = page.data.series;
  const from = Math.floor((openedS ?? 0) / stepS);
  page.store.set({
    from,
    to: closedS === null ? steps : Math.max(from + 1, Math.ceil(closedS / stepS)),
    playing: false,
  });
}

function drawBars(
  page: Page,
  part: Part,
  lives: readonly Life[],
  x: (seconds: number) => number,
  [left, right]: readonly [number, number],
): void {
  const { connections: all } = page.data;
  for (const [row, life] of lives.entries()) {
    const y = row * ROW;
    const bar = part
      .append('g')
      .attr('class', `life ${life.ending}`)
      .attr('role', 'button')
      .attr('tabindex', row === 0 ? 0 : -1)
      .attr('data-connection', life.id)
      .attr('aria-label', sentence(page, life))
      .on('click', () => choose(page, life))
      .on('pointermove', (event: PointerEvent) =>
        page.tooltip.show(tip(page, life), event.clientX, event.clientY),
      )
      .on('pointerleave blur', () => page.tooltip.hide())
      .on('focus', (event: FocusEvent) => {
        const element = event.currentTarget as SVGGElement;
        if (!element.matches(':focus-visible')) return;
        const box = element.getBoundingClientRect();
        page.tooltip.show(tip(page, life), box.left + box.width / 2, box.bottom);
      });
    bar
      .append('rect')
      .attr('class', 'hit')
      .attr('x', 0)
      .attr('width', right + MARGIN.right)
      .attr('y', y)
      .attr('height', ROW);
    // Apart from the button: its name says more than the port, in other words.
    const words = part
      .append('g')
      .attr('class', `life-words ${life.ending}`)
      .attr('aria-hidden', 'true');
    const port = all.clientPort[life.at] ?? 0;
    words
      .append('text')
      .attr('class', 'life-port')
      .attr('x', left - 14)
      .attr('y', y + ROW - 2.5)
      .text(port === 0 ? `#${life.id}` : `:${port}`);
    const begin = Math.max(left, x(life.openedS ?? 0));
    const end = Math.min(right, life.closedS === null ? right : x(life.closedS));
    const width = Math.max(2, end - begin);
    bar
      .append('rect')
      .attr('class', 'life-bar')
      .attr('x', Math.min(begin, right - 2))
      .attr('width', width)
      .attr('y', y + (ROW - BAR) / 2)
      .attr('height', BAR);
    const sign = (at: number, text: string): void => {
      words
        .append('text')
        .attr('class', 'life-sign')
        .attr('x', at)
        .attr('y', y + ROW - 2.5)
        .text(text);
    };
    if (life.openedS === null) sign(left - 11, '◀');
    sign(Math.min(begin + width, right) + 2, SIGNS[life.ending]);
  }
}

/** Arrow keys go from bar to bar, Enter and Space choose the bar's time. */
function onKey(event: KeyboardEvent): void {
  const bars = [...(event.currentTarget as HTMLElement).querySelectorAll<SVGGElement>('.life')];
  const at = bars.findIndex((bar) => bar === document.activeElement);
  if (at < 0) return;
  if (event.key === 'Enter' || event.key === ' ') bars[at]?.dispatchEvent(new MouseEvent('click'));
  else {
    const steps: Readonly<Record<string, number>> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      Home: 0,
      End: bars.length - 1,
    };
    const next = bars[steps[event.key] ?? -1];
    if (next === undefined) return;
    bars[at]?.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  }
  event.preventDefault();
}

function hintText(page: Page, shown: number, total: number): string {
  const { connections: all } = page.data;
  const there = plural(total, 'connection');
  const some =
    shown < total
      ? `${count(shown)} of ${there} in this range have a bar: some of every ending.`
      : `${there} in this range.`;
  const kept =
    all.id.length < all.total
      ? ` This page lists ${count(all.id.length)} of the ${count(all.total)} connections of the capture.`
      : '';
  return `${some}${kept} Choose a bar to see its time.`;
}

export function lifeChart(page: Page, index: number): EdgeChart {
  const holder = h('div', {
    class: 'chart-holder lives',
    role: 'group',
    'aria-label': `Connections of ${page.edgeName(index)} over time, at most ${MOST_BARS}: arrow keys go from bar to bar, Enter chooses the time of one`,
  });
  holder.addEventListener('keydown', onKey);
  const hint = h('p', { class: 'hint' });
  const keys = h(
    'div',
    { class: 'legend' },
    ...ENDING_WORDS.map(([ending, words]) =>
      h(
        'span',
        { class: `life-key ${ending}` },
        h('i', { 'aria-hidden': 'true' }, SIGNS[ending]),
        words,
      ),
    ),
    h('span', {}, '◀ open before the recording'),
  );
  let width = 0;
  const draw = (): void => {
    if (width === 0) return;
    const { shown, total } = livesOf(page, index);
    const focused = holder.contains(document.activeElement)
      ? document.activeElement?.getAttribute('data-connection')
      : null;
    const { stepS } = page.data.series;
    const { from, to } = page.store.view;
    const right = width - MARGIN.right;
    const begin = from * stepS;
    const x = scaleLinear([begin, begin + rangeSeconds(page.data, from, to)], [LEFT, right]);
    const bottom = Math.max(1, shown.length) * ROW;
    const svg = sizedSvg(width, TOP + bottom + AXIS);
    holder.replaceChildren(svg.node() ?? '');
    const part: Part = svg.append('g').attr('transform', `translate(0,${TOP})`);
    panelTitle(part, 'Connections by client port, from opening to end');
    part
      .append('text')
      .attr('class', 'value-title')
      .attr('x', 0)
      .attr('y', bottom + 34)
      .text('client port');
    drawBars(page, part, shown, x, [LEFT, right]);
    timeAxis(page, part, x, right, bottom);
    hint.textContent = hintText(page, shown.length, total);
    if (focused === null || focused === undefined) return;
    const same = holder.querySelector<SVGGElement>(`[data-connection="${focused}"]`);
    (same ?? holder.querySelector<SVGGElement>('.life'))?.focus();
  };
  onWidth(holder, (now) => {
    width = now;
    draw();
  });
  return { element: h('div', {}, holder, keys, hint), follow: draw };
}
