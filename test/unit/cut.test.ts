/** `--since` and `--until`: how moments are read, which part of a recording they mean, and what a cut says of itself. */
import { describe, expect, it } from 'vitest';
import type { Range } from '../../src/analyze/cut/range.js';
import { rangeOf } from '../../src/analyze/cut/range.js';
import type { Frame } from '../../src/analyze/frame.js';
import { readFrame } from '../../src/analyze/frame.js';
import { DhrishtiError } from '../../src/base/errors.js';
import { parseMoment } from '../../src/base/moment.js';
import { buildReport } from '../../src/report/build.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { analyzed } from '../support/analysis.js';
import { CaptureBuilder } from '../support/capture-builder.js';
import { chunked } from '../support/capture.js';

const HOUR_NS = 3600e9;

function messageOf(what: () => unknown): string {
  try {
    what();
  } catch (error) {
    if (error instanceof DhrishtiError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('a moment', () => {
  it.each([
    ['12s', { kind: 'since', ns: 12e9 }],
    ['1m30s', { kind: 'since', ns: 90e9 }],
    ['250ms', { kind: 'since', ns: 250e6 }],
    ['0s', { kind: 'since', ns: 0 }],
    ['14:03', { kind: 'time', ns: 14.05 * HOUR_NS, zoneMinutes: 0 }],
    ['14:03:20', { kind: 'time', ns: 14 * HOUR_NS + 200e9, zoneMinutes: 0 }],
    ['4:03:20.5Z', { kind: 'time', ns: 4 * HOUR_NS + 200.5e9, zoneMinutes: 0 }],
    ['14:03:20+05:30', { kind: 'time', ns: 14 * HOUR_NS + 200e9, zoneMinutes: 330 }],
    ['14:03:20-0800', { kind: 'time', ns: 14 * HOUR_NS + 200e9, zoneMinutes: -480 }],
    ['2026-11-24T14:03:20Z', { kind: 'date', ms: Date.UTC(2026, 10, 24, 14, 3, 20), ns: 0 }],
    ['2026-11-24 14:03:20', { kind: 'date', ms: Date.UTC(2026, 10, 24, 14, 3, 20), ns: 0 }],
    [
      '2026-11-24T01:03:20.123456789+02:00',
      { kind: 'date', ms: Date.UTC(2026, 10, 23, 23, 3, 20, 123), ns: 456_789 },
    ],
  ])('is read from %s', (text, moment) => {
    expect(parseMoment(text, '--since')).toEqual({ ...moment, text });
  });

  it.each([
    '',
    '12',
    'soon',
    '25:00:00',
    '14:60',
    '14:03:60',
    '2026-02-30T10:00:00Z',
    '1s ago',
    '14:03+20:00',
    '-5s',
  ])('is none in "%s"', (text) => {
    expect(messageOf(() => parseMoment(text, '--until'))).toBe(
      `--until "${text}" is no moment of a recording.`,
    );
  });
});

/** A recording of an hour that began at 23:30:00.4 UTC. */
const FRAME = {
  startedWallMs: Date.UTC(2026, 10, 24, 23, 30, 0, 400),
  clocks: [
    { atNs: 0, wallNs: 0 },
    { atNs: HOUR_NS, wallNs: HOUR_NS },
  ],
  endNs: HOUR_NS,
} as unknown as Frame;

function range(since: string | null, until: string | null): Range | null {
  return rangeOf(
    {
      since: since === null ? undefined : parseMoment(since, '--since'),
      until: until === null ? undefined : parseMoment(until, '--until'),
    },
    FRAME,
  );
}

describe('a range', () => {
  it.each<[string | null, string | null, Range | null]>([
    ['12s', '1m30s', { sinceNs: 12e9, untilNs: 90e9 }],
    ['12s', null, { sinceNs: 12e9, untilNs: Infinity }],
    [null, '30s', { sinceNs: 0, untilNs: 30e9 }],
    ['0s', null, null],
    ['0s', '2h', null],
    [null, null, null],
    // The second in which it began, which lies a little before it.
    ['23:30:00', '23:31:00', { sinceNs: 0, untilNs: 59.6e9 }],
    // The next day.
    ['23:59:00', '00:10:00.4', { sinceNs: 1739.6e9, untilNs: 2400e9 }],
    ['01:00:00+01:00', null, { sinceNs: 1799.6e9, untilNs: Infinity }],
    ['2026-11-25T00:00:00.4Z', '20m40s', null],
    ['2026-11-25T00:00:00.4Z', '2026-11-25T01:00:00.4+01:00', null],
    ['2026-11-25T00:00:00.4Z', '2026-11-25T02:00:01+02:00', { sinceNs: 1800e9, untilNs: 1800.6e9 }],
  ])('from %s to %s', (since, until, expected) => {
    if (expected !== null || since === '0s' || (since === null && until === null)) {
      expect(range(since, until)).toEqual(expected);
    } else {
      expect(messageOf(() => range(since, until))).toBe(
        `--since ${String(since)} is not before --until ${String(until)}.`,
      );
    }
  });

  it.each([
    [
      '2h',
      null,
      '--since 2h lies after the end of the recording, which is 1h 00m long: 2026-11-24 23:30:00 UTC to 2026-11-25 00:30:00 UTC.',
    ],
    [
      null,
      '2026-11-24T20:00:00Z',
      '--until 2026-11-24T20:00:00Z lies before the start of the recording, which is 1h 00m long: 2026-11-24 23:30:00 UTC to 2026-11-25 00:30:00 UTC.',
    ],
    [
      '01:00',
      null,
      '--since 01:00 lies after the end of the recording, which is 1h 00m long: 2026-11-24 23:30:00 UTC to 2026-11-25 00:30:00 UTC.',
    ],
    ['40s', '40s', '--since 40s is not before --until 40s.'],
  ])('from %s to %s is refused', (since, until, message) => {
    expect(messageOf(() => range(since, until))).toBe(message);
  });
});

/** One keep-alive connection from 1 s on, an exchange each 500 ms; 8 events are lost each second from 2 s on. */
function steady(): CaptureBuilder {
  const capture = new CaptureBuilder();
  const gateway = capture.container('gateway', '10.0.0.2');
  const auth = capture.container('auth', '10.0.0.3');
  capture.listen(auth, 8081);
  const made = capture.connect(gateway, auth, 8081, 1000);
  for (let ms = 1100; ms < 9900; ms += 500) made.exchange(ms, 400);
  for (let s = 1; s <= 10; s++) capture.lost(s * 1000, { EXCHANGE: 8 * Math.max(0, s - 2) });
  capture.netstat(0, gateway.netns, { ListenOverflows: 3 });
  capture.netstat(2500, gateway.netns, { ListenOverflows: 5 });
  capture.netstat(6500, gateway.netns, { ListenOverflows: 9 });
  return capture;
}

describe('a cut', () => {
  const bytes = steady().bytes();
  const cut = analyzed(bytes, { range: { sinceNs: 4.25e9, untilNs: 6.5e9 } });

  it('tells what it is', () => {
    expect(cut.capture.cut).toEqual({
      sinceNs: 4.25e9,
      untilNs: 6.5e9,
      recordedNs: 10e9,
      words: '4.25 s to 6.5 s of a recording of 10 s',
    });
    expect(cut.capture.durationNs).toBe(2.25e9);
    expect(cut.capture.startedWallMs).toBe(1_750_000_004_250);
    expect(cut.quality.filter(({ name }) => name === 'cut')).toEqual([
      {
        name: 'cut',
        severity: 'info',
        source: 'analyzer',
        value: 2.25,
        sentence:
          'Only 4.25 s to 6.5 s of a recording of 10 s is analyzed, as if nothing else had been recorded: times count from there, and connections that were open before count as older than the capture.',
      },
    ]);
  });

  it('tells it on the page, and costs of that time', () => {
    const { about } = buildReport(cut, { analyzer: 'dhrishti' }).data;
    expect([about.cut, about.durationS]).toEqual(['4.25 s to 6.5 s of a recording of 10 s', 2.25]);
    expect(about.cost.at(-1)).toMatch(/^The capture file, of which this is a part, has /);
  });

  it('counts what was lost in it, and what overflowed', () => {
    expect(cut.capture.lost).toBe(18);
    expect(cut.quality.find(({ name }) => name === 'listen_overflows')?.value).toBe(4);
  });

  it('has the exchanges that began in it, those that ended later among them', () => {
    // 4600, 5100, 5600, 6100; the last one ends at 6500 and is told after that.
    expect(cut.exchanges.map(({ startedNs, ttfbUs }) => [startedNs, ttfbUs])).toEqual(
      [0.35e9, 0.85e9, 1.35e9, 1.85e9].map((ns) => [ns, 400_000]),
    );
    expect(cut.edges).toMatchObject([{ exchanges: 4, connections: 1, open: 1 }]);
    expect(cut.windows).toMatchObject([{ exchanges: 4, open: 1 }]);
  });

  it('has no census to hold its ledger against, but where it ends with the recording', () => {
    expect(cut.ledger).toBe(null);
    expect(cut.quality.find(({ name }) => name === 'ledger')?.sentence).toBe(
      'The cut ends before the last census: what was open at the end cannot be checked.',
    );
    const tail = analyzed(bytes, { range: { sinceNs: 4.25e9, untilNs: Infinity } });
    expect(tail.ledger).toMatchObject([{ port: 8081, atStart: 1, opens: 0, closes: 0, atEnd: 1 }]);
    expect(tail.quality.find(({ name }) => name === 'ledger')?.severity).toBe('ok');
  });

  it('is the same each time, and another than that of another range', () => {
    const again = analyzed(bytes, { range: { sinceNs: 4.25e9, untilNs: 6.5e9 } });
    expect(again.digest).toBe(cut.digest);
    const other = analyzed(bytes, { range: { sinceNs: 4.25e9, untilNs: 6.6e9 } });
    expect(other.digest).not.toBe(cut.digest);
  });

  it('says nothing of what was silent outside of it', () => {
    const capture = steady();
    capture.workloads(1000, { what: 'gap', containers: [] });
    capture.workloads(3000, { what: 'list', containers: [] });
    const rows = (range?: Range): unknown[] =>
      analyzed(capture, range === undefined ? {} : { range })
        .quality.filter(({ name }) => name === 'container_engine')
        .map(({ value }) => value);
    expect(rows()).toEqual([2]);
    expect(rows({ sinceNs: 2e9, untilNs: Infinity })).toEqual([1]);
    expect(rows({ sinceNs: 4e9, untilNs: Infinity })).toEqual([]);
  });
});

it('leaves a frame as it is where nothing is cut', () => {
  const frame = readFrame(new CaptureReader(chunked(steady().bytes(), [1 << 16]), { name: 'x' }));
  expect(rangeOf({}, frame)).toBe(null);
});
