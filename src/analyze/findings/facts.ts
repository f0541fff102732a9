/** What the rules look at, and what they give. */
import type { K6Facts } from '../k6/compare.js';
import type { Tally } from '../metrics/book.js';
import type { Coverage } from '../metrics/coverage.js';
import type { Cell } from '../metrics/cells.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import type { Steps } from '../metrics/steps.js';
import type { CaptureInfo, Finding } from '../model.js';
import type { Overflows } from '../overflows.js';
import { seconds } from '../words.js';

export interface Facts {
  capture: CaptureInfo;
  edges: readonly EdgeMetrics[];
  steps: Steps;
  coverage: Coverage;
  tally: Tally;
  overflows: Overflows;
  /** The load as k6 tells it; null where there is no k6 file. */
  k6: K6Facts | null;
}

/** A finding before it is ranked. */
export interface Draft extends Omit<Finding, 'rank'> {
  /** How many causes lie behind it that have findings of their own; 0 where it may be the cause itself. */
  depth: number;
  /** Orders those of equal severity, depth and start; larger first. */
  weight: number;
}

/** Consecutive steps, [from, to). */
export interface Span {
  from: number;
  to: number;
}

/** Brings ascending steps together into spans; up to `gap` missing steps do not split one. */
export function spansOf(steps: readonly number[], gap: number): Span[] {
  const spans: Span[] = [];
  for (const step of steps) {
    const last = spans.at(-1);
    if (last !== undefined && step - last.to <= gap) last.to = step + 1;
    else spans.push({ from: step, to: step + 1 });
  }
  return spans;
}

/** The cells of an edge in a span. */
export function cellsIn(edge: EdgeMetrics, { from, to }: Span): Cell[] {
  return edge.cells.filter(([step]) => step >= from && step < to).map(([, cell]) => cell);
}

/** One number of some cells, added up. */
export function total(cells: readonly Cell[], of: (cell: Cell) => number): number {
  return cells.reduce((sum, cell) => sum + of(cell), 0);
}

/** Steps that two spans have in common. */
export function shared(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}

/** The span's start and end in nanoseconds, not beyond the capture's end. */
export function timesOf(span: Span, facts: Facts): { startNs: number; endNs: number } {
  const { stepNs } = facts.steps;
  const endNs = Math.min(span.to * stepNs, Math.max(facts.capture.durationNs, stepNs));
  return { startNs: span.from * stepNs, endNs: Math.max(endNs, span.from * stepNs) };
}

/** `between 4 s and 6 s`. */
export function between({ startNs, endNs }: { startNs: number; endNs: number }): string {
  return `between ${seconds(startNs)} and ${seconds(endNs)}`;
}
