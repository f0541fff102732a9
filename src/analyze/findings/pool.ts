/**
 * Rule: a service that has more requests in hand than connections to what it needs for them. Seen from outside: all
 * connections of an edge are busy all the time, none is added, and more and more of the requests that have come
 * into the client are waiting for none of the services that it calls.
 */
import type { EdgeMetrics } from '../metrics/edges.js';
import { percent, edgeName } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { between, spansOf, timesOf } from './facts.js';
import type { Rule } from './rule.js';

/** One connection is no pool. */
const LEAST_OPEN = 2;
/** Busy: so much of the time of all connections has an exchange under way. */
const BUSY_SHARE = 0.9;
/** Shorter is a peak that any pool may have. */
const LEAST_STEPS = 3;
const GAP_STEPS = 1;
/** So many requests wait for a connection, on average … */
const LEAST_WAITING = 2;
/** … and so many for each connection … */
const WAITING_SHARE = 0.25;
/** … and so many times those that lie in the client at other times without waiting for anybody. */
const WAITING_FACTOR = 2;

/** A pool that was too small for a while. */
export interface Exhausted {
  edge: EdgeMetrics;
  span: Span;
  size: number;
  busyShare: number;
  /** Requests waiting in the client, on average. */
  waiting: number;
}

export const exhaustedPools: Rule = {
  kinds: ['pool_exhausted'],
  tells: 'a pool of connections that was exhausted',
  when:
    `an edge has as many connections as it ever had (${LEAST_OPEN} or more), adds none, and they are busy for ` +
    `${BUSY_SHARE * 100} % of the time in ${LEAST_STEPS} or more consecutive steps; and meanwhile the client has requests in ` +
    `hand that wait for none of the services it calls: ${LEAST_WAITING} or more and ${WAITING_SHARE} or more for each connection on average, ` +
    `${WAITING_FACTOR} times as many as at other times. A client that nobody calls, as a load generator, has no such requests.`,
  advice:
    'If the server became slower, mend that first: the finding about it stands before this one. Else make the pool larger, ' +
    'or call less often.',
  find: (facts) => exhaustions(facts).map((one) => draft(one, facts)),
};

/** All pools that were exhausted, in the order of the edges. */
export function exhaustions(facts: Facts): Exhausted[] {
  const servers = new Set(facts.edges.map((edge) => edge.server));
  const clients = new Map<string, EdgeMetrics[]>();
  for (const edge of facts.edges) {
    if (!servers.has(edge.client)) continue;
    const same = clients.get(edge.client);
    if (same === undefined) clients.set(edge.client, [edge]);
    else same.push(edge);
  }
  return [...clients].flatMap(([client, edges]) => {
    const full = edges.flatMap((edge) => fullSpans(edge, facts));
    if (full.length === 0) return [];
    const waiting = waitingIn(client, edges, facts);
    return full.flatMap((one) => {
      const during = mean(waiting, (step) => step >= one.span.from && step < one.span.to);
      const otherwise = mean(waiting, (step) => step < one.span.from || step >= one.span.to);
      const enough = Math.max(LEAST_WAITING, WAITING_SHARE * one.size, WAITING_FACTOR * otherwise);
      return during >= enough ? [{ ...one, waiting: during }] : [];
    });
  });
}

/** Times in which all connections of the edge were busy and none was added. */
function fullSpans(edge: EdgeMetrics, facts: Facts): Omit<Exhausted, 'waiting'>[] {
  const open = openAt(edge, facts.steps.count);
  const size = open.reduce((most, n) => Math.max(most, n), 0);
  if (size < LEAST_OPEN) return [];
  const busy = underWay(edge, facts);
  const full: number[] = [];
  for (let step = 1; step < busy.length; step++) {
    const stays = open[step] === size && open[step - 1] === size;
    if (stays && busy[step]! >= BUSY_SHARE * size) full.push(step);
  }
  return spansOf(full, GAP_STEPS)
    .filter(({ from, to }) => to - from >= LEAST_STEPS)
    .map((span) => {
      const share = mean(busy, (step) => step >= span.from && step < span.to) / size;
      return { edge, span, size, busyShare: Math.min(1, share) };
    });
}

/** Requests in the client that wait for none of the services that it calls, on average of each step. */
function waitingIn(client: string, calls: readonly EdgeMetrics[], facts: Facts): Float64Array {
  const waiting = new Float64Array(facts.steps.count);
  for (const edge of facts.edges) {
    if (edge.server === client) underWay(edge, facts).forEach((n, step) => (waiting[step]! += n));
  }
  for (const call of calls) underWay(call, facts).forEach((n, step) => (waiting[step]! -= n));
  return waiting.map((n) => Math.max(0, n));
}

/** Exchanges under way, on average of each step. */
function underWay(edge: EdgeMetrics, { steps }: Facts): Float64Array {
  return running(edge, steps.count, (cell, before) => {
    const n = before + cell.inFlightNs / steps.stepNs;
    return { at: n, after: before + cell.inFlightDelta };
  });
}

/** Connections open at the end of each step. */
function openAt(edge: EdgeMetrics, count: number): Float64Array {
  return running(edge, count, (cell, before) => {
    const n = before + cell.openDelta;
    return { at: n, after: n };
  });
}

/** A number that goes on from step to step, and what each cell makes of it. */
function running(
  edge: EdgeMetrics,
  count: number,
  next: (cell: EdgeMetrics['cells'][number][1], before: number) => { at: number; after: number },
): Float64Array {
  const values = new Float64Array(count);
  let value = 0;
  let step = 0;
  for (const [at, cell] of edge.cells) {
    values.fill(value, step, at);
    const made = next(cell, value);
    values[at] = made.at;
    value = made.after;
    step = at + 1;
  }
  return values.fill(value, step);
}

function mean(values: Float64Array, wanted: (step: number) => boolean): number {
  const some = values.filter((_, step) => wanted(step));
  return some.length === 0 ? 0 : some.reduce((sum, n) => sum + n, 0) / some.length;
}

function draft({ edge, span, size, busyShare, waiting }: Exhausted, facts: Facts): Draft {
  const times = timesOf(span, facts);
  return {
    severity: 'high',
    kind: 'pool_exhausted',
    edge: edge.id,
    ...times,
    sentence:
      `${edgeName(edge)}: all ${size} connections were in use ${between(times)} (${percent(busyShare)} of the time), ` +
      `while ${Math.round(waiting)} requests at a time waited in ${edge.client} for one.`,
    evidence: `${size} connections are the most that this edge ever had; exchanges under way on them: ${(busyShare * size).toFixed(1)}`,
    depth: 0,
    weight: waiting,
  };
}
