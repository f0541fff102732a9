/** The brush over the charts, and the keys that do the same: both choose the range of the whole page. */
import { type D3BrushEvent, type ScaleLinear, brushX } from 'd3';
import type { Page } from '../page.js';
import type { Part } from './axes.js';

/** Arrow keys move the range; with Shift they move its end; Home and End go to the capture's ends. */
export function onKeys(page: Page, element: HTMLElement): void {
  const { store } = page;
  element.addEventListener('keydown', (event) => {
    const { from, to } = store.view;
    const wide = event.ctrlKey || event.altKey || event.metaKey;
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    const width = to - from;
    if (wide) return;
    if (by !== 0 && event.shiftKey) store.set({ to: to + by, playing: false });
    else if (by !== 0 && width < store.steps) {
      const start = Math.min(store.steps - width, Math.max(0, from + by));
      store.set({ from: start, to: start + width, playing: false });
    } else if (event.key === 'Home') store.set({ from: 0, to: width, playing: false });
    else if (event.key === 'End')
      store.set({ from: store.steps - width, to: store.steps, playing: false });
    else if (event.key === 'Escape') store.set({ from: 0, to: store.steps, playing: false });
    else return;
    event.preventDefault();
  });
}

/** What the charts do with their brush. */
export interface RangeBrush {
  /** Puts the brush where the chosen range is. */
  follow(): void;
}

/**
 * Adds the brush to `part`, between `top` and `bottom` over the whole width of `x` (seconds).
 * The range snaps to steps, as numbers exist for whole steps only.
 */
export function addBrush(
  page: Page,
  part: Part,
  x: ScaleLinear<number, number>,
  [top, bottom]: readonly [number, number],
): RangeBrush {
  const { store } = page;
  const { stepS, steps } = page.data.series;
  const [left, right] = x.range();
  let dragging = false;
  const follow = (): void => {
    // While the reader drags, the brush already is where it belongs.
    if (dragging) return;
    const { from, to } = store.view;
    brush.move(part, page.whole() ? null : [x(from * stepS), x(to * stepS)]);
  };
  const brush = brushX<undefined>()
    .extent([
      [left ?? 0, top],
      [right ?? 0, bottom],
    ])
    .on('start brush end', (event: D3BrushEvent<undefined>) => {
      // Moves that follow the store have no source: only the reader's own count.
      if (event.sourceEvent === null || event.sourceEvent === undefined) return;
      dragging = event.type !== 'end';
      const range = event.selection as [number, number] | null;
      if (range === null) {
        if (event.type === 'end') store.set({ from: 0, to: steps, playing: false });
        return;
      }
      if (event.type === 'start') return;
      const [from, to] = range.map((at) => Math.round(x.invert(at) / stepS));
      store.set({ from: from ?? 0, to: to ?? steps, playing: false });
      follow();
    });
  part.call(brush);
  follow();
  return { follow };
}
