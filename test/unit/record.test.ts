import { describe, expect, it } from 'vitest';
import { matchesName } from '../../src/record/filter.js';
import { parseCounters } from '../../src/record/netstat.js';

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
