/** Rule: the stage of the load in which latency broke, and the service in which it broke first. */
import { formatDuration } from '../../base/time.js';
import type { K6Facts } from '../k6/compare.js';
import { inStage } from '../k6/compare.js';
import type { K6Stage } from '../k6/model.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import { Histogram } from '../metrics/histogram.js';
import { count, percent, seconds, edgeName } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { cellsIn, timesOf } from './facts.js';
import type { Rule } from './rule.js';

const FACTOR = 3;
const LEAST_US = 5000;
/** A stage with fewer requests has no p95 to compare. */
const REQUESTS = 30;
/** An edge explains its caller's rise where its own is at least this share of it. */
const MOST = 0.5;
/** Exchanges in one step that tell when it began. */
const STEP_EXCHANGES = 3;

export const k6Stage: Rule = {
  kinds: ['k6_stage_latency'],
  tells:
    'the stage of the load test in which latency broke, and the service in which it broke first',
  when:
    `k6's p95 (http_req_duration) in one stage is ${FACTOR} times or more what it is in the fastest stage before, and ${LEAST_US / 1000} ms more; ` +
    `stages have ${REQUESTS} requests or more each. From k6's own edge on, the call whose p95 rose by ${MOST * 100} % or more of its caller's rise is ` +
    'followed, the one that rose most first; where none does, the service called last is where it broke. The share is the rise of that ' +
    "edge's p95 against k6's p95 in the stage. Stages are the `stage` or `stage_profile` tags of the script, else the rise and fall of its VUs.",
  advice:
    'Choose the range of the stage on the page and look at the named edge: its detail divides the time into connecting, the server and the way.',
  find: ({ k6, ...facts }) => (k6 === null ? [] : broken(k6, { k6, ...facts })),
};

interface Break {
  stage: K6Stage;
  base: K6Stage;
  duringUs: number;
  beforeUs: number;
  requests: number;
}

/** The first stage in which latency broke. */
function firstBreak({ run, stages }: K6Facts): Break | null {
  let base: { stage: K6Stage; p95Us: number } | null = null;
  for (const stage of stages) {
    const { requests, p95Us } = inStage(run, stage);
    if (requests < REQUESTS || p95Us === null) continue;
    if (base !== null && isBroken(p95Us, base.p95Us)) {
      return { stage, base: base.stage, duringUs: p95Us, beforeUs: base.p95Us, requests };
    }
    if (base === null || p95Us < base.p95Us) base = { stage, p95Us };
  }
  return null;
}

function isBroken(duringUs: number, beforeUs: number): boolean {
  return duringUs >= FACTOR * beforeUs && duringUs - beforeUs >= LEAST_US;
}

function broken(k6: K6Facts, facts: Facts): Draft[] {
  const found = firstBreak(k6);
  if (found === null) return [];
  const { stage, base, duringUs, beforeUs, requests } = found;
  const deepest = follow(k6.entry, facts.edges, found);
  const ms = (us: number): string => formatDuration(us * 1e3);
  const rose = `Latency broke in the stage "${stage.name}": k6's p95 was ${ms(duringUs)}, ${ms(beforeUs)} in "${base.name}"`;
  const draft = {
    kind: 'k6_stage_latency',
    ...timesOf(stage, facts),
    evidence: `${count(requests, 'request')} of k6's in that stage`,
    weight: requests * (duringUs - beforeUs),
  };
  if (deepest === null) {
    return [
      {
        ...draft,
        severity: 'medium',
        edge: k6.entry[0]?.id ?? null,
        sentence: `${rose}; the sockets of k6's own edge were not slower by as much, so the time is in the generator.`,
        depth: 0,
      },
    ];
  }
  const share = Math.min(1, (deepest.duringUs - deepest.beforeUs) / duringUs);
  const at = beganAt(deepest, stage, facts);
  return [
    {
      ...draft,
      severity: 'high',
      edge: deepest.edge.id,
      sentence:
        `${rose}. It broke first in ${deepest.edge.server}, at ${seconds(at)}: ${edgeName(deepest.edge)} went from ${ms(deepest.beforeUs)} to ` +
        `${ms(deepest.duringUs)} at the p95, which is ${percent(share)} of k6's p95.`,
      depth: 0,
    },
  ];
}

interface Rise {
  edge: EdgeMetrics;
  duringUs: number;
  beforeUs: number;
}

/** The last edge of the chain along which the rise goes; null where not even k6's own edge has it. */
function follow(
  entry: readonly EdgeMetrics[],
  edges: readonly EdgeMetrics[],
  { stage, base, duringUs, beforeUs }: Break,
): Rise | null {
  const passed = new Set<EdgeMetrics>();
  let last: Rise | null = null;
  let from = entry;
  let least = MOST * (duringUs - beforeUs);
  for (;;) {
    const [next] = from
      .filter((edge) => !passed.has(edge))
      .map((edge) => riseOf(edge, stage, base))
      .filter((rise) => rise !== null && rise.duringUs - rise.beforeUs >= least)
      .sort(
        (a, b) =>
          b!.duringUs - b!.beforeUs - (a!.duringUs - a!.beforeUs) || a!.edge.id - b!.edge.id,
      );
    if (next === undefined || next === null) return last;
    last = next;
    passed.add(next.edge);
    least = MOST * (next.duringUs - next.beforeUs);
    from = edges.filter(({ client }) => client === next.edge.server);
  }
}

function riseOf(edge: EdgeMetrics, stage: Span, base: Span): Rise | null {
  const duringUs = p95In(edge, stage);
  if (duringUs === null) return null;
  return { edge, duringUs, beforeUs: p95In(edge, base) ?? 0 };
}

function p95In(edge: EdgeMetrics, span: Span): number | null {
  const sum = new Histogram();
  for (const { latency } of cellsIn(edge, span)) if (latency !== null) sum.mergePacked(latency, 1);
  return sum.quantile(0.95);
}

/** The first step of the stage in which the edge was that slow. */
function beganAt({ edge, beforeUs }: Rise, stage: K6Stage, { steps }: Facts): number {
  for (let step = stage.from; step < stage.to; step++) {
    const one = { from: step, to: step + 1 };
    const n = cellsIn(edge, one).reduce((sum, { latency }) => sum + (latency?.total ?? 0), 0);
    const p95 = p95In(edge, one);
    if (n >= STEP_EXCHANGES && p95 !== null && isBroken(p95, beforeUs)) return step * steps.stepNs;
  }
  return stage.from * steps.stepNs;
}
