/** Rules about connections that are kept, and about what the recording cannot vouch for. */
import { call, every, pair } from './case.js';
import type { Case, Pair } from './case.js';

/** A kept connection that carries 50 exchanges a second, and a retransmit every `everyMs` from 4 s on. */
function resent(n: number, exchangeEveryMs = 20): Pair {
  const shop = pair();
  const made = shop.capture.connect(shop.orders, shop.inventory, 8083, 50);
  every(100, exchangeEveryMs, 9800 / exchangeEveryMs, (atMs) => made.exchange(atMs, 1));
  every(4000, 100, n, (atMs) => made.retransmit(atMs));
  return shop;
}

/** From 4 s on, `n` connections for one exchange each; before, all exchanges on one connection, or none. */
function unkept(n: number, keptBefore: boolean): Pair {
  const shop = pair();
  if (keptBefore) {
    const made = shop.capture.connect(shop.orders, shop.inventory, 8083, 50);
    every(100, 20, 190, (atMs) => made.exchange(atMs, 1));
    made.close(3950);
  }
  every(4000, 100, n, (atMs) => call(shop, atMs));
  return shop;
}

/** A pool that fills up: as many connections, and none of them closed. */
function fillingPool(n: number): Pair {
  const shop = unkept(0, true);
  every(4000, 100, n, (atMs) => {
    shop.capture.connect(shop.orders, shop.inventory, 8083, atMs).exchange(atMs + 1, 1);
  });
  return shop;
}

/** Connections that are used once and stay, opened `everyMs` apart. */
function idle(n: number, everyMs: number): Pair {
  const shop = pair(20_000);
  every(1000, everyMs, n, (atMs) => {
    shop.capture.connect(shop.orders, shop.inventory, 8083, atMs).exchange(atMs + 1, 1);
  });
  return shop;
}

/** The client closes at 2 s; the server's process never does, or does so at once. */
function leftOpen(forever: boolean): Pair {
  const shop = pair(20_000);
  every(1000, 10, 5, (atMs) => {
    const made = shop.capture
      .connect(shop.orders, shop.inventory, 8083, atMs)
      .exchange(atMs + 1, 1);
    if (!forever) made.close(2000);
    else {
      made
        .fin(2000, 'client', 'sent')
        .fin(2000.02, 'server', 'received')
        .end(2001, 'client', { flags: 8, old_state: 5 })
        .vanish('client');
    }
  });
  return shop;
}

function losing(lost: number): Pair {
  const shop = pair();
  const made = shop.capture.connect(shop.orders, shop.inventory, 8083, 50);
  every(100, 10, 980, (atMs) => made.exchange(atMs, 1));
  for (let s = 1; s <= 10; s++) shop.capture.lost(1000 * s, { EXCHANGE: s > 4 ? lost : 0 });
  return shop;
}

/** 100 connections to one service, `n` of them from a socket that nothing names. */
function nameless(n: number): Pair {
  const shop = pair();
  const nobody = { ...shop.orders, pid: 77, cgroup: 0, netns: 999, address: '10.0.9.9' };
  every(100, 50, 100 - n, (atMs) => call(shop, atMs));
  every(120, 50, n, (atMs) => call({ ...shop, orders: nobody }, atMs));
  return shop;
}

const PATIENCE = { staleAfterNs: 3e9 };

export const KEPT: Case[] = [
  {
    kind: 'retransmits',
    line: 'nine segments instead of ten',
    fires: () => resent(10).capture,
    says: [
      'orders → inventory:8083: 10 segments had to be sent again between 4 s and 5 s, for 50 exchanges.',
    ],
    near: () => resent(9).capture,
  },
  {
    kind: 'retransmits',
    line: 'one for each hundred exchanges instead of five',
    fires: () => resent(40, 5).capture,
    says: [
      'orders → inventory:8083: 40 segments had to be sent again between 4 s and 8 s, for 800 exchanges.',
    ],
    near: () => resent(10, 1).capture,
  },
  {
    kind: 'churn',
    line: '29 connections instead of 30',
    fires: () => unkept(30, true).capture,
    says: [
      'orders → inventory:8083: 30 connections for 30 exchanges between 4 s and 7 s, ' +
        'though it has 190 exchanges a connection at other times: keep-alive does not work.',
    ],
    near: () => unkept(29, true).capture,
  },
  {
    kind: 'churn',
    line: 'nobody ever kept a connection',
    fires: () => unkept(50, true).capture,
    says: [
      'orders → inventory:8083: 50 connections for 50 exchanges between 4 s and 9 s, ' +
        'though it has 190 exchanges a connection at other times: keep-alive does not work.',
    ],
    near: () => unkept(50, false).capture,
  },
  {
    kind: 'churn',
    line: 'the connections stay: a pool fills up',
    fires: () => {
      const shop = unkept(50, false);
      const other = shop.capture.container('gateway', '10.0.0.4');
      const made = shop.capture.connect(other, shop.inventory, 8083, 50);
      every(100, 100, 90, (atMs) => made.exchange(atMs, 1));
      return shop.capture;
    },
    says: [
      'orders → inventory:8083: 50 connections for 50 exchanges between 4 s and 9 s, ' +
        'though gateway has 90 exchanges a connection there: keep-alive does not work.',
    ],
    near: () => fillingPool(50).capture,
  },
  {
    kind: 'leak',
    line: 'the server closes too',
    fires: () => leftOpen(true).capture,
    says: [
      'orders → inventory:8083: 5 connections closed by one end and still held open by the other ' +
        'when the capture ended, for up to 18 s.',
    ],
    near: () => leftOpen(false).capture,
    options: PATIENCE,
  },
  {
    kind: 'leak_idle',
    line: 'opened within moments, as a pool is',
    fires: () => idle(12, 1000).capture,
    says: [
      'orders → inventory:8083: 12 connections opened one after the other between 1 s and 12 s, used no more and never closed.',
    ],
    near: () => idle(12, 10).capture,
    options: PATIENCE,
  },
  {
    kind: 'leak_idle',
    line: 'nine instead of ten',
    fires: () => idle(10, 1200).capture,
    says: [
      'orders → inventory:8083: 10 connections opened one after the other between 1 s and 11.8 s, used no more and never closed.',
    ],
    near: () => idle(9, 1200).capture,
    options: PATIENCE,
  },
  {
    kind: 'lost_events',
    line: 'one event of the step in 200 lost',
    fires: () => losing(20).capture,
    says: [
      '20 events were lost between 4 s and 5 s: 99 % were recorded, and counts of that time are too low.',
    ],
    near: () => losing(1).capture,
  },
  {
    kind: 'unknown_owners',
    line: 'five of a hundred instead of six',
    fires: () => nameless(6).capture,
    says: ['6 connections (6 %) have an end whose owner is not known.'],
    near: () => nameless(5).capture,
  },
];
