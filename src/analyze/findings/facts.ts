/** What the rules look at, and what they give. */
import type { Tally } from '../metrics/book.js';
import type { Coverage } from '../metrics/coverage.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import type { Steps } from '../metrics/steps.js';
import type { CaptureInfo, Finding } from '../model.js';
import type { Overflows } from '../overflows.js';

export interface Facts {
  capture: CaptureInfo;
  edges: readonly EdgeMetrics[];
  steps: Steps;
  coverage: Coverage;
  tally: Tally;
  overflows: Overflows;
}

/** A finding before it is ranked; `weight` orders those of equal severity, larger first. */
export interface Draft extends Omit<Finding, 'rank'> {
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

/** The span's start and end in nanoseconds, not beyond the capture's end. */
export function timesOf(span: Span, facts: Facts): { startNs: number; endNs: number } {
  const { stepNs } = facts.steps;
  const endNs = Math.min(span.to * stepNs, Math.max(facts.capture.durationNs, stepNs));
  return { startNs: span.from * stepNs, endNs: Math.max(endNs, span.from * stepNs) };
}

/** `gateway → auth:8081`. */
export function edgeName(edge: EdgeMetrics): string {
  return `${edge.client} → ${edge.server}:${edge.port}`;
}
