/** How much of the truth is here: what was lost, when, what that does to the numbers. */
import { h, nameOf, section } from './dom.js';
import { clock, percent } from './format.js';
import type { Page } from './page.js';

const SIGN = { ok: '✓', info: 'i', warning: '⚠', error: '✕' } as const;
const ORDER = ['error', 'warning', 'info', 'ok'] as const;

/** The stretches of time in which events were lost, as ranges of steps with their worst coverage. */
function lossRanges(coverage: readonly number[]): { from: number; to: number; worst: number }[] {
  const ranges: { from: number; to: number; worst: number }[] = [];
  for (const [step, share] of coverage.entries()) {
    if (share >= 1) continue;
    const last = ranges.at(-1);
    if (last?.to === step) {
      last.to = step + 1;
      last.worst = Math.min(last.worst, share);
    } else ranges.push({ from: step, to: step + 1, worst: share });
  }
  return ranges;
}

export function quality(page: Page): HTMLElement {
  const { quality: rows, leftOut, about, series } = page.data;
  const sorted = [...rows].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  const losses = lossRanges(series.coverage);
  return section(
    'quality',
    'Quality of this capture',
    'What was lost, what was left out, and what that does to the numbers.',
    h(
      'ul',
      { class: 'quality' },
      ...sorted.map(({ name, severity, sentence }) =>
        h(
          'li',
          { class: severity },
          h('span', { class: 'sign', 'aria-label': severity, role: 'img' }, SIGN[severity]),
          h('b', {}, nameOf(name)),
          h('span', { class: 'sentence' }, nameOf(sentence, 'outside')),
        ),
      ),
      ...losses
        .slice(0, 20)
        .map(({ from, to, worst }) =>
          h(
            'li',
            { class: 'warning' },
            h('span', { class: 'sign', 'aria-label': 'warning', role: 'img' }, SIGN.warning),
            h(
              'b',
              {},
              `${clock(from * series.stepS, series.stepS)} – ${clock(to * series.stepS, series.stepS)}`,
            ),
            h(
              'span',
              { class: 'sentence' },
              `Only ${percent(worst)} of the events were recorded: counts of this time are too low, and percentiles may be off.`,
            ),
          ),
        ),
    ),
    h('h3', {}, 'Left out of this page'),
    h('ul', { class: 'plain' }, ...leftOut.map((sentence) => h('li', {}, sentence))),
    h('h3', {}, 'What the recording cost'),
    h('ul', { class: 'plain' }, ...about.cost.map((sentence) => h('li', {}, sentence))),
    h('h3', {}, 'How it was recorded'),
    h(
      'p',
      { class: 'hint' },
      'Recorded by ',
      nameOf(about.recorder),
      ', analyzed by ',
      nameOf(about.analyzer),
      '.',
    ),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'probe plan' },
      h(
        'table',
        { class: 'plan' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...['Capability', 'Hook', 'Note'].map((title) => h('th', { scope: 'col' }, title)),
          ),
        ),
        h(
          'tbody',
          {},
          ...about.plan.map(({ capability, hook, note }) =>
            h(
              'tr',
              {},
              h('td', {}, nameOf(capability)),
              h('td', {}, h('code', {}, nameOf(hook))),
              h('td', {}, nameOf(note ?? '', 'outside')),
            ),
          ),
        ),
      ),
    ),
  );
}
