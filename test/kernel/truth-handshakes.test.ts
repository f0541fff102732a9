/** Connections that do not come to be, or that nobody takes: each row as it was made. */
import { beforeAll, describe, expect, it } from 'vitest';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { NetworkNamespace } from '../support/netns.js';
import { expectCase, expectNothingElse, outcomeOf, type Outcome } from '../support/truth.js';

const CASES = [
  'listener_closed',
  'no_neighbour',
  'icmp_unreachable',
  'cancelled_late',
  'queue_full',
  'queue_full_late',
];
const QUEUES = [7105, 7106];

const can = canRun('kernel', [missingRecorder(), missingCommand('ip'), missingCommand('iptables')]);

describe.runIf(can)('connections that fail to be made', () => {
  let outcome: Outcome;

  beforeAll(async () => {
    const other = new NetworkNamespace();
    try {
      outcome = await outcomeOf({
        prepare: ({ namespace }) => {
          namespace.link(other, 1);
          namespace.run('ip', 'route', 'add', 'unreachable', '10.98.0.0/24');
          for (const setting of [
            'net.ipv4.tcp_syn_retries=1',
            // A neighbour that does not answer is given up at once.
            'net.ipv4.neigh.eth0.retrans_time_ms=100',
          ]) {
            namespace.run('sysctl', '-qw', setting);
          }
          const rule = ['-A', 'INPUT', '-p', 'tcp', '--dport'];
          namespace.run('iptables', ...rule, '7007', '-j', 'DROP');
          const reject = ['-j', 'REJECT', '--reject-with', 'icmp-host-unreachable'];
          namespace.run('iptables', ...rule, '7103', ...reject);
        },
        play: async (stage) => {
          await stage.play('no_route', ...CASES.slice(0, -1));
          // The last one stays: counters of a namespace are read through a process in it.
          await stage.take(stage.begin(CASES.at(-1)!), 16);
        },
      });
    } finally {
      other.destroy();
    }
  });

  it.each(CASES)('%s', (name) => {
    expectCase(outcome, name);
  });

  it('invents nothing, where connect fails before its first SYN as well', () => {
    expectNothingElse(outcome, '10.99.1.77');
  });

  it('names the listeners whose queue overflowed, and by what it is known', () => {
    const ids = QUEUES.map((port) => outcome.edges.find((edge) => edge['port'] === port)?.['id']);
    const full = outcome.findings.filter((finding) => finding['kind'] === 'queue_full');
    expect(full.map((finding) => finding['edge']).sort()).toEqual(ids);
    expect(outcome.quality.filter((row) => row['name'] === 'listen_overflows')).toMatchObject([
      { severity: 'warning' },
    ]);
  });
});
