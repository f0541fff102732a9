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
    expect([1, 2, 3].map(() => inhabitants.of(own))).toEqual([
      process.pid,
      process.pid,
      process.pid,
    ]);
    expect(looks).toBe(1);
  });

  it('looks more and more seldom where nobody lives, and finds who moves in', () => {
    let living: number[] = [];
    const looksAt: number[] = [];
    let second = 0;
    const inhabitants = new Inhabitants(() => {
      looksAt.push(second);
      return living;
    });
    for (; second < 100; second++) expect(inhabitants.of(own)).toBeNull();
    expect(looksAt).toEqual([0, 2, 6, 14, 30, 62, 95]);
    living = [process.pid];
    for (; inhabitants.of(own) === null; second++);
    expect(looksAt.at(-1)).toBe(128);
  });
});
