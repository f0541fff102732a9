/**
 * Files as k6's documents describe them, line by line: what `--out json=` writes (results-output/real-time/json), what
 * `--summary-export` and `handleSummary` write (results-output/end-of-test), and the machine-readable summary of
 * k6 1.5 and later (schema 1.0.0).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readFrame } from '../../src/analyze/frame.js';
import type { Frame } from '../../src/analyze/frame.js';
import { readK6 } from '../../src/analyze/k6-file.js';
import type { K6Run } from '../../src/analyze/k6/model.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { CaptureBuilder } from '../support/capture-builder.js';
import { chunked } from '../support/capture.js';
import { scratchFolder } from '../support/recording.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

/** Ten seconds from 2025-06-15 15:06:40 UTC on. */
function frame(): Frame {
  const built = new CaptureBuilder();
  built.durationMs = 10_000;
  return readFrame(new CaptureReader(chunked(built.bytes(), [1 << 16]), { name: 'x.dhr' }));
}

let files = 0;
async function read(...contents: (string | Buffer)[]): Promise<K6Run> {
  const paths = contents.map((content) => {
    const path = join(scratch.path, `${String(++files)}.json`);
    writeFileSync(path, content);
    return path;
  });
  return await readK6(paths, frame(), { stepNs: 1e9, windowNs: 2e9 });
}

const TAGS = {
  expected_response: 'true',
  group: '::my group::json',
  method: 'GET',
  name: 'http://gateway:8080/',
  proto: 'HTTP/1.1',
  scenario: 'browse',
  status: '200',
  url: 'http://gateway:8080/',
};
const AT = '2025-06-15T17:06:42.625742514+02:00';
const point = (metric: string, value: number, tags: object | null, time = AT): string =>
  JSON.stringify({ metric, type: 'Point', data: { time, value, tags } });
const declared = (metric: string, type: string, over: object = {}): string =>
  JSON.stringify({
    type: 'Metric',
    data: { name: metric, type, contains: 'default', thresholds: [], submetrics: null, ...over },
    metric,
  });
/** All that k6 writes of one request, in its order. */
const request = (time = AT): string[] => [
  point('http_reqs', 1, TAGS, time),
  point('http_req_duration', 7.25, TAGS, time),
  point('http_req_blocked', 2, TAGS, time),
  point('http_req_connecting', 0.5, TAGS, time),
  point('http_req_tls_handshaking', 0, TAGS, time),
  point('http_req_sending', 0.25, TAGS, time),
  point('http_req_waiting', 6, TAGS, time),
  point('http_req_receiving', 1, TAGS, time),
  point('http_req_failed', 0, TAGS, time),
];

/** Each metric is declared right before its first point. */
const DECLARED: Readonly<Record<string, string>> = {
  http_reqs: declared('http_reqs', 'counter'),
  http_req_duration: declared('http_req_duration', 'trend', {
    contains: 'time',
    tainted: null,
    thresholds: ['p(95)<500', { threshold: 'max<5', abortOnFail: true, delayAbortEval: '10s' }],
    submetrics: [
      {
        name: 'http_req_duration{scenario:browse}',
        suffix: 'scenario:browse',
        tags: { scenario: 'browse' },
      },
    ],
  }),
  http_req_failed: declared('http_req_failed', 'rate', { thresholds: ['rate<0.01'] }),
  vus: declared('vus', 'gauge'),
  checks: declared('checks', 'rate', { thresholds: null }),
  iterations: declared('iterations', 'counter'),
  mine: declared('mine', 'counter'),
};
const POINTS = [
  ...request(),
  point('vus', 5, null, '2025-06-15T15:06:43Z'),
  point('mine', 3, { kind: 'a', group: '' }),
  point('checks', 1, { check: 'status is 200', group: '::my group' }),
  point('grpc_req_duration', 4, { scenario: 'browse' }),
  // Metadata is beside the tags, and only in newer versions.
  JSON.stringify({
    metric: 'iterations',
    type: 'Point',
    data: { time: AT, value: 1, tags: { scenario: 'browse' }, metadata: { vu: '1' } },
  }),
];
const LINES = POINTS.flatMap((line) => {
  const { metric } = JSON.parse(line) as { metric: string };
  return [DECLARED[metric] ?? declared(metric, 'trend', { contains: 'time' }), line];
});

const EXPECTED = {
  kind: 'points',
  problems: [],
  targets: ['gateway:8080'],
  totals: {
    requests: 1,
    failed: 0,
    opened: 1,
    durationUs: 7250,
    blockedUs: 2000,
    connectingUs: 500,
    sendingUs: 250,
    waitingUs: 6000,
    receivingUs: 1000,
    maxVus: 5,
  },
  checks: [{ name: 'status is 200', passes: 1, fails: 0 }],
  thresholds: [
    { metric: 'http_req_duration', expression: 'p(95)<500', verdict: 'pass' },
    { metric: 'http_req_duration', expression: 'max<5', value: 7.25, verdict: 'fail' },
    { metric: 'http_req_failed', expression: 'rate<0.01', value: 0, verdict: 'pass' },
  ],
};

describe('--out json=', () => {
  it('is read with tags, groups, submetrics, thresholds of both forms and metrics of the script’s own', async () => {
    const run = await read(`${LINES.join('\n')}\n`);
    expect(run).toMatchObject(EXPECTED);
    // k6 stamps a request when it has ended; it began in the same second.
    expect([...run.steps].map(([step, { requests, vus }]) => [step, requests, vus])).toEqual([
      [2, 1, null],
      [3, 0, 5],
    ]);
  });

  it('is read packed, as --out json=x.json.gz writes it', async () => {
    expect(await read(gzipSync(`${LINES.join('\n')}\n`))).toMatchObject(EXPECTED);
  });

  it('is read up to a torn last line', async () => {
    const torn = point('http_reqs', 1, TAGS).slice(0, 60);
    const run = await read(`${LINES.join('\n')}\n${torn}`);
    expect(run).toMatchObject({
      ...EXPECTED,
      problems: [expect.stringContaining('1 of 29 lines')],
    });
  });

  it('is read of a k6 that is still running', async () => {
    const run = await read(gzipSync(`${LINES.join('\n')}\n`).subarray(0, -9));
    expect(run.totals.requests).toBe(1);
    expect(run.problems).toEqual([expect.stringContaining('is cut off')]);
  });
});

const TREND = { avg: 7.25, min: 7.25, med: 7.25, max: 7.25, 'p(90)': 7.25, 'p(95)': 7.25 };

const EXPORT = {
  root_group: {
    name: '',
    path: '',
    id: 'd41d8cd98f00b204e9800998ecf8427e',
    groups: {
      'my group': {
        name: 'my group',
        path: '::my group',
        id: 'x',
        groups: {},
        checks: {
          'in it': { name: 'in it', path: '::my group::in it', id: 'y', passes: 1, fails: 2 },
        },
      },
    },
    checks: { ok: { name: 'ok', path: '::ok', id: 'z', passes: 3, fails: 0 } },
  },
  metrics: {
    http_reqs: { count: 3, rate: 1.5 },
    http_req_duration: { ...TREND, thresholds: { 'p(95)<500': false } },
    // A submetric with a threshold of its own; the export says true where it was crossed.
    'http_req_duration{scenario:browse}': { ...TREND, thresholds: { 'p(95)<5': true } },
    http_req_waiting: TREND,
    http_req_failed: { passes: 1, fails: 2, value: 0.3333, thresholds: { 'rate<0.5': false } },
    vus_max: { value: 5, min: 5, max: 5 },
    iterations: { count: 3, rate: 1.5 },
  },
};

const HANDLED = {
  root_group: {
    name: '',
    path: '',
    groups: [
      {
        name: 'my group',
        path: '::my group',
        groups: [],
        checks: [{ name: 'in it', path: '::my group::in it', passes: 1, fails: 2 }],
      },
    ],
    checks: [{ name: 'ok', path: '::ok', passes: 3, fails: 0 }],
  },
  options: { summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)'], noColor: false },
  state: { isStdOutTTY: false, testRunDurationMs: 2000 },
  metrics: {
    http_reqs: { type: 'counter', contains: 'default', values: { count: 3, rate: 1.5 } },
    http_req_duration: {
      type: 'trend',
      contains: 'time',
      values: TREND,
      thresholds: { 'p(95)<500': { ok: true } },
    },
    'http_req_duration{scenario:browse}': {
      type: 'trend',
      contains: 'time',
      values: TREND,
      thresholds: { 'p(95)<5': { ok: false } },
    },
    http_req_waiting: { type: 'trend', contains: 'time', values: TREND },
    http_req_failed: {
      type: 'rate',
      contains: 'default',
      values: { rate: 0.3333, passes: 1, fails: 2 },
      thresholds: { 'rate<0.5': { ok: true } },
    },
    vus_max: { type: 'gauge', contains: 'default', values: { value: 5, min: 5, max: 5 } },
    iterations: { type: 'counter', contains: 'default', values: { count: 3, rate: 1.5 } },
  },
};

const metric = (name: string, type: string, values: object): object => ({
  contains: type === 'trend' ? 'time' : 'default',
  name,
  type,
  values,
});
const MACHINE_READABLE = {
  config: { duration: 2, execution: 'local', script: 'load.js' },
  metadata: { generated_at: '2025-06-15T15:06:50Z', k6_version: '1.7.1' },
  results: {
    checks: {
      metrics: [metric('checks_total', 'counter', { count: 6 })],
      results: [
        { name: 'ok', passes: 3, fails: 0 },
        { name: 'in it', passes: 1, fails: 2 },
      ],
    },
    metrics: [
      metric('http_reqs', 'counter', { count: 3 }),
      metric('http_req_duration', 'trend', TREND),
      metric('http_req_waiting', 'trend', TREND),
      metric('http_req_failed', 'rate', { matches: 1, rate: 0.3333, total: 3 }),
      metric('vus_max', 'gauge', { max: 5, min: 5, value: 5 }),
      metric('iterations', 'counter', { count: 3 }),
    ],
  },
  version: '1.0.0',
};

describe.each([
  ['--summary-export', EXPORT],
  ['handleSummary', HANDLED],
  ['--new-machine-readable-summary', MACHINE_READABLE],
])('%s', (name, summary) => {
  it('gives totals and checks, plain, indented and packed', async () => {
    const texts = [JSON.stringify(summary), JSON.stringify(summary, null, 4)];
    for (const content of [...texts, gzipSync(texts[0]!)]) {
      const run = await read(content);
      expect(run).toMatchObject({
        kind: 'summary',
        totals: {
          requests: 3,
          failed: 1,
          iterations: 3,
          maxVus: 5,
          durationP95Us: 7250,
          waitingP50Us: 7250,
        },
      });
      expect(run.checks.map((one) => [one.name, one.passes, one.fails]).sort()).toEqual([
        ['in it', 1, 2],
        ['ok', 3, 0],
      ]);
    }
  });

  it('gives k6’s verdicts where it has them, submetrics among them, and else the lines’ are judged', async () => {
    const { thresholds } = await read(`${LINES.join('\n')}\n`, JSON.stringify(summary));
    const told = thresholds.map((one) => [one.metric, one.expression, one.verdict, one.judge]);
    expect(told).toEqual(
      name === '--new-machine-readable-summary'
        ? [
            ['http_req_duration', 'p(95)<500', 'pass', 'analyzer'],
            ['http_req_duration', 'max<5', 'fail', 'analyzer'],
            ['http_req_failed', 'rate<0.01', 'pass', 'analyzer'],
          ]
        : [
            ['http_req_duration', 'p(95)<500', 'pass', 'k6'],
            ['http_req_duration{scenario:browse}', 'p(95)<5', 'fail', 'k6'],
            ['http_req_failed', 'rate<0.5', 'pass', 'k6'],
          ],
    );
  });
});
