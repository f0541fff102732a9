import { describe, expect, it } from 'vitest';
import { netnsOfProcess } from '../../src/record/cgroups.js';
import { matchesName } from '../../src/record/filter.js';
import { Inhabitants, parseCounters } from '../../src/record/netstat.js';

describe('matchesName', () => {
  it.each([
    ['shop-auth-1', 'shop-auth-1', true],
    ['shop-*', 'shop-auth-1', true],
    ['*-auth-*', 'shop-auth-1', true],
    ['shop', 'shop-auth-1', false],
    ['shop.auth.1', 'shop-auth-1', false],
    ['*', '', true],
  ])('%s against %s: %s', (pattern, name, expected) => {
    expect(matchesName(pattern, name)).toBe(expected);
  });
});

describe('parseCounters', () => {
  it('pairs names with values of the TCP sections and leaves the rest out', () => {
    const text = [
      'Ip: Forwarding DefaultTTL',
      'Ip: 1 64',
      'Tcp: RtoMin ActiveOpens RetransSegs',
      'Tcp: 200 17 3',
      'TcpExt: SyncookiesSent ListenOverflows ListenDrops',
      'TcpExt: 0 5 6',
      '',
    ].join('\n');
    expect(parseCounters(text)).toEqual({
      ActiveOpens: 17,
      RetransSegs: 3,
      ListenOverflows: 5,
      ListenDrops: 6,
    });
  });
});

describe('Inhabitants', () => {
  const own = netnsOfProcess('self');

  it('looks through all processes once, and keeps to the one that it found', () => {
    let looks = 0;
    const inhabitants = new Inhabitants(() => {
      looks++;
      return [process.pid];
    });
    const second = (events: number): number | null => inhabitants.of(own, events);
    expect([5, 6, 7].map(second)).toEqual([process.pid, process.pid, process.pid]);
    expect(looks).toBe(1);
  });

  it('looks again where nobody lived once something has happened, and finds who moved in', () => {
    let living: number[] = [];
    const looksAt: number[] = [];
    let events = 0;
    const inhabitants = new Inhabitants(() => {
      looksAt.push(events);
      return living;
    });
    const second = (seen: number): number | null => inhabitants.of(own, (events = seen));
    expect([0, 0, 0, 3, 3].map(second)).toEqual([null, null, null, null, null]);
    living = [process.pid];
    expect([3, 4, 4].map(second)).toEqual([null, process.pid, process.pid]);
    expect(looksAt).toEqual([0, 3, 4]);
  });
});
