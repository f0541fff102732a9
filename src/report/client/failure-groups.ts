/** Failed connections of the chosen range by edge and verdict. */
import type { FailureView } from '../data.js';
import type { Page } from './page.js';

export interface FailureGroup {
  edge: number;
  verdict: string;
  /** Those that have a row on the page. */
  rows: FailureView[];
  /** How many failed; `atLeast`: how many more is not known. */
  failed: number;
  atLeast: boolean;
}

/** How many of an edge failed with a verdict in the chosen range, where rows are a sample. */
function failedOf(page: Page, group: FailureGroup): Pick<FailureGroup, 'failed' | 'atLeast'> {
  const { rows, total } = page.data.failures;
  const known = group.rows.length;
  if (rows.length === total) return { failed: known, atLeast: false };
  const { failuresByVerdict } = page.edge(group.edge);
  const exact = page.whole()
    ? failuresByVerdict[group.verdict]
    : Object.keys(failuresByVerdict).length === 1
      ? page.stats(group.edge).failures
      : undefined;
  return { failed: Math.max(known, exact ?? 0), atLeast: exact === undefined };
}

/** The groups, the largest first. */
export function groupsOf(page: Page): FailureGroup[] {
  const { stepS } = page.data.series;
  const { from, to } = page.store.view;
  const groups = new Map<string, FailureGroup>();
  for (const row of page.data.failures.rows) {
    const step = Math.min(page.store.steps - 1, Math.floor(row.atS / stepS));
    if (step < from || step >= to) continue;
    const key = `${row.edge} ${row.verdict}`;
    const { edge, verdict } = row;
    const group = groups.get(key) ?? { edge, verdict, rows: [], failed: 0, atLeast: false };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map((group) => ({ ...group, ...failedOf(page, group) }))
    .sort((a, b) => b.failed - a.failed || a.edge - b.edge);
}
