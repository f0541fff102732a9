/** Play: moves the range through the capture, so that it can be watched again. */
import type { Page } from './page.js';

export interface Player {
  /** Starts, or stops. */
  toggle(): void;
}

/** Shortest time between two moves in ms; also spares people who asked for less motion. */
const TICK_MS = 33;
const CALM_TICK_MS = 1000;

/** `speed` is how many seconds of the capture pass in one second of play. */
export function createPlayer(page: Page, speed: () => number): Player {
  const { store, data } = page;
  const { stepS, steps } = data.series;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let owed = 0;

  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const tick = (): void => {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const wait = calm ? CALM_TICK_MS : TICK_MS;
    timer = setTimeout(() => {
      owed += (speed() * wait) / 1000 / stepS;
      const move = Math.floor(owed);
      owed -= move;
      const { from, to } = store.view;
      const room = steps - to;
      const by = Math.min(move, room);
      if (by > 0) store.set({ from: from + by, to: to + by });
      if (room <= by) store.set({ playing: false });
      else tick();
    }, wait);
  };
  store.subscribe((view, before) => {
    if (view.playing === before.playing) return;
    if (view.playing) tick();
    else stop();
  });
  return {
    toggle() {
      if (store.view.playing) {
        store.set({ playing: false });
        return;
      }
      const { from, to } = store.view;
      const width = to - from === steps ? Math.max(1, Math.round(steps / 12)) : to - from;
      const start = to >= steps ? 0 : from;
      store.set({ from: start, to: start + width, playing: true });
    },
  };
}
