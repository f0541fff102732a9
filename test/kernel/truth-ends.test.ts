/** How connections end, over every address family, with ports used again: each row as it was made. */
import { beforeAll, describe, expect, it } from 'vitest';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { expectCase, expectNothingElse, outcomeOf, type Outcome } from '../support/truth.js';

const CASES = [
  'server_first',
  'both_at_once',
  'server_half_close',
  'families',
  'port_again',
  'port_after_time_wait',
];

const can = canRun('kernel', [missingRecorder(), missingCommand('ip'), missingCommand('iptables')]);

describe.runIf(can)('connections by how they end', () => {
  let outcome: Outcome;

  beforeAll(async () => {
    outcome = await outcomeOf({ play: (stage) => stage.play(...CASES) });
  });

  it.each(CASES)('%s', (name) => {
    expectCase(outcome, name);
  });

  it('invents nothing', () => {
    expectNothingElse(outcome);
  });

  it('names each family the same way, and each connection once', () => {
    const edges = outcome.edges.filter((edge) => Number(edge['port']) >= 7310);
    expect(edges.map(({ port, connections, exchanges }) => [port, connections, exchanges])).toEqual(
      [7310, 7311, 7312, 7313, 7314].map((port) => [port, 1, 4]),
    );
  });
});
