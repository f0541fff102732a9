/**
 * Which hooks are switched on: a pure function from what the kernel has to a plan. Each capability is a
 * ladder of rungs, best first; all rungs are off, then exactly one is on. A further rung is a row.
 */
import type { PlanRow } from '../capture/blocks.js';
import { DhrishtiError } from '../base/errors.js';

/** What the kernel was asked for, and has: hooks by their section name, `tp_btf/inet_sock_set_state`. */
export type Features = ReadonlySet<string>;

interface Rung {
  /** Hooks that must be there. */
  hooks: readonly string[];
  /** BPF programs that use them. */
  programs: readonly string[];
  note?: string;
}

interface Capability {
  name: string;
  /** Without it there is no recording. */
  required: boolean;
  rungs: readonly Rung[];
  /** What the reader of a capture must know where no rung holds. */
  without?: string;
}

const tracepoint = (hook: string, program: string): Rung => ({
  hooks: [`tp_btf/${hook}`],
  programs: [program],
});

/** The ladders. Order within a capability is order of preference. */
export const LADDERS: readonly Capability[] = [
  {
    name: 'lifecycle',
    required: true,
    rungs: [tracepoint('inet_sock_set_state', 'state_tp')],
  },
  {
    name: 'send entry',
    required: true,
    rungs: [tracepoint('tcp_sendmsg_locked', 'send_tp')],
  },
  {
    name: 'receive',
    required: true,
    rungs: [tracepoint('tcp_rcv_space_adjust', 'receive_tp')],
  },
  {
    name: 'accept',
    required: false,
    rungs: [{ hooks: [], programs: [], note: 'derived from the first use of the socket' }],
  },
  {
    name: 'retransmits',
    required: false,
    rungs: [tracepoint('tcp_retransmit_skb', 'retransmit_tp')],
    without: 'retransmits are known as totals at close only',
  },
  {
    name: 'SYN-ACK retransmits',
    required: false,
    rungs: [tracepoint('tcp_retransmit_synack', 'synack_tp')],
    without: 'overflowing accept queues are harder to see',
  },
  {
    name: 'resets sent',
    required: false,
    rungs: [tracepoint('tcp_send_reset', 'reset_sent_tp')],
    without: 'who reset is told from the receiving end alone',
  },
  {
    name: 'resets received',
    required: false,
    rungs: [tracepoint('tcp_receive_reset', 'reset_received_tp')],
    without: 'who reset is told from the error of the socket alone',
  },
  {
    name: 'cgroup births',
    required: false,
    rungs: [
      {
        hooks: ['tp_btf/cgroup_mkdir', 'tp_btf/cgroup_rmdir'],
        programs: ['cgroup_born_tp', 'cgroup_died_tp'],
      },
    ],
    without: 'containers that live for less than a second may stay without a name',
  },
  {
    name: 'census',
    required: true,
    rungs: [{ hooks: ['iter/task_file'], programs: ['census_iter'] }],
  },
  {
    name: 'last flush',
    required: true,
    rungs: [{ hooks: ['iter/bpf_sk_storage_map'], programs: ['flush_iter'] }],
  },
];

/** Every hook that some rung asks for. */
export const ALL_HOOKS: readonly string[] = [
  ...new Set(LADDERS.flatMap((c) => c.rungs.flatMap((r) => r.hooks))),
];

/** Every BPF program that some rung uses. */
export const ALL_PROGRAMS: readonly string[] = [
  ...new Set(LADDERS.flatMap((c) => c.rungs.flatMap((r) => r.programs))),
];

/** What is switched on, and what the capture says about it. */
export interface Plan {
  /** Programs to load; those whose name ends in `_iter` are iterators, the rest are attached. */
  programs: readonly string[];
  rows: readonly PlanRow[];
}

/**
 * Chooses one rung for each capability.
 * @throws DhrishtiError CANNOT_RECORD naming each required capability for which no rung holds.
 */
export function planProbes(features: Features): Plan {
  const programs: string[] = [];
  const rows: PlanRow[] = [];
  const missing: string[] = [];
  for (const capability of LADDERS) {
    const rung = capability.rungs.find((r) => r.hooks.every((hook) => features.has(hook)));
    if (rung) {
      programs.push(...rung.programs);
      const hook = rung.hooks.length > 0 ? rung.hooks.join(' + ') : 'derived';
      rows.push({
        capability: capability.name,
        hook,
        ...(rung.note === undefined ? {} : { note: rung.note }),
      });
    } else if (capability.required) {
      const wanted = capability.rungs.map((r) => r.hooks.join(' + ')).join(', or ');
      missing.push(`${capability.name} (needs ${wanted})`);
    } else {
      rows.push({
        capability: capability.name,
        hook: 'none',
        ...(capability.without === undefined ? {} : { note: capability.without }),
      });
    }
  }
  if (missing.length > 0) {
    throw new DhrishtiError(
      'CANNOT_RECORD',
      `This kernel lacks what these need: ${missing.join('; ')}.`,
      'Record on Linux 6.16 or newer; `dhrishti doctor` shows every hook. `analyze` works here all the same.',
    );
  }
  return { programs, rows };
}
