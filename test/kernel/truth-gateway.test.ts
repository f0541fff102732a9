/** HAProxy as gateway, moving bytes inside the kernel: both hops, each exchange, and its times as the client saw them. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../support/database.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { expectAccounted, expectCase, outcomeOf, PYTHON, type Outcome } from '../support/truth.js';

const FRONT = 7501;
const BEHIND = 7502;
const TURNS = 21;
/** Bytes of the answers that pass the gateway. */
const PASSED = 20 * 300_000 + 50 * (1 << 20);

const can = canRun('gateway', [missingRecorder(), missingCommand('ip'), missingCommand('haproxy')]);

describe.runIf(can)('a gateway that splices', () => {
  let outcome: Outcome;

  beforeAll(async () => {
    outcome = await outcomeOf({ play: (stage) => stage.play('haproxy') });
  });

  const about = (): Row => outcome.truth[0]?.['about'] as Row;
  const lastOn = (port: number): Row | undefined =>
    outcome.exchanges.filter((turn) => turn['server_port'] === port).at(-1);
  const ratio = (port: number, column: string): number =>
    Number(lastOn(port)?.[column]) / Number(about()[column]);

  it('did splice, as it says itself', () => {
    expect(Number(about()['spliced'])).toBeGreaterThan(0.9 * PASSED);
  });

  it('shows both hops, each once', () => {
    expectCase(outcome, 'haproxy');
    expectAccounted(outcome, [
      [PYTHON, 'haproxy'],
      ['haproxy', PYTHON],
    ]);
  });

  it('counts each exchange on both hops, and flags none', () => {
    expect(outcome.edges.map(({ port, exchanges, flagged }) => [port, exchanges, flagged])).toEqual(
      [
        [FRONT, TURNS, 0],
        [BEHIND, TURNS, 0],
      ],
    );
    for (const edge of outcome.edges) expect(edge['server_p95_us']).not.toBeNull();
  });

  it('times the long answer as its client did', () => {
    for (const column of ['ttfb_us', 'total_us']) {
      expect(ratio(FRONT, column)).toBeGreaterThan(0.9);
      expect(ratio(FRONT, column)).toBeLessThan(1.1);
    }
  });

  it('has the first byte of the hop behind before, and the gateway done no later than its client', () => {
    expect(ratio(BEHIND, 'ttfb_us')).toBeGreaterThan(0.9);
    expect(ratio(BEHIND, 'ttfb_us')).toBeLessThanOrEqual(ratio(FRONT, 'ttfb_us'));
    expect(ratio(BEHIND, 'total_us')).toBeGreaterThan(0.5);
    expect(ratio(BEHIND, 'total_us')).toBeLessThanOrEqual(ratio(FRONT, 'total_us'));
  });
});
