/** Connections that are older than the recording, outlive it, or lie idle: known, and never invented. */
import type { ChildProcess } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { expectCase, expectNothingElse, outcomeOf, type Outcome } from '../support/truth.js';

const OLD = ['closed_during', 'open_throughout', 'never_used', 'old_leak'];
const HELD = ['held_idle', 'leak'];

const can = canRun('kernel', [missingRecorder(), missingCommand('ip')]);

describe.runIf(can)('connections beyond the recording', () => {
  let outcome: Outcome;

  beforeAll(async () => {
    const children: ChildProcess[] = [];
    outcome = await outcomeOf({
      staleAfterNs: 1e9,
      prepare: async (stage) => {
        for (const name of OLD) {
          const child = stage.begin(name);
          await stage.take(child, 1);
          children.push(child);
        }
      },
      play: async (stage) => {
        for (const child of children) {
          stage.namespace.goOn(child);
          await stage.take(child, 1);
        }
        await stage.take(stage.begin('held_idle'), 1);
        await stage.take(stage.begin('leak'), 3);
        // Longer than --stale-after: by then the held ones are idle as well.
        await stage.play('idle_then_used');
      },
    });
  });

  it.each([...OLD, ...HELD, 'idle_then_used'])('%s', (name) => {
    expectCase(outcome, name);
  });

  it('invents nothing', () => {
    expectNothingElse(outcome);
  });

  it('finds the leaks, and takes no idle pool for one', () => {
    const idOf = (port: number): unknown =>
      outcome.edges.find((edge) => edge['port'] === port)?.['id'];
    expect(outcome.findings.map(({ kind, edge }) => [kind, edge])).toEqual([
      // The one that is older than the recording came first.
      ['leak', idOf(7207)],
      ['leak', idOf(7206)],
    ]);
  });
});
