/**
 * Which hooks are switched on: a pure function from what the kernel has to a plan. Each capability is a
 * ladder of rungs, best first; all rungs are off, then exactly one is on. A further rung is a row.
 *
 * No rung is a kprobe: a program there gets no socket that it may keep state on. None is the return of a send
 * either: by then another thread may have read the answer, so that turns would be miscounted, not just
 * be timed worse. Where the entry of sends cannot be seen there are no exchanges, and the plan says so.
 */
import type { PlanRow } from '../capture/blocks.js';
import { DhrishtiError } from '../base/errors.js';
import { EBUSY, EPERM, ESRCH, errnoName } from './errno.js';

/**
 * What the kernel was asked, and what it said: 0 for yes, else the errno of its refusal. Questions are hooks by
 * their section name, `tp_btf/inet_sock_set_state`, where needed with what is asked about them; or a helper. A
 * question that was not asked counts as refused.
 */
export type Features = ReadonlyMap<string, number>;

interface Rung {
  /** Hooks that must be there. */
  hooks: readonly string[];
  /** BPF programs that use them. */
  programs: readonly string[];
  /** A hook that is taken as well where it is there, because such kernels pass it by the others. */
  also?: { hook: string; program: string };
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

/** Called for each segment that leaves the stream towards a process, on every kernel in reach. */
const RECEIVE = 'tp_btf/tcp_rcv_space_adjust';

/** The ladders. Order within a capability is order of preference. */
export const LADDERS: readonly Capability[] = [
  {
    name: 'lifecycle',
    required: true,
    rungs: [tracepoint('inet_sock_set_state', 'state_tp')],
  },
  {
    name: 'socket storage',
    required: true,
    rungs: [{ hooks: ['helper/bpf_sk_storage_get'], programs: [] }],
  },
  {
    name: 'exchanges',
    required: false,
    rungs: [
      {
        hooks: ['tp_btf/tcp_sendmsg_locked', RECEIVE],
        programs: ['send_tp', 'receive_tp'],
      },
      {
        hooks: ['fentry/tcp_sendmsg_locked', RECEIVE],
        programs: ['send_fentry', 'receive_tp'],
        // Before Linux 6.5, sendfile and splice do not go through sendmsg.
        also: { hook: 'fentry/do_tcp_sendpages', program: 'sendpages_fentry' },
      },
    ],
    without: 'no exchange is recorded: connections, failures and bytes only',
  },
  {
    name: 'accept',
    required: false,
    rungs: [
      { hooks: ['fexit/inet_csk_accept, 2 arguments'], programs: ['accept_fexit'] },
      { hooks: ['fexit/inet_csk_accept, 4 arguments'], programs: ['accept_fexit_4'] },
      { hooks: [], programs: [], note: 'from the first use of the socket' },
    ],
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
    rungs: [
      { hooks: ['iter/bpf_sk_storage_map'], programs: ['storage_iter'] },
      // Hardened kernels refuse iterators that may write to a map's values. This one sees one namespace at a time.
      { hooks: ['iter/tcp'], programs: ['tcp_iter'], note: 'in namespaces that processes live in' },
    ],
  },
];

/** Every hook and program of a rung, the optional ones included. */
const hooksOf = (rung: Rung): readonly string[] => [
  ...rung.hooks,
  ...(rung.also ? [rung.also.hook] : []),
];
const programsOf = (rung: Rung): readonly string[] => [
  ...rung.programs,
  ...(rung.also ? [rung.also.program] : []),
];

const RUNGS = LADDERS.flatMap((capability) => capability.rungs);

/** Every question that some rung asks. */
export const ALL_QUESTIONS: readonly string[] = [...new Set(RUNGS.flatMap(hooksOf))];

/** Every BPF program that some rung uses. */
export const ALL_PROGRAMS: readonly string[] = [...new Set(RUNGS.flatMap(programsOf))];

/** What is switched on, and what the capture says about it. */
export interface Plan {
  /** Programs to load; those whose name ends in `_iter` are iterators, the rest are attached. */
  programs: readonly string[];
  rows: readonly PlanRow[];
}

/** The hook that a question is about. */
const hookOf = (question: string): string => question.replace(/,.*/, '');

/** Why the kernel said no, for a reader who does not know errno by heart. */
function refusal(question: string, errno: number | undefined): string {
  const hook = hookOf(question);
  const trampoline = /^f(entry|exit)\//.test(hook);
  if (errno === undefined) return `${hook}: was not asked for`;
  if (errno === ESRCH) return `${hook}: this kernel has none`;
  if (errno === EPERM && trampoline) return `${hook}: EPERM, this kernel refuses trampolines`;
  if (errno === EBUSY && trampoline) return `${hook}: EBUSY, function tracing is off or taken`;
  return `${hook}: ${errnoName(errno)}`;
}

/** Why the rungs that are better than `chosen` are not taken; the same hook asked in two ways counts once. */
function refusals(features: Features, better: readonly Rung[], chosen?: Rung): string[] {
  const taken = new Set(chosen?.hooks.map(hookOf));
  const refused = better
    .flatMap((rung) => rung.hooks)
    .filter((question) => features.get(question) !== 0 && !taken.has(hookOf(question)))
    .map((question) => refusal(question, features.get(question)));
  return [...new Set(refused)];
}

function planRow(
  name: string,
  hooks: readonly string[],
  none: string,
  notes: readonly string[],
): PlanRow {
  const note = notes.join('; ');
  return {
    capability: name,
    hook: hooks.length > 0 ? [...new Set(hooks.map(hookOf))].join(' + ') : none,
    ...(note === '' ? {} : { note }),
  };
}

/**
 * Chooses one rung for each capability. The note of a row says what is less than it could be, and why.
 * @throws DhrishtiError CANNOT_RECORD naming each required capability for which no rung holds.
 */
export function planProbes(features: Features): Plan {
  const has = (question: string): boolean => features.get(question) === 0;
  const programs: string[] = [];
  const rows: PlanRow[] = [];
  const missing: string[] = [];
  for (const { name, rungs, required, without } of LADDERS) {
    const at = rungs.findIndex((rung) => rung.hooks.every(has));
    const rung = rungs[at];
    if (rung) {
      const also = rung.also && has(rung.also.hook) ? rung.also : undefined;
      const why = refusals(features, rungs.slice(0, at), rung).map((reason) => `not ${reason}`);
      programs.push(...rung.programs, ...(also ? [also.program] : []));
      rows.push(
        planRow(name, [...(also ? [also.hook] : []), ...rung.hooks], 'derived', [
          ...(rung.note === undefined ? [] : [rung.note]),
          ...why,
        ]),
      );
    } else if (required) {
      missing.push(`${name} (${refusals(features, rungs).join('; ')})`);
    } else {
      rows.push(
        planRow(name, [], 'none', [
          ...(without === undefined ? [] : [without]),
          ...refusals(features, rungs),
        ]),
      );
    }
  }
  if (missing.length > 0) {
    throw new DhrishtiError(
      'CANNOT_RECORD',
      `This kernel cannot be recorded: it lacks ${missing.join(' and ')}.`,
      'Record on Linux 6.1 or newer; `analyze` works here all the same.',
    );
  }
  return { programs, rows };
}
