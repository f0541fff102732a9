/** Cuts of a capture against the whole: what is in one must be what the whole has in that time. Seeds are fixed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Connection, Exchange } from '../../src/analyze/model.js';
import type { Analyzed } from '../support/analysis.js';
import { analyzed } from '../support/analysis.js';
import { CaptureBuilder } from '../support/capture-builder.js';

const SEED = 20_261_124;
const DURATION_MS = 8000;

const ENDINGS = ['client', 'server', 'reset_by_client', 'reset_by_server', 'open'] as const;
const life = fc.record({
  startMs: fc.integer({ min: 0, max: 5000 }),
  /** How long each takes, and what passes before it. */
  exchanges: fc.array(
    fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 400 })),
    {
      maxLength: 6,
    },
  ),
  lingerMs: fc.integer({ min: 1, max: 1500 }),
  retransmits: fc.integer({ min: 0, max: 2 }),
  ending: fc.constantFrom(...ENDINGS),
  clientSeen: fc.boolean(),
});
const attempt = fc.record({
  startMs: fc.integer({ min: 0, max: 6000 }),
  tookMs: fc.integer({ min: 1, max: 1500 }),
  errno: fc.constantFrom(0, 110, 111),
});
/** Cuts are between two milliseconds, and events at them. */
const moments = fc
  .uniqueArray(fc.integer({ min: 1, max: DURATION_MS - 1 }), { minLength: 1, maxLength: 4 })
  .map((list) => list.toSorted((a, b) => a - b).map((ms) => (ms + 0.5) * 1e6));

type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

function build(lives: readonly Life[], attempts: readonly Attempt[]): CaptureBuilder {
  const capture = new CaptureBuilder();
  capture.durationMs = DURATION_MS;
  const gateway = capture.container('gateway', '10.0.0.2');
  const outside = capture.external('192.0.2.7');
  const auth = capture.container('auth', '10.0.0.3');
  capture.listen(auth, 8081);
  for (const { startMs, exchanges, lingerMs, retransmits, ending, clientSeen } of lives) {
    const made = capture.connect(clientSeen ? gateway : outside, auth, 8081, startMs);
    let atMs = startMs + 1;
    for (const [tookMs, pauseMs] of exchanges) {
      if (atMs + pauseMs + tookMs > DURATION_MS - 1600) break;
      made.exchange(atMs + pauseMs, tookMs);
      atMs += pauseMs + tookMs + 1;
    }
    for (let i = 0; i < retransmits; i++) made.retransmit(startMs + i + 1, 'server');
    atMs += lingerMs;
    if (ending === 'client' || ending === 'server') made.close(atMs, ending);
    else if (ending !== 'open')
      made.reset(atMs, ending === 'reset_by_client' ? 'client' : 'server');
  }
  for (const { startMs, tookMs, errno } of attempts)
    capture.attempt(gateway, '10.0.0.3', 8081, startMs, errno, tookMs);
  return capture;
}

/** In an order that does not depend on who was told first. */
const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** What a cut must have of the connections of the whole. */
function expectedConnections(whole: Analyzed, sinceNs: number, untilNs: number): object[] {
  return whole.connections
    .filter((row) => (row.openedNs ?? 0) < untilNs && (row.closedNs ?? Infinity) >= sinceNs)
    .map((row) => {
      const ended = row.closedNs !== null && row.closedNs < untilNs;
      const began = whole.exchanges.filter(
        ({ connection, startedNs }) =>
          connection === row.id && startedNs >= sinceNs && startedNs < untilNs,
      );
      const older = row.openedNs! < sinceNs;
      return {
        openedNs: older ? null : row.openedNs! - sinceNs,
        closedNs: ended ? row.closedNs! - sinceNs : null,
        verdict: ended ? row.verdict : 'open',
        exchanges: began.length,
        preexisting: older,
        paired: row.paired,
      };
    });
}

const shown = (row: Connection): object => ({
  openedNs: row.openedNs,
  closedNs: row.closedNs,
  verdict: row.verdict,
  exchanges: row.exchanges,
  preexisting: row.preexisting,
  paired: row.paired,
});

/** Exchanges of [sinceNs, untilNs) without their connection's number, which each analysis gives anew. */
function exchangesIn(rows: readonly Exchange[], sinceNs: number, untilNs: number): object[] {
  return rows
    .filter(({ startedNs }) => startedNs >= sinceNs && startedNs < untilNs)
    .map((row) => ({ ...row, connection: 0, startedNs: row.startedNs - sinceNs }))
    .sort((a, b) => a.startedNs - b.startedNs || a.totalUs - b.totalUs);
}

describe(`cuts of a capture (seed ${SEED})`, () => {
  it('have the connections, exchanges and failures that the whole has in their time, each once', () => {
    fc.assert(
      fc.property(
        fc.array(life, { maxLength: 12 }),
        fc.array(attempt, { maxLength: 4 }),
        moments,
        fc.integer({ min: 1, max: 40 }),
        (lives, attempts, at, perBlock) => {
          const bytes = build(lives, attempts).bytes(perBlock);
          const whole = analyzed(bytes);
          const bounds = [0, ...at, Infinity];
          const sums = { exchanges: 0, failures: 0, retransmits: 0, events: 0 };
          for (const [i, sinceNs] of bounds.slice(0, -1).entries()) {
            const untilNs = bounds[i + 1]!;
            const cut = analyzed(bytes, { range: { sinceNs, untilNs } });
            const length = Math.min(untilNs, DURATION_MS * 1e6) - sinceNs;
            expect(cut.capture.durationNs).toBe(length);
            expect(exchangesIn(cut.exchanges, 0, Infinity)).toEqual(
              exchangesIn(whole.exchanges, sinceNs, untilNs),
            );
            const expected = expectedConnections(whole, sinceNs, untilNs);
            expect(sorted(cut.connections.map(shown))).toEqual(sorted(expected));
            expect(
              cut.quality.filter(({ severity }) => severity !== 'ok' && severity !== 'info'),
            ).toEqual([]);
            for (const edge of cut.edges) {
              sums.exchanges += edge.exchanges;
              sums.failures += edge.failures;
              sums.retransmits += edge.retransmits;
            }
            sums.events += cut.capture.events;
          }
          const total = (pick: (edge: Analyzed['edges'][number]) => number): number =>
            whole.edges.reduce((sum, edge) => sum + pick(edge), 0);
          expect(sums).toEqual({
            exchanges: total((edge) => edge.exchanges),
            failures: total((edge) => edge.failures),
            retransmits: total((edge) => edge.retransmits),
            events: whole.capture.events,
          });
        },
      ),
      { seed: SEED, numRuns: 150 },
    );
  });
});
