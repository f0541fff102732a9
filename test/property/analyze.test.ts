/** The analyzer's fast structures against slow, obvious ones. Seeds are fixed; fast-check prints them on failure. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUCKETS,
  Histogram,
  StepHistogram,
  bucketBounds,
  bucketOf,
} from '../../src/analyze/metrics/histogram.js';
import { Cells, Field } from '../../src/analyze/metrics/cells.js';
import { OpenHistogram } from '../../src/analyze/metrics/open-histogram.js';
import { bucketIn, countIn } from '../../src/analyze/metrics/packed.js';
import { OrderedEvents, REORDER_NS } from '../../src/analyze/order.js';
import { splitU64 } from '../../src/base/time.js';
import { resolveLayout } from '../../src/capture/events.js';
import { LAYOUT } from '../../src/capture/layout.gen.js';
import type { Connection } from '../../src/analyze/model.js';
import { analyzed } from '../support/analysis.js';
import { CaptureBuilder, START_NS, encodeEvent } from '../support/capture-builder.js';
import { ringRecord } from '../support/capture.js';

const SEED = 20_261_123;

/** From a microsecond to an hour, on all scales. */
const micros = fc.double({ min: 0, max: 22, noNaN: true }).map((x) => Math.exp(x));

describe('histogram', () => {
  it('gives quantiles within 1 % of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(micros, { minLength: 1, maxLength: 500 }),
        fc.constantFrom(0.01, 0.5, 0.9, 0.95, 0.99, 1),
        (values, q) => {
          const histogram = new Histogram();
          for (const value of values) histogram.add(value);
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
          expect(Math.abs(histogram.quantile(q)! / exact - 1)).toBeLessThan(0.01);
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('has buckets that touch and hold what they say', () => {
    fc.assert(
      fc.property(micros, (us) => {
        const bucket = bucketOf(us);
        const [low, high] = bucketBounds(bucket);
        // A bound itself may fall on either side: logarithms are rounded.
        expect(us).toBeGreaterThanOrEqual(low * (1 - 1e-12));
        expect(us).toBeLessThanOrEqual(high * (1 + 1e-12));
        expect(bucketBounds(bucket + 1)[0]).toBe(high);
      }),
      { seed: SEED, numRuns: 1000 },
    );
    expect([bucketOf(0), bucketOf(-1), bucketOf(NaN), bucketOf(Infinity)]).toEqual([
      0,
      0,
      0,
      BUCKETS - 1,
    ]);
  });

  it('slides: what is taken away again leaves no trace', () => {
    fc.assert(
      fc.property(fc.array(fc.array(micros, { maxLength: 30 }), { maxLength: 12 }), (steps) => {
        const parts = steps.map((values) => {
          const step = new StepHistogram();
          for (const value of values) step.add(value);
          return step;
        });
        const sum = new Histogram();
        for (const part of parts) sum.merge(part, 1);
        const whole = new Histogram();
        for (const value of steps.flat()) whole.add(value);
        expect([...sum.counts]).toEqual([...whole.counts]);
        for (const part of parts) sum.merge(part, -1);
        expect(sum.total).toBe(0);
        expect(sum.counts.every((n) => n === 0)).toBe(true);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('comes out as it was, however often it was put to rest', () => {
    fc.assert(
      fc.property(fc.array(fc.array(micros, { maxLength: 30 }), { maxLength: 8 }), (parts) => {
        const cells = new Cells();
        const row = cells.add();
        const open = new OpenHistogram();
        const plain = new StepHistogram();
        for (const part of parts) {
          open.unpack(cells.words(row, Field.latencyAt));
          for (const us of part) {
            open.add(bucketOf(us));
            plain.add(us);
          }
          cells.rest(row, Field.latencyAt, open);
        }
        const words = [...cells.words(row, Field.latencyAt)];
        expect(words.map(bucketIn)).toEqual(plain.sparse().buckets);
        expect(words.map(countIn)).toEqual(plain.sparse().counts);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
});

/** One event and when it was written: `lateNs` after its own time. */
const written = fc.record({
  atNs: fc.integer({ min: 0, max: 200e6 }),
  lateNs: fc.integer({ min: 0, max: REORDER_NS - 1 }),
  cpu: fc.integer({ min: 0, max: 3 }),
});

function accept(atNs: number, cookie: number): Buffer {
  const ts = START_NS + BigInt(atNs);
  return ringRecord(encodeEvent('ACCEPT', { ts, cookie }));
}

function readOrdered(
  records: readonly Buffer[],
  perBlock: number,
  disorderMs = 0,
): { ids: number[]; late: number } {
  const events = new OrderedEvents(resolveLayout(null), splitU64(START_NS), undefined, disorderMs);
  const ids: number[] = [];
  const drain = (): void => {
    while (events.next()) ids.push(events.event.u64(LAYOUT.ACCEPT.fields.cookie.offset));
  };
  for (let i = 0; i < records.length; i += perBlock) {
    const body = Buffer.concat(records.slice(i, i + perBlock));
    events.push(body);
    // The reader reuses its buffer.
    body.fill(0xaa);
    drain();
  }
  events.end();
  drain();
  return { ids, late: events.late };
}

describe('order', () => {
  it('sorts all events that are not later than the window, and is stable', () => {
    fc.assert(
      fc.property(
        fc.array(written, { maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        (events, perBlock) => {
          const inFile = events
            .map((event, id) => ({ ...event, id }))
            .sort((a, b) => a.atNs + a.lateNs - (b.atNs + b.lateNs));
          const { ids, late } = readOrdered(
            inFile.map(({ atNs, id }) => accept(atNs, id)),
            perBlock,
          );
          expect(ids).toEqual(inFile.toSorted((a, b) => a.atNs - b.atNs).map((e) => e.id));
          expect(late).toBe(0);
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('sorts what CPUs wrote beside each other, one CPU after the other in each drain', () => {
    const drainNs = 50e6;
    fc.assert(
      fc.property(
        fc.array(written, { maxLength: 400 }),
        fc.integer({ min: 1, max: 500 }),
        (events, perBlock) => {
          const drain = ({ atNs, lateNs }: (typeof events)[number]): number =>
            Math.floor((atNs + lateNs) / drainNs);
          const inFile = events
            .map((event, id) => ({ ...event, id }))
            .sort(
              (a, b) =>
                drain(a) - drain(b) || a.cpu - b.cpu || a.atNs + a.lateNs - (b.atNs + b.lateNs),
            );
          const { ids, late } = readOrdered(
            inFile.map(({ atNs, id }) => accept(atNs, id)),
            perBlock,
            drainNs / 1e6,
          );
          expect(ids).toEqual(inFile.toSorted((a, b) => a.atNs - b.atNs).map((e) => e.id));
          expect(late).toBe(0);
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('hands on and counts what comes too late', () => {
    const events = [10e6, 11e6, 100e6, 5e6, 101e6];
    const { ids, late } = readOrdered(
      events.map((atNs, id) => accept(atNs, id)),
      1,
    );
    expect(ids.toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(late).toBe(1);
  });
});

/** What happens on one connection, and the verdict that a person would give. */
const ENDINGS = ['client', 'server', 'reset_by_client', 'reset_by_server', 'open'] as const;
const life = fc.record({
  startMs: fc.integer({ min: 0, max: 5000 }),
  exchanges: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 6 }),
  ending: fc.constantFrom(...ENDINGS),
  clientSeen: fc.boolean(),
});

describe('the pipeline', () => {
  it('gives each connection its own row, however many live at once', () => {
    fc.assert(
      fc.property(
        fc.array(life, { maxLength: 25 }),
        fc.integer({ min: 1, max: 40 }),
        (lives, n) => {
          const capture = new CaptureBuilder();
          const gateway = capture.container('gateway', '10.0.0.2');
          const outside = capture.external('192.0.2.7');
          const auth = capture.container('auth', '10.0.0.3');
          capture.listen(auth, 8081);
          const expected = lives.map(({ startMs, exchanges, ending, clientSeen }) => {
            const client = clientSeen ? gateway : outside;
            const made = capture.connect(client, auth, 8081, startMs);
            let atMs = startMs + 1;
            for (const ms of exchanges) {
              made.exchange(atMs, ms);
              atMs += ms + 1;
            }
            if (ending === 'client' || ending === 'server') made.close(atMs, ending);
            else if (ending !== 'open')
              made.reset(atMs, ending === 'reset_by_client' ? 'client' : 'server');
            return {
              clientPort: made.clientPort,
              exchanges: exchanges.length,
              verdict: ending === 'client' || ending === 'server' ? 'ok' : ending,
              paired: clientSeen,
            };
          });
          const { connections, edges } = analyzed(capture, { perBlock: n });
          const rows = connections.map(
            ({ clientPort, exchanges, verdict, paired }: Connection) => ({
              clientPort,
              exchanges,
              verdict,
              paired,
            }),
          );
          const byPort = (
            a: { clientPort: number | null },
            b: { clientPort: number | null },
          ): number => (a.clientPort ?? 0) - (b.clientPort ?? 0);
          expect(rows.sort(byPort)).toEqual(expected.sort(byPort));
          expect(edges.reduce((sum, e) => sum + e.exchanges, 0)).toBe(
            expected.reduce((sum, e) => sum + e.exchanges, 0),
          );
        },
      ),
      { seed: SEED, numRuns: 60 },
    );
  });
});
