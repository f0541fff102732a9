/** Names at the ends of the lines of response times. */
import { FAMILY, cutToFit } from '../fit.js';
import { settle } from '../settle.js';
import type { Part } from './axes.js';
import { type EdgeLine, type Frame, PANELS } from './frame.js';

/** Height of a line's name, pixels. */
const NAME_HEIGHT = 13;
/** The fonts of `.line-name`. */
const FONT = `11px ${FAMILY}`;
const CHOSEN_FONT = `600 ${FONT}`;

/** Names at the lines' ends, apart from each other; the chosen edge first, then as many as fit. */
export function nameLines(
  group: Part,
  frame: Frame,
  lines: readonly EdgeLine[],
  chosen: number | null,
  y: (value: number) => number,
): void {
  const { height } = PANELS.times;
  const wishes = [...lines]
    .sort((a, b) => Number(b.index === chosen) - Number(a.index === chosen))
    .map((each) => ({ each, last: each.values.p95.findLast((value) => value !== null) ?? null }))
    .filter(({ last }) => last !== null)
    .slice(0, Math.floor((height + NAME_HEIGHT) / NAME_HEIGHT))
    .map(({ each, last }) => ({ each, at: y(last ?? 1) }))
    .sort((a, b) => a.at - b.at);
  const places = settle(
    wishes.map(({ at }) => at),
    wishes.slice(1).map(() => NAME_HEIGHT),
  );
  // The lowest name must not reach into the panel below.
  const over = Math.max(0, (places.at(-1) ?? 0) - height);
  for (const [i, { each, at }] of wishes.entries()) {
    const place = (places[i] ?? at) - over;
    const isChosen = each.index === chosen;
    group
      .append('path')
      .attr('class', 'line-lead')
      .attr('d', `M${frame.right + 2} ${at}L${frame.right + 10} ${place}`);
    group
      .append('text')
      .attr('class', isChosen ? 'line-name chosen' : 'line-name')
      .attr('data-edge', each.index)
      .attr('x', frame.right + 13)
      .attr('y', place + 4)
      .text(each.name)
      .each(function () {
        cutToFit([this], frame.nameRoom, isChosen ? CHOSEN_FONT : FONT);
      });
  }
}
