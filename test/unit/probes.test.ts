import { describe, expect, it } from 'vitest';
import { ALL_HOOKS, ALL_PROGRAMS, LADDERS, planProbes } from '../../src/record/probes.js';
import { DhrishtiError } from '../../src/base/errors.js';

const all = new Set(ALL_HOOKS);
const without = (...hooks: string[]): Set<string> =>
  new Set(ALL_HOOKS.filter((hook) => !hooks.includes(hook)));

function refusal(features: ReadonlySet<string>): DhrishtiError {
  try {
    planProbes(features);
  } catch (error) {
    if (error instanceof DhrishtiError) return error;
  }
  throw new Error('the plan was not refused');
}

describe('planProbes', () => {
  it('switches exactly one rung of each capability on', () => {
    const plan = planProbes(all);
    expect(plan.rows.map((row) => row.capability)).toEqual(LADDERS.map((c) => c.name));
    expect(new Set(plan.programs).size).toBe(plan.programs.length);
    for (const capability of LADDERS) {
      const on = capability.rungs.filter(
        (rung) => rung.programs.length > 0 && rung.programs.every((p) => plan.programs.includes(p)),
      );
      expect(on.length, capability.name).toBeLessThanOrEqual(1);
    }
  });

  it('takes only programs that the object is told about', () => {
    for (const program of planProbes(all).programs) expect(ALL_PROGRAMS).toContain(program);
  });

  it('names a required capability that no rung can serve, and its hook', () => {
    const error = refusal(without('tp_btf/inet_sock_set_state'));
    expect(error.code).toBe('CANNOT_RECORD');
    expect(error.exitStatus).toBe(3);
    expect(error.message).toBe(
      'This kernel lacks what these need: lifecycle (needs tp_btf/inet_sock_set_state).',
    );
  });

  it('names all of them at once', () => {
    const error = refusal(new Set());
    for (const { name, required, rungs } of LADDERS) {
      if (required && rungs.every((r) => r.hooks.length > 0)) expect(error.message).toContain(name);
    }
  });

  it('goes on without a capability that is not required, and says what that means', () => {
    const plan = planProbes(without('tp_btf/cgroup_mkdir'));
    expect(plan.rows).toContainEqual({
      capability: 'cgroup births',
      hook: 'none',
      note: 'containers that live for less than a second may stay without a name',
    });
    expect(plan.programs).not.toContain('cgroup_born_tp');
  });
});
