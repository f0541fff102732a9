/** Which connections of an edge get a bar over time, and what each bar says. */
import type { Page } from '../page.js';

/** Bars at most: more than this nobody follows with the eye. */
export const MOST_BARS = 40;

/** How a connection ended, as the chart tells it: each has a sign beside its colour. */
export type Ending = 'closed' | 'open' | 'failed' | 'cancelled' | 'unknown';

export const SIGNS: Readonly<Record<Ending, string>> = {
  closed: '',
  open: '▶',
  failed: '✕',
  cancelled: '○',
  unknown: '?',
};

/** One connection in the chart. */
export interface Life {
  /** Its place in the columns of the page's connections. */
  at: number;
  id: number;
  /** Seconds; null: it was open before the recording. */
  openedS: number | null;
  /** Seconds; null: open at the end. */
  closedS: number | null;
  verdict: string;
  ending: Ending;
}

function endingOf(page: Page, verdict: string): Ending {
  if (page.failing.has(verdict)) return 'failed';
  if (verdict === 'ok') return 'closed';
  if (verdict === 'open' || verdict === 'cancelled') return verdict;
  return 'unknown';
}

/** `count` of `rows` at even distances. */
function spread<T>(rows: readonly T[], count: number): T[] {
  if (rows.length <= count) return [...rows];
  const distance = rows.length / count;
  return Array.from({ length: count }, (_, i) => rows[Math.floor(i * distance)]!);
}

/**
 * The connections of edge `index` that were there in the chosen range: at most `MOST_BARS`, in order of their
 * opening. Each ending gets an even part, and what a rare one leaves goes to the others.
 */
export function livesOf(page: Page, index: number): { shown: Life[]; total: number } {
  const { connections: all, series } = page.data;
  const { from, to } = page.store.view;
  const groups = new Map<Ending, Life[]>();
  let total = 0;
  for (let at = 0; at < all.id.length; at++) {
    if (all.edge[at] !== index) continue;
    const [openedS, closedS] = [all.openedS[at] ?? null, all.closedS[at] ?? null];
    if ((openedS ?? 0) >= to * series.stepS || (closedS ?? Infinity) < from * series.stepS)
      continue;
    const verdict = all.texts[all.verdict[at] ?? 0] ?? '';
    const ending = endingOf(page, verdict);
    const life: Life = { at, id: all.id[at] ?? 0, openedS, closedS, verdict, ending };
    total++;
    const group = groups.get(ending);
    if (group === undefined) groups.set(ending, [life]);
    else group.push(life);
  }
  let left = MOST_BARS;
  const bySize = [...groups.values()].sort((a, b) => a.length - b.length);
  const shown = bySize.flatMap((group, i) => {
    const part = spread(group, Math.floor(left / (bySize.length - i)));
    left -= part.length;
    return part;
  });
  return { shown: shown.sort((a, b) => a.at - b.at), total };
}
