/** Full queues from the kernel's counters: what grew while it was watched, by the ports of that namespace. */
import { describe, expect, it } from 'vitest';
import { Listeners } from '../../../src/analyze/listeners.js';
import { overflowsByPort, overflowsOf } from '../../../src/analyze/overflows.js';

const reading = (netns: number, atNs: number, ListenOverflows: number) => ({
  at: String(atNs),
  atNs,
  netns,
  counters: { ListenOverflows },
});

const listening = (netns: number, localPort: number) => ({
  ...{ cgroup: 0, netns, localAddr: '0.0.0.0', localPort },
  ...{ remoteAddr: '0.0.0.0', remotePort: 0 },
});

describe('overflows', () => {
  it('count from the first reading of each namespace to its last', () => {
    const netstat = [
      ...[reading(1, 0, 5), reading(2, 0, 7), reading(1, 1e9, 6)],
      ...[reading(2, 1e9, 7), reading(1, 2e9, 9), reading(3, 2e9, 4)],
    ];
    expect([...overflowsOf(netstat)]).toEqual([[1, 4]]);
  });

  it('belong to every port that is listened on in their namespace, once each', () => {
    const listeners = new Listeners();
    listeners.add(1, listening(1, 80), 10, null);
    listeners.add(2, listening(1, 80), 11, null);
    listeners.add(3, listening(1, 81), 10, null);
    listeners.add(4, listening(2, 82), 12, null);
    expect([...overflowsByPort(new Map([[1, 4]]), listeners)]).toEqual([
      [80, 4],
      [81, 4],
    ]);
  });
});
