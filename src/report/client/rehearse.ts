/**
 * What a reader may do next with a large capture is done ahead where nobody sees it, when the browser rests: code that has
 * run before is several times as fast, and what was made is there.
 */
import { whenIdle } from './idle.js';
import { hasManyEdges } from './in-sight.js';
import type { Page } from './page.js';

/** Calls `act` with 0, 1, 2 … `times` - 1, each when the browser rests. It must change nothing that is seen. */
export function rehearse(page: Page, times: number, act: (time: number) => void): void {
  if (times === 0 || !hasManyEdges(page)) return;
  let time = 0;
  const once = (): void => {
    act(time++);
    if (time < times) whenIdle(once);
  };
  whenIdle(once);
}
