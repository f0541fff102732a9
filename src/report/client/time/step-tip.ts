/** What the tooltip says about one step of time. */
import { type Child, h, nameOf } from '../dom.js';
import { count, duration, percent, rate } from '../format.js';
import type { Page } from '../page.js';
import { facts } from '../tooltip.js';
import type { StepValues } from './steps.js';

/** Totals at `step`, what was lost of it, and the chosen edge's values. */
export function stepTip(
  page: Page,
  step: number,
  total: StepValues,
  chosen: StepValues | null,
): Child[] {
  const { stepS, coverage } = page.data.series;
  const { edge } = page.store.view;
  const end = Math.min((step + 1) * stepS, page.data.about.durationS);
  const share = coverage[step] ?? 1;
  return [
    h(
      'p',
      { class: 'tip-title' },
      `${page.clock(step * stepS, stepS)} – ${page.clock(end, stepS)}`,
    ),
    facts([
      ['All edges', `${rate(total.rate[step] ?? 0)}, ${rate(total.failures[step] ?? 0)} failed`],
      ['Events recorded', share < 1 ? percent(share) : null],
    ]),
    ...(chosen === null || edge === null
      ? []
      : [
          h('p', { class: 'tip-title' }, nameOf(page.edgeName(edge))),
          facts([
            ['Rate', rate(chosen.rate[step] ?? 0)],
            [
              'p50 / p95 / p99',
              [chosen.p50, chosen.p95, chosen.p99]
                .map((values) => duration(values[step] ?? null))
                .join(' / '),
            ],
            ['Open', count(chosen.open[step] ?? 0)],
            ['Failed', rate(chosen.failures[step] ?? 0)],
          ]),
        ]),
  ];
}
