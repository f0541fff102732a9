/**
 * k6's JSON lines (`--out json=`): one metric's declaration or one measurement a line. k6 stamps a request when it has
 * ended; here it belongs to where it began, as exchanges do.
 */
import { StepHistogram } from '../metrics/histogram.js';
import type { Steps } from '../metrics/steps.js';
import type { K6Check, K6Run, K6Step } from './model.js';
import { Sample } from './sample.js';
import type { MetricType } from './sample.js';
import { judge } from './threshold.js';
import { target } from './target.js';
import type { WallClock } from '../wall.js';
import { parseWallTime } from '../wall.js';

/** Scripts may make metrics, checks and addresses without end; more than these are not kept. */
const MOST_METRICS = 200;
const MOST_NAMES = 200;
const TYPES: readonly string[] = ['counter', 'gauge', 'rate', 'trend'];
/** Tags that scripts mark their stages with: by hand, and with k6's own helper library. */
const STAGE_TAGS = ['stage', 'stage_profile'] as const;
/** k6's codes for requests that end before there is a connection: bad URL, names, no local port or file left. */
const UNOPENED = /^(1010|1020|11\d\d|1210|1213)$/;
const UNOPENED_TEXT = /cannot assign requested address|too many open files|lookup |no such host/;

type Tags = Readonly<Record<string, unknown>>;

interface Line {
  type?: unknown;
  metric?: unknown;
  data?: {
    type?: unknown;
    thresholds?: unknown;
    time?: unknown;
    value?: unknown;
    tags?: Tags | null;
  } | null;
}

/** True for an object as k6 writes one a line. */
export function isPointLine(value: unknown): value is Line {
  const { type, metric } = (value ?? {}) as Line;
  return (type === 'Point' || type === 'Metric') && typeof metric === 'string';
}

export class Points {
  readonly #clock: WallClock;
  readonly #steps: Steps;
  readonly #durationNs: number;
  readonly #metrics = new Map<string, Sample>();
  readonly #limits = new Map<string, string[]>();
  readonly #checks = new Map<string, K6Check>();
  readonly #targets = new Map<string, number>();
  readonly #errors = new Map<string, number>();
  readonly #byStep = new Map<number, K6Step>();
  #startNs = Infinity;
  #endNs = -Infinity;
  #outside = 0;
  #failed = 0;
  #unanswered = 0;
  #unopened = 0;
  #opened = 0;
  /** The request that the last lines were about: its parts carry its own end. */
  #stamp = '';
  #stampNs: number | null = null;
  #began: K6Step | null = null;

  /** @param durationNs length of the capture: what began later is outside. */
  constructor(clock: WallClock, steps: Steps, durationNs: number) {
    this.#clock = clock;
    this.#steps = steps;
    this.#durationNs = durationNs;
  }

  /** Takes one line; false where it makes no sense. */
  add(line: Line): boolean {
    const { type, metric, data } = line;
    if (typeof metric !== 'string' || typeof data !== 'object' || data === null) return false;
    if (type === 'Metric') return this.#declare(metric, data.type, data.thresholds);
    const { time, value } = data;
    if (typeof time !== 'string' || typeof value !== 'number' || !Number.isFinite(value)) {
      return false;
    }
    const atNs = this.#atNs(time);
    if (atNs === null) return false;
    this.#metrics.get(metric)?.add(value);
    this.#point(metric, atNs, value, data.tags ?? {});
    return true;
  }

  #declare(metric: string, type: unknown, thresholds: unknown): boolean {
    if (typeof type !== 'string' || !TYPES.includes(type)) return false;
    if (this.#metrics.size >= MOST_METRICS || this.#metrics.has(metric)) return true;
    this.#metrics.set(metric, new Sample(type as MetricType));
    if (Array.isArray(thresholds)) {
      const texts = thresholds.map((one: unknown) =>
        typeof one === 'object' && one !== null ? (one as { threshold?: unknown }).threshold : one,
      );
      this.#limits.set(
        metric,
        texts.filter((one) => typeof one === 'string'),
      );
    }
    return true;
  }

  /** The same time stands in all lines of a request. */
  #atNs(time: string): number | null {
    if (time === this.#stamp) return this.#stampNs;
    const wall = parseWallTime(time);
    this.#stamp = time;
    this.#began = null;
    this.#stampNs = wall === null ? null : this.#clock.atNs(wall);
    return this.#stampNs;
  }

  #point(metric: string, atNs: number, value: number, tags: Tags): void {
    this.#startNs = Math.min(this.#startNs, atNs);
    this.#endNs = Math.max(this.#endNs, atNs);
    const us = value * 1000;
    if (metric === 'http_req_duration') this.#request(atNs - value * 1e6, us, tags);
    else if (metric === 'http_req_blocked') this.#part((step) => (step.blockedUs += us));
    else if (metric === 'http_req_waiting') this.#part((step) => (step.waitingUs += us));
    else if (metric === 'http_req_receiving') this.#part((step) => (step.receivingUs += us));
    else if (metric === 'http_req_connecting') {
      if (value > 0) this.#opened++;
      this.#part((step) => (step.connectingUs += us));
    } else if (metric === 'http_req_failed') {
      if (value === 0) return;
      this.#failed++;
      this.#part((step) => step.failed++);
    } else if (metric === 'checks') this.#check(atNs, value !== 0, tags);
    else if (metric === 'dropped_iterations') this.#add(atNs, (step) => (step.dropped += value));
    else if (metric === 'vus') this.#add(atNs, (step) => (step.vus = value));
  }

  #request(beganNs: number, us: number, tags: Tags): void {
    const url = typeof tags['url'] === 'string' ? target(tags['url']) : null;
    if (url !== null) note(this.#targets, url);
    const lacksAnswer = tags['status'] === '0';
    const staysInside = lacksAnswer && isUnopened(tags);
    if (lacksAnswer) this.#unanswered++;
    if (staysInside) {
      this.#unopened++;
      note(this.#errors, textOf(tags['error']).slice(0, 200));
    }
    const step = this.#stepAt(beganNs);
    this.#began = step;
    if (step === null) {
      this.#outside++;
      return;
    }
    step.requests++;
    step.durationUs += us;
    step.latency.add(us);
    if (lacksAnswer) step.unanswered++;
    if (staysInside) step.unopened++;
    for (const tag of STAGE_TAGS) {
      if (typeof tags[tag] === 'string') note(step.tagged, tags[tag]);
    }
  }

  /** A part of the request that the lines before were about. */
  #part(what: (step: K6Step) => void): void {
    if (this.#began !== null) what(this.#began);
  }

  #check(atNs: number, passed: boolean, tags: Tags): void {
    const name = typeof tags['check'] === 'string' ? tags['check'] : 'check';
    let check = this.#checks.get(name);
    if (check === undefined && this.#checks.size < MOST_NAMES) {
      check = { name, passes: 0, fails: 0 };
      this.#checks.set(name, check);
    }
    if (check !== undefined) check[passed ? 'passes' : 'fails']++;
    this.#add(atNs, (step) => {
      step[passed ? 'checksPassed' : 'checksFailed']++;
      if (!passed) note(step.failedChecks, name);
    });
  }

  #add(atNs: number, what: (step: K6Step) => void): void {
    const step = this.#stepAt(atNs);
    if (step !== null) what(step);
  }

  /** Null outside of the capture. */
  #stepAt(atNs: number): K6Step | null {
    if (atNs < 0 || atNs >= this.#durationNs) return null;
    const index = Math.floor(atNs / this.#steps.stepNs);
    let step = this.#byStep.get(index);
    if (step === undefined) {
      step = emptyStep();
      this.#byStep.set(index, step);
    }
    return step;
  }

  /** The run that all lines together tell of. */
  finish(): K6Run {
    const seconds = Math.max(0, this.#endNs - this.#startNs) / 1e9;
    const sum = (metric: string): number => this.#metrics.get(metric)?.sum ?? 0;
    const quantile = (metric: string, q: number): number | null =>
      this.#metrics.get(metric)?.quantileUs(q) ?? null;
    const vus = this.#metrics.get('vus');
    return {
      kind: 'points',
      startNs: Number.isFinite(this.#startNs) ? this.#startNs : null,
      endNs: Number.isFinite(this.#endNs) ? this.#endNs : null,
      clockMovedNs: this.#clock.movedNs,
      totals: {
        requests: sum('http_reqs'),
        outside: this.#outside,
        failed: this.#failed,
        unanswered: this.#unanswered,
        unopened: this.#unopened,
        opened: this.#opened,
        dropped: sum('dropped_iterations'),
        iterations: sum('iterations'),
        durationUs: 1000 * sum('http_req_duration'),
        blockedUs: 1000 * sum('http_req_blocked'),
        connectingUs: 1000 * sum('http_req_connecting'),
        tlsUs: 1000 * sum('http_req_tls_handshaking'),
        sendingUs: 1000 * sum('http_req_sending'),
        waitingUs: 1000 * sum('http_req_waiting'),
        receivingUs: 1000 * sum('http_req_receiving'),
        durationP50Us: quantile('http_req_duration', 0.5),
        durationP95Us: quantile('http_req_duration', 0.95),
        waitingP50Us: quantile('http_req_waiting', 0.5),
        waitingP95Us: quantile('http_req_waiting', 0.95),
        maxVus: vus === undefined || vus.count === 0 ? null : vus.max,
      },
      steps: this.#byStep,
      checks: [...this.#checks.values()],
      thresholds: [...this.#limits].flatMap(([metric, expressions]) =>
        expressions.map((one) => judge(metric, one, this.#metrics.get(metric), seconds)),
      ),
      targets: mostFirst(this.#targets),
      errors: mostFirst(this.#errors).slice(0, 3),
      problems: [],
    };
  }
}

function isUnopened(tags: Tags): boolean {
  return UNOPENED.test(textOf(tags['error_code'])) || UNOPENED_TEXT.test(textOf(tags['error']));
}

function textOf(tag: unknown): string {
  return typeof tag === 'string' ? tag : '';
}

function emptyStep(): K6Step {
  return {
    vus: null,
    requests: 0,
    failed: 0,
    unanswered: 0,
    unopened: 0,
    durationUs: 0,
    blockedUs: 0,
    connectingUs: 0,
    waitingUs: 0,
    receivingUs: 0,
    latency: new StepHistogram(),
    checksPassed: 0,
    checksFailed: 0,
    failedChecks: new Map(),
    dropped: 0,
    tagged: new Map(),
  };
}

function note(counts: Map<string, number>, name: string): void {
  const known = counts.get(name);
  if (known !== undefined || counts.size < MOST_NAMES) counts.set(name, (known ?? 0) + 1);
}

function mostFirst(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}
