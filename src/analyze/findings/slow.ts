/**
 * Stretches of time in which an edge was much slower than it is otherwise. Its own p95 is the measure, never a fixed
 * limit. Steps say when; where an edge is busy, the share of slow exchanges in the first and the last step
 * says it finer than a step.
 */
import type { Cell } from '../metrics/cells.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import { Histogram, bucketOf } from '../metrics/histogram.js';
import type { Packed } from '../metrics/packed.js';
import { bucketIn, countIn } from '../metrics/packed.js';
import type { Steps } from '../metrics/steps.js';
import type { Span } from './facts.js';

/** Slow: this many times the usual p95 … */
export const FACTOR = 3;
/** … and longer than it by at least this much, below which nobody is waiting. */
export const LEAST_US = 5000;
/** Fewer exchanges have no p95 worth the name. */
const SLOT_EXCHANGES = 10;
/** A step is slow where at least this share of its exchanges is: twice of what lies above a p95 anyway. */
export const SLOW_SHARE = 0.1;
/** Slow exchanges that it takes; in a single step ten times as many, as one hiccup of the machine fills a step. */
export const LEAST_SLOW = 8;
export const SINGLE_STEP = 10;
/** Two slow steps with one between them are one stretch. */
const GAP_STEPS = 1;
/** A step that is slow from so early on is slow from its beginning: the rest is chance. */
const WHOLE_STEP = 0.9;

export interface Slow {
  edge: EdgeMetrics;
  span: Span;
  startNs: number;
  endNs: number;
  duringUs: number;
  /** p95 before, or, where it was slow from the beginning, at all other times. */
  beforeUs: number;
  hasBefore: boolean;
  exchanges: number;
  /** True for the steps that `beforeUs` is about. */
  isUsual: (step: number) => boolean;
}

/** A step with exchanges that the client timed. */
interface Timed {
  step: number;
  latency: Packed;
  slow: number;
}

export function slowSpans(edge: EdgeMetrics, steps: Steps): Slow[] {
  const cells = edge.cells.filter(hasLatency);
  const usual = usualUs(cells.map(([, cell]) => cell.latency));
  if (usual === null) return [];
  const limit = Math.max(FACTOR * usual, usual + LEAST_US);
  const timed = cells.map(([step, { latency }]) => ({
    step,
    latency,
    slow: above(latency, limit),
  }));
  const spans = stretches(timed, steps.perWindow);
  const inSpan = (step: number): boolean => spans.some(({ from, to }) => step >= from && step < to);
  return spans.flatMap((span) => {
    const during = timed.filter(({ step }) => step >= span.from && step < span.to);
    const slow = during.reduce((sum, one) => sum + one.slow, 0);
    if (slow < LEAST_SLOW * (span.to - span.from > 1 ? 1 : SINGLE_STEP)) return [];
    const hasBefore = timed.some(({ step }) => step < span.from && !inSpan(step));
    const isUsual = (step: number): boolean => !inSpan(step) && (!hasBefore || step < span.from);
    const duringUs = p95Of(during);
    const beforeUs = p95Of(timed.filter(({ step }) => isUsual(step)));
    if (duringUs === null || beforeUs === null || duringUs < FACTOR * beforeUs) return [];
    const exchanges = during.reduce((sum, { latency }) => sum + latency.total, 0);
    return {
      edge,
      span,
      ...times(span, during, steps),
      duringUs,
      beforeUs,
      hasBefore,
      exchanges,
      isUsual,
    };
  });
}

function hasLatency(pair: [number, Cell]): pair is [number, Cell & { latency: Packed }] {
  return pair[1].latency !== null;
}

/**
 * The p95 that a third of the time stays below: still the usual one where it was slow for more than half of it. The time is
 * cut into slots of enough exchanges for a p95; null where there are too few of them to tell what is usual.
 */
function usualUs(steps: readonly Packed[]): number | null {
  const slots: number[] = [];
  const sum = new Histogram();
  let held: Packed[] = [];
  for (const step of steps) {
    sum.mergePacked(step, 1);
    held.push(step);
    if (sum.total < SLOT_EXCHANGES) continue;
    slots.push(sum.quantile(0.95)!);
    for (const one of held) sum.mergePacked(one, -1);
    held = [];
  }
  if (slots.length < 3) return null;
  slots.sort((a, b) => a - b);
  return slots[Math.floor(slots.length / 3)]!;
}

/** How many exchanges took longer. */
function above(latency: Packed, us: number): number {
  const limit = bucketOf(us);
  let n = 0;
  for (const word of latency.words) if (bucketIn(word) > limit) n += countIn(word);
  return n;
}

/** Runs of slow steps. Steps without any exchange do not end a run, unless they are as many as a window has. */
function stretches(timed: readonly Timed[], perWindow: number): Span[] {
  const spans: Span[] = [];
  let fine = 0;
  for (const { step, latency, slow } of timed) {
    const last = spans.at(-1);
    if (slow < SLOW_SHARE * latency.total) {
      fine++;
    } else {
      const goesOn = last !== undefined && fine <= GAP_STEPS && step - last.to <= perWindow;
      if (goesOn) last.to = step + 1;
      else spans.push({ from: step, to: step + 1 });
      fine = 0;
    }
  }
  return spans;
}

function p95Of(timed: readonly Timed[]): number | null {
  const sum = new Histogram();
  for (const { latency } of timed) sum.mergePacked(latency, 1);
  return sum.quantile(0.95);
}

/** When it began and ended, as the shares of slow exchanges in the first and the last step tell. */
function times(
  span: Span,
  during: readonly Timed[],
  { stepNs }: Steps,
): { startNs: number; endNs: number } {
  const first = during[0]!;
  const last = during.at(-1)!;
  if (first === last) return { startNs: span.from * stepNs, endNs: span.to * stepNs };
  const inner = during.slice(1, -1);
  const usually = inner.length > 0 ? shareOf(inner) : Math.max(shareOf([first]), shareOf([last]));
  const part = (one: Timed): number => {
    const of = shareOf([one]) / usually;
    return one.latency.total < SLOT_EXCHANGES || of > WHOLE_STEP ? 1 : of;
  };
  return {
    startNs: Math.round((span.from + 1 - part(first)) * stepNs),
    endNs: Math.round((span.to - 1 + part(last)) * stepNs),
  };
}

/** Share of slow exchanges. */
function shareOf(timed: readonly Timed[]): number {
  const slow = timed.reduce((sum, one) => sum + one.slow, 0);
  return slow / timed.reduce((sum, { latency }) => sum + latency.total, 0);
}
