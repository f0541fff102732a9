/** `--k6`: what is read from k6's files, how it is laid on the capture's time, and what happens with files that are none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { analyze } from '../../src/analyze/analyze.js';
import type { K6Step } from '../../src/analyze/k6/model.js';
import { stagesOf } from '../../src/analyze/k6/stages.js';
import { judge } from '../../src/analyze/k6/threshold.js';
import { Sample } from '../../src/analyze/k6/sample.js';
import { WallClock, parseWallTime } from '../../src/analyze/wall.js';
import type { Analysis } from '../../src/analyze/model.js';
import type { Actor } from '../support/capture-builder.js';
import { CaptureBuilder } from '../support/capture-builder.js';
import { openDatabase } from '../support/database.js';
import { BUILT_WALL_MS, K6Lines } from '../support/k6-lines.js';
import { scratchFolder } from '../support/recording.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

/** Ten seconds in which load calls gateway 100 times. */
function capture(): string {
  const built = new CaptureBuilder();
  const load = built.container('load', '10.0.0.2');
  const gateway = built.container('gateway', '10.0.0.3');
  built.listen(gateway, 8080);
  const front = built.connect(load, gateway, 8080, 400);
  for (let i = 0; i < 100; i++) front.exchange(500 + 50 * i, 4);
  const path = join(scratch.path, 'x.dhr');
  built.write(path);
  return path;
}

function lines(): K6Lines {
  const k6 = new K6Lines();
  k6.metric('http_req_duration', 'trend', ['p(95)<50', 'avg>100']);
  k6.metric('checks', 'rate', ['rate>0.99']);
  for (let i = 0; i < 100; i++) {
    if (i % 20 === 0) k6.vus(500 + 50 * i, 1 + i / 20);
    k6.request(500 + 50 * i, 4, {
      receiving: 1,
      ...(i === 0 ? { blocked: 2, connecting: 1 } : {}),
      status: i < 98 ? 200 : 502,
    });
    k6.check(505 + 50 * i, 'status is 200', i < 98);
  }
  return k6.iterations(5600, 100);
}

const SUMMARY_EXPORT = {
  root_group: {
    name: '',
    path: '',
    groups: { inner: { checks: { b: { name: 'in a group', passes: 3, fails: 0 } } } },
    checks: { a: { name: 'status is 200', passes: 98, fails: 2 } },
  },
  metrics: {
    http_reqs: { count: 100, rate: 20 },
    http_req_duration: {
      avg: 5,
      min: 1,
      med: 5,
      max: 9,
      'p(90)': 5,
      'p(95)': 6,
      thresholds: { 'p(95)<50': false, 'avg>100': true },
    },
    http_req_failed: { passes: 2, fails: 98, value: 0.02, thresholds: { 'rate<0.01': true } },
    vus_max: { value: 10, min: 10, max: 10 },
  },
};

const HANDLE_SUMMARY = {
  root_group: { name: '', groups: [], checks: [{ name: 'status is 200', passes: 98, fails: 2 }] },
  metrics: {
    http_reqs: { type: 'counter', contains: 'default', values: { count: 100, rate: 20 } },
    http_req_duration: {
      type: 'trend',
      contains: 'time',
      values: { avg: 5, med: 5, 'p(95)': 6 },
      thresholds: { 'p(95)<50': { ok: true }, 'avg>100': { ok: false } },
    },
  },
};

let runs = 0;

async function withK6(...contents: (string | Buffer)[]): Promise<Analysis & { db: string }> {
  const run = String(++runs);
  const k6 = contents.map((content, i) => {
    const path = join(scratch.path, `${run}-${String(i)}.json`);
    writeFileSync(path, content);
    return path;
  });
  const db = join(scratch.path, `${run}.sqlite`);
  const settings = { windowNs: 2e9, stepNs: 1e9, staleAfterNs: 30e9, exchanges: false };
  return { ...(await analyze({ capture: capture(), db, ...settings, k6 })), db };
}

const said = ({ quality }: Analysis): string[] =>
  quality.filter(({ name }) => name === 'k6_file').map(({ sentence }) => sentence);

describe("k6's JSON lines", () => {
  it('give totals, checks, thresholds and the edge that is k6’s', async () => {
    const { k6, edges, findings } = await withK6(lines().text());
    expect(k6).toMatchObject({
      kind: 'points',
      startNs: 500e6,
      offset: expect.stringContaining(
        "first measurement was 500 ms after the capture's start",
      ) as string,
      totals: {
        requests: 100,
        outside: 0,
        failed: 2,
        unanswered: 0,
        opened: 1,
        iterations: 100,
        maxVus: 5,
      },
      checks: [{ name: 'status is 200', passes: 98, fails: 2 }],
      thresholds: [
        { metric: 'http_req_duration', expression: 'p(95)<50', verdict: 'pass', judge: 'analyzer' },
        {
          metric: 'http_req_duration',
          expression: 'avg>100',
          value: 5,
          verdict: 'fail',
          judge: 'analyzer',
        },
        {
          metric: 'checks',
          expression: 'rate>0.99',
          value: 0.98,
          verdict: 'fail',
          judge: 'analyzer',
        },
      ],
    });
    expect(k6!.entry.map((id) => edges.find((edge) => edge.id === id)!.server)).toEqual([
      'gateway',
    ]);
    expect(k6!.steps.map(({ step, vus, requests }) => [step, vus, requests])).toEqual([
      [0, 1, 10],
      [1, 2, 20],
      [2, 3, 20],
      [3, 4, 20],
      [4, 5, 20],
      [5, null, 10],
    ]);
    expect(findings).toEqual([]);
  });

  it('join the windows of the edges in the database', async () => {
    const { db } = await withK6(lines().text());
    const { query, close } = openDatabase(db);
    expect(
      query(`SELECT w.exchanges, k.requests, k.failed, k.vus, k.waiting_us, k.receiving_us
        FROM k6_window k JOIN edge_window w USING (start_ns, width_ns) ORDER BY start_ns LIMIT 2`),
    ).toEqual([
      { exchanges: 30, requests: 30, failed: 0, vus: 2, waiting_us: 4000, receiving_us: 1000 },
      { exchanges: 40, requests: 40, failed: 0, vus: 3, waiting_us: 4000, receiving_us: 1000 },
    ]);
    expect(query('SELECT metric, expression, verdict FROM k6_threshold')).toHaveLength(3);
    close();
  });

  it('are the same plain and packed, whatever the file is called', async () => {
    const plain = await withK6(lines().text());
    const packed = await withK6(gzipSync(lines().text()));
    expect(packed.k6).toEqual(plain.k6);
    expect(packed.digest).toBe(plain.digest);
  });

  it('that are cut off are compared as far as they go', async () => {
    const packed = gzipSync(lines().text());
    const { k6, quality } = await withK6(packed.subarray(0, packed.length - 200));
    expect(k6!.totals.requests).toBeGreaterThan(10);
    expect(said({ quality } as Analysis)[0]).toMatch(
      /^\d+-0\.json is cut off \(unexpected end of file\)/,
    );
    const cut = await withK6(lines().text().slice(0, -30));
    expect(said(cut)[0]).toMatch(
      /^1 of \d+ lines of \d+-0\.json make no sense and were passed over\.$/,
    );
  });

  it('follow a wall clock that was set while it recorded', () => {
    const clock = new WallClock(1000, [
      { atNs: 0, wallNs: 0 },
      { atNs: 1e9, wallNs: 61e9 },
    ]);
    expect(clock.atNs({ ms: 1500, ns: 7 })).toBe(0.5e9 + 7);
    expect(clock.atNs({ ms: 62_500, ns: 0 })).toBe(1.5e9);
    expect(clock.movedNs).toBe(60e9);
  });

  it('have times of any zone and fineness', () => {
    const ms = Date.UTC(2026, 0, 2, 3, 4, 5);
    expect(parseWallTime('2026-01-02T05:04:05.123456789+02:00')).toEqual({ ms, ns: 123_456_789 });
    expect(parseWallTime('2026-01-02T03:04:05.5Z')).toEqual({ ms, ns: 500_000_000 });
    expect(parseWallTime('2026-01-02T03:04:05Z')).toEqual({ ms, ns: 0 });
    expect(parseWallTime('yesterday')).toBeNull();
  });
});

describe("k6's summary", () => {
  it.each([
    ['--summary-export', SUMMARY_EXPORT],
    ['handleSummary', HANDLE_SUMMARY],
  ])('of %s gives totals and k6’s own verdicts', async (_, summary) => {
    const { k6 } = await withK6(JSON.stringify(summary, null, 2));
    expect(k6).toMatchObject({
      kind: 'summary',
      windows: [],
      totals: { requests: 100, durationP95Us: 6000 },
    });
    expect(k6!.checks[0]).toEqual({ name: 'status is 200', passes: 98, fails: 2 });
    expect(k6!.thresholds.slice(0, 2)).toEqual([
      {
        metric: 'http_req_duration',
        expression: 'p(95)<50',
        value: 6,
        verdict: 'pass',
        judge: 'k6',
      },
      {
        metric: 'http_req_duration',
        expression: 'avg>100',
        value: 5,
        verdict: 'fail',
        judge: 'k6',
      },
    ]);
  });

  it('beside the lines has the last word on thresholds', async () => {
    const { k6 } = await withK6(lines().text(), JSON.stringify(SUMMARY_EXPORT));
    expect(k6!.kind).toBe('points');
    expect(k6!.thresholds.map(({ judge: by }) => by)).toEqual(['k6', 'k6', 'k6']);
    expect(k6!.checks.map(({ name }) => name)).toEqual(['status is 200', 'in a group']);
  });
});

describe('a file that is none of k6’s', () => {
  const TELLS: [name: string, content: string | Buffer, says: RegExp][] = [
    [
      'an empty one',
      '',
      /is neither JSON lines nor a summary of k6's\. The analysis went on without it\.$/,
    ],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]), /is neither JSON lines/],
    ['other JSON', '{"metrics": {"mine": 1}}', /is neither JSON lines/],
    ['a list', '[1, 2, 3]\n', /is neither JSON lines/],
    ['a broken archive', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), /^Cannot read \d+-0\.json: /],
    [
      'of another day',
      new K6Lines(BUILT_WALL_MS - 86_400_000).request(0, 4).text(),
      /tells of another time: it ends 86400 s before the capture begins\./,
    ],
  ];

  it.each(TELLS)(
    '%s is told in one sentence, and the analysis goes on',
    async (_, content, says) => {
      const analysis = await withK6(content);
      expect(analysis.k6).toBeNull();
      expect(analysis.edges).toHaveLength(1);
      expect(said(analysis)).toEqual([expect.stringMatching(says)]);
    },
  );

  it('is told too where there is no such file', async () => {
    const db = join(scratch.path, 'none.sqlite');
    const settings = { windowNs: 2e9, stepNs: 1e9, staleAfterNs: 30e9, exchanges: false };
    const analysis = await analyze({
      capture: capture(),
      db,
      ...settings,
      k6: ['/nowhere/x.json'],
    });
    expect(said(analysis)[0]).toMatch(/^Cannot read x\.json: ENOENT/);
  });
});

describe('stages', () => {
  const steps = (vus: number[]): Map<number, K6Step> =>
    new Map(vus.map((n, i) => [i, { vus: n, tagged: new Map<string, number>() } as K6Step]));

  it('are read off the VUs', () => {
    const vus = [1, 3, 5, 7, 9, 10, 10, 10, 10, 10, 30, 50, 50, 50, 50, 30, 10, 10, 10, 10];
    expect(stagesOf(steps(vus))).toEqual([
      { name: 'ramp up to 10 VUs', from: 0, to: 5 },
      { name: 'steady at 10 VUs', from: 5, to: 10 },
      { name: 'spike to 50 VUs', from: 10, to: 15 },
      { name: 'ramp down to 10 VUs', from: 15, to: 16 },
      { name: 'steady at 10 VUs', from: 16, to: 20 },
    ]);
  });

  it('are none where k6 tells no VUs', () => {
    expect(stagesOf(new Map())).toEqual([]);
  });
});

describe('the edge that is k6’s', () => {
  /** load calls gateway 100 times, which calls auth 60 times; a probe called k6 calls gateway 30 times. */
  async function entryOf(target: string, probe: string): Promise<string[]> {
    const built = new CaptureBuilder();
    const [load, gateway, auth] = ['load', 'gateway', 'auth'].map((name, i) =>
      built.container(name, `10.0.0.${String(i + 2)}`),
    );
    const other = built.process(probe, '10.0.0.9', { comm: probe });
    built.listen(gateway!, 8080);
    built.listen(auth!, 8081);
    const calls: [Actor, Actor, number, number][] = [
      [load!, gateway!, 8080, 100],
      [gateway!, auth!, 8081, 60],
      [other, gateway!, 8080, 30],
    ];
    for (const [client, server, port, n] of calls) {
      const made = built.connect(client, server, port, 400);
      for (let i = 0; i < n; i++) made.exchange(500 + 50 * i, 4);
    }
    const path = join(scratch.path, 'entry.dhr');
    built.write(path);
    const k6 = new K6Lines();
    for (let i = 0; i < 98; i++) k6.request(500 + 50 * i, 4, { url: `http://${target}/` });
    const file = join(scratch.path, 'entry.json');
    writeFileSync(file, k6.text());
    const settings = { windowNs: 2e9, stepNs: 1e9, staleAfterNs: 30e9, exchanges: false };
    const analysis = await analyze({
      capture: path,
      db: join(scratch.path, 'entry.sqlite'),
      ...settings,
      k6: [file],
    });
    return analysis.edges
      .filter(({ id }) => analysis.k6!.entry.includes(id))
      .map(({ client, server }) => `${client} → ${server}`);
  }

  it('is that of a process called k6', async () => {
    expect(await entryOf('127.0.0.1:18080', 'k6')).toEqual(['k6 → gateway']);
  });

  it('is else the one to the service that its addresses name, from the client with as many exchanges', async () => {
    expect(await entryOf('gateway:8080', 'curl')).toEqual(['load → gateway']);
    expect(await entryOf('auth:8081', 'curl')).toEqual(['gateway → auth']);
  });

  it('is else that of a client that nobody calls, with about as many exchanges', async () => {
    expect(await entryOf('127.0.0.1:18080', 'curl')).toEqual(['load → gateway']);
  });
});

describe('thresholds', () => {
  const trend = new Sample('trend');
  for (let ms = 1; ms <= 100; ms++) trend.add(ms);

  it.each([
    ['p(95)<200', 'pass'],
    ['p(95)<50', 'fail'],
    ['p(95)<95', null],
    ['avg<=50.5', 'pass'],
    ['max<100', 'fail'],
    ['med<10', 'fail'],
    ['nonsense', null],
  ])('%s: %s', (expression, verdict) => {
    expect(judge('m', expression, trend, 10).verdict).toBe(verdict);
  });
});
