/** Exchanges against the traffic generator's own clock, and what must not be told as exchanges. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../support/database.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { expectCase, expectNothingElse, outcomeOf, type Outcome } from '../support/truth.js';

const PORTS = {
  sendfile: 7401,
  long_poll: 7402,
  splice_proxy: 7403,
  pipelined: 7405,
  in_flight: 7406,
  greeting: 7407,
  download: 7408,
  upload: 7409,
} as const;
const CASES = Object.keys(PORTS) as (keyof typeof PORTS)[];

const can = canRun('kernel', [missingRecorder(), missingCommand('ip')]);

describe.runIf(can)('exchanges whose truth is known', () => {
  let outcome: Outcome;

  beforeAll(async () => {
    outcome = await outcomeOf({ play: (stage) => stage.play(...CASES) });
  });

  const edgeOf = (port: number): Row | undefined =>
    outcome.edges.find((edge) => edge['port'] === port);

  it.each(CASES)('%s', (name) => {
    expectCase(outcome, name);
  });

  it('invents nothing', () => {
    expectNothingElse(outcome);
  });

  it.each(['sendfile', 'long_poll'] as const)('times %s as its client did', (name) => {
    const about = outcome.truth.find((row) => row['case'] === name)?.['about'] as
      Record<'ttfb_us' | 'total_us', number> | undefined;
    const turns = outcome.exchanges.filter((turn) => turn['server_port'] === PORTS[name]);
    expect(turns.length).toBe(1);
    for (const column of ['ttfb_us', 'total_us'] as const) {
      const ratio = Number(turns[0]?.[column]) / (about?.[column] ?? NaN);
      expect(ratio).toBeGreaterThan(0.9);
      expect(ratio).toBeLessThan(1.1);
    }
  });

  it('counts the turns of both hops of a relay that splices', () => {
    for (const port of [PORTS.splice_proxy, PORTS.splice_proxy + 1]) {
      expect(edgeOf(port)).toMatchObject({ exchanges: 20, flagged: 0 });
      expect(edgeOf(port)?.['p50_us']).not.toBeNull();
      expect(edgeOf(port)?.['server_p95_us']).not.toBeNull();
    }
  });

  it('keeps pipelined requests out of percentiles', () => {
    const edge = edgeOf(PORTS.pipelined);
    expect(edge?.['flagged']).toBe(edge?.['exchanges']);
    expect(edge).toMatchObject({ p50_us: null, p95_us: null, p99_us: null, avg_us: null });
  });

  it('keeps requests that were in flight together out of percentiles', () => {
    expect(edgeOf(PORTS.in_flight)).toMatchObject({ exchanges: 11, flagged: 11, p50_us: null });
  });

  it('flags the turn that a greeting made doubtful, and only that', () => {
    expect(edgeOf(PORTS.greeting)).toMatchObject({ exchanges: 3, flagged: 1 });
  });

  it('has no percentile of streams', () => {
    for (const port of [PORTS.download, PORTS.upload]) {
      expect(edgeOf(port)).toMatchObject({ exchanges: 0, flagged: 0, p50_us: null, avg_us: null });
    }
  });
});
