import { describe, expect, it } from 'vitest';
import { ALL_PROGRAMS, ALL_QUESTIONS, LADDERS, planProbes } from '../../src/record/probes.js';
import { DhrishtiError } from '../../src/base/errors.js';

const EPERM = 1;
const ESRCH = 3;
const EACCES = 13;
const EINVAL = 22;

const ACCEPT_2 = 'fexit/inet_csk_accept, 2 arguments';
const ACCEPT_4 = 'fexit/inet_csk_accept, 4 arguments';
const TRAMPOLINES = ALL_QUESTIONS.filter((question) => /^f(entry|exit)\//.test(question));

/** A kernel that says yes to everything but these, which it refuses with their errno. */
function kernel(refusals: Record<string, number> = {}): Map<string, number> {
  return new Map(ALL_QUESTIONS.map((question) => [question, refusals[question] ?? 0]));
}

/**
 * What kernels say. 6.1 and 6.12 are booted in test/kernels; 5.10 is not, as its package is no longer beside
 * theirs. The others refuse trampolines, or iterators that may write to a
 * map's values, as hardened kernels do.
 */
const KERNELS = {
  '5.10': kernel({
    'tp_btf/tcp_sendmsg_locked': ESRCH,
    'helper/bpf_sk_storage_get': EINVAL,
    [ACCEPT_2]: EACCES,
  }),
  '6.1': kernel({ 'tp_btf/tcp_sendmsg_locked': ESRCH, [ACCEPT_2]: EACCES }),
  '6.12': kernel({
    'tp_btf/tcp_sendmsg_locked': ESRCH,
    'fentry/do_tcp_sendpages': ESRCH,
    [ACCEPT_4]: EACCES,
  }),
  '6.18 without trampolines': kernel(
    Object.fromEntries(
      TRAMPOLINES.map((question) => [question, question.includes('sendpages') ? ESRCH : EPERM]),
    ),
  ),
  '6.18 without iterators that may write': kernel({ 'iter/bpf_sk_storage_map': EPERM }),
  '6.12 without trampolines': kernel({
    'tp_btf/tcp_sendmsg_locked': ESRCH,
    ...Object.fromEntries(TRAMPOLINES.map((question) => [question, EPERM])),
  }),
};

function row(features: ReadonlyMap<string, number>, capability: string): unknown {
  return planProbes(features).rows.find((r) => r.capability === capability);
}

function refusal(features: ReadonlyMap<string, number>): DhrishtiError {
  try {
    planProbes(features);
  } catch (error) {
    if (error instanceof DhrishtiError) return error;
  }
  throw new Error('the plan was not refused');
}

describe('planProbes', () => {
  it.each(Object.entries({ all: kernel(), ...KERNELS }).filter(([name]) => name !== '5.10'))(
    'switches at most one rung of each capability on, and tells of each: %s',
    (_name, features) => {
      const plan = planProbes(features);
      expect(plan.rows.map((r) => r.capability)).toEqual(LADDERS.map((c) => c.name));
      expect(new Set(plan.programs).size).toBe(plan.programs.length);
      for (const program of plan.programs) expect(ALL_PROGRAMS).toContain(program);
      for (const capability of LADDERS) {
        const on = capability.rungs.filter(
          ({ programs }) => programs.length > 0 && programs.every((p) => plan.programs.includes(p)),
        );
        expect(on.length, capability.name).toBeLessThanOrEqual(1);
      }
    },
  );

  it('takes the entry of functions, and that of sendfile, where there is no tracepoint: 6.1', () => {
    expect(row(KERNELS['6.1'], 'exchanges')).toEqual({
      capability: 'exchanges',
      hook: 'fentry/do_tcp_sendpages + fentry/tcp_sendmsg_locked + tp_btf/tcp_rcv_space_adjust',
      note: 'not tp_btf/tcp_sendmsg_locked: this kernel has none',
    });
    expect(planProbes(KERNELS['6.1']).programs).toEqual(
      expect.arrayContaining(['send_fentry', 'sendpages_fentry', 'receive_tp', 'accept_fexit_4']),
    );
    expect(planProbes(KERNELS['6.1']).programs).not.toContain('send_tp');
    expect(row(KERNELS['6.1'], 'accept')).toEqual({
      capability: 'accept',
      hook: 'fexit/inet_csk_accept',
    });
  });

  it('goes without the function of sendfile where there is none: 6.12', () => {
    const { programs } = planProbes(KERNELS['6.12']);
    expect(programs).toEqual(expect.arrayContaining(['send_fentry', 'accept_fexit']));
    expect(programs).not.toContain('sendpages_fentry');
    expect(programs).not.toContain('accept_fexit_4');
  });

  it('takes tracepoints where trampolines are refused, and says so: 6.18', () => {
    const features = KERNELS['6.18 without trampolines'];
    expect(row(features, 'exchanges')).toEqual({
      capability: 'exchanges',
      hook: 'tp_btf/tcp_sendmsg_locked + tp_btf/tcp_rcv_space_adjust',
    });
    expect(row(features, 'accept')).toEqual({
      capability: 'accept',
      hook: 'derived',
      note: 'from the first use of the socket; not fexit/inet_csk_accept: EPERM, this kernel refuses trampolines',
    });
  });

  it('comes by recorded sockets namespace by namespace where their storage cannot be walked', () => {
    const features = KERNELS['6.18 without iterators that may write'];
    expect(row(features, 'last flush')).toEqual({
      capability: 'last flush',
      hook: 'iter/tcp',
      note: 'in namespaces that processes live in; not iter/bpf_sk_storage_map: EPERM',
    });
    expect(planProbes(features).programs).toContain('tcp_iter');
    expect(planProbes(features).programs).not.toContain('storage_iter');
  });

  it('records connections only where no entry of a send can be seen, and says so', () => {
    const features = KERNELS['6.12 without trampolines'];
    expect(row(features, 'exchanges')).toEqual({
      capability: 'exchanges',
      hook: 'none',
      note:
        'no exchange is recorded: connections, failures and bytes only; ' +
        'tp_btf/tcp_sendmsg_locked: this kernel has none; ' +
        'fentry/tcp_sendmsg_locked: EPERM, this kernel refuses trampolines',
    });
    expect(planProbes(features).programs).not.toContain('receive_tp');
  });

  it('refuses a kernel that keeps no state on sockets, in one sentence: 5.10', () => {
    const error = refusal(KERNELS['5.10']);
    expect(error.code).toBe('CANNOT_RECORD');
    expect(error.exitStatus).toBe(3);
    expect(error.message).toBe(
      'This kernel cannot be recorded: it lacks socket storage (helper/bpf_sk_storage_get: EINVAL).',
    );
  });

  it('names all that is required and missing at once', () => {
    const error = refusal(new Map());
    for (const { name, required } of LADDERS) {
      if (required) expect(error.message).toContain(name);
    }
  });

  it('goes on without a capability that is not required, and says what that means', () => {
    const plan = planProbes(kernel({ 'tp_btf/cgroup_mkdir': ESRCH }));
    expect(plan.rows).toContainEqual({
      capability: 'cgroup births',
      hook: 'none',
      note:
        'containers that live for less than a second may stay without a name; ' +
        'tp_btf/cgroup_mkdir: this kernel has none',
    });
    expect(plan.programs).not.toContain('cgroup_born_tp');
  });
});
