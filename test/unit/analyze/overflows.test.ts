/** Full queues from the kernel's counters: what grew while it was watched, by the ports of that namespace. */
import { describe, expect, it } from 'vitest';
import { overflowsByPort, overflowsOf, overflowsOn } from '../../../src/analyze/overflows.js';

const reading = (netns: number, atNs: number, ListenOverflows: number) => ({
  at: String(atNs),
  atNs,
  netns,
  counters: { ListenOverflows },
});

describe('overflows', () => {
  it('count from the first reading of each namespace to its last', () => {
    const netstat = [
      ...[reading(1, 0, 5), reading(2, 0, 7), reading(1, 1e9, 6)],
      ...[reading(2, 1e9, 7), reading(1, 2e9, 9), reading(3, 2e9, 4)],
    ];
    expect([...overflowsOf(netstat)]).toEqual([[1, 4]]);
  });

  it('belong to every port that is listened on in their namespace, by who listens there', () => {
    const ports = [
      { netns: 1, port: 80 },
      { netns: 1, port: 81 },
      { netns: 2, port: 80 },
      { netns: 3, port: 80 },
      { netns: 4, port: 80 },
    ];
    const names = new Map([
      [1, 'api'],
      [2, 'web'],
      [3, 'api'],
    ]);
    const grown = new Map([
      [1, 4],
      [3, 2],
    ]);
    const found = overflowsByPort(grown, ports, (netns) => names.get(netns) ?? null);
    const on = (server: string, port: number): number => overflowsOn(found, server, port);
    expect([on('api', 80), on('api', 81), on('web', 80)]).toEqual([6, 4, 0]);
    // Not known to listen there, it may be any of them.
    expect([on('10.0.0.3', 80), on('10.0.0.3', 82)]).toEqual([6, 0]);
  });
});
