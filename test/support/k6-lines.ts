/**
 * What k6 writes with `--out json=`, from a readable list of what it did. Times are milliseconds since the start of a
 * capture that `CaptureBuilder` made, or since `startMs`.
 */
import type { Frame } from '../../src/analyze/frame.js';
import type { K6Run } from '../../src/analyze/k6/model.js';
import { Points, isPointLine } from '../../src/analyze/k6/points.js';
import { WallClock } from '../../src/analyze/wall.js';
import { planSteps } from '../../src/analyze/metrics/steps.js';

/** The wall clock at the start of a built capture. */
export const BUILT_WALL_MS = 1_750_000_000_000;

export interface K6Request {
  /** Milliseconds before there is a connection; on a new one `connecting` is part of it. */
  blocked?: number;
  connecting?: number;
  tls?: number;
  sending?: number;
  receiving?: number;
  status?: number;
  error?: string;
  errorCode?: number;
  url?: string;
  stage?: string;
}

type Tags = Record<string, string>;

export class K6Lines {
  readonly #lines: string[] = [];
  readonly #declared = new Set<string>();
  readonly #startMs: number;

  constructor(startMs = BUILT_WALL_MS) {
    this.#startMs = startMs;
  }

  /** Declares a metric; undeclared ones are declared when they are first used. */
  metric(name: string, type: string, thresholds: string[] = []): this {
    this.#declared.add(name);
    const data = {
      name,
      type,
      contains: type === 'trend' ? 'time' : 'default',
      thresholds,
      submetrics: null,
    };
    this.#lines.push(JSON.stringify({ metric: name, type: 'Metric', data }));
    return this;
  }

  /** A line of any kind. */
  raw(line: string): this {
    this.#lines.push(line);
    return this;
  }

  vus(atMs: number, value: number): this {
    return this.#point('vus', 'gauge', atMs, value, {});
  }

  /** A request that began at `atMs` and had its answer `waiting` ms after it was sent. */
  request(atMs: number, waiting: number, over: K6Request = {}): this {
    const { blocked = 0, connecting = 0, sending = 0, receiving = 0, status = 200 } = over;
    const duration = sending + waiting + receiving;
    const endMs = atMs + duration;
    const tags: Tags = {
      method: 'GET',
      status: String(status),
      url: over.url ?? 'http://gateway:8080/browse',
      scenario: 'customers',
      ...(over.error === undefined ? {} : { error: over.error }),
      ...(over.errorCode === undefined ? {} : { error_code: String(over.errorCode) }),
      ...(over.stage === undefined ? {} : { stage: over.stage }),
    };
    const trends = {
      duration,
      blocked,
      connecting,
      tls_handshaking: over.tls ?? 0,
      sending,
      waiting,
      receiving,
    };
    this.#point('http_reqs', 'counter', endMs, 1, tags);
    for (const [name, value] of Object.entries(trends)) {
      this.#point(`http_req_${name}`, 'trend', endMs, value, tags);
    }
    return this.#point(
      'http_req_failed',
      'rate',
      endMs,
      status < 200 || status >= 400 ? 1 : 0,
      tags,
    );
  }

  check(atMs: number, name: string, passed: boolean): this {
    return this.#point('checks', 'rate', atMs, passed ? 1 : 0, { check: name });
  }

  iterations(atMs: number, value: number): this {
    return this.#point('iterations', 'counter', atMs, value, {});
  }

  dropped(atMs: number, value: number): this {
    return this.#point('dropped_iterations', 'counter', atMs, value, {});
  }

  #point(metric: string, type: string, atMs: number, value: number, tags: Tags): this {
    if (!this.#declared.has(metric)) this.metric(metric, type);
    const whole = Math.floor(atMs);
    const nanos = String(Math.round((atMs - whole) * 1e6)).padStart(6, '0');
    const time = new Date(this.#startMs + whole).toISOString().replace('Z', `${nanos}Z`);
    this.#lines.push(JSON.stringify({ metric, type: 'Point', data: { time, value, tags } }));
    return this;
  }

  /** The file's text. */
  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** The run that the analyzer makes of it. */
  run(frame: Frame, { stepNs, windowNs }: { stepNs: number; windowNs: number }): K6Run {
    const clock = new WallClock(frame.startedWallMs, frame.clocks);
    const points = new Points(clock, planSteps(stepNs, windowNs, frame.endNs), frame.endNs);
    for (const line of this.#lines) {
      const value: unknown = JSON.parse(line);
      if (!isPointLine(value) || !points.add(value)) throw new Error(`no line of k6's: ${line}`);
    }
    return points.finish();
  }
}
