/** Rules about connecting: failures, no answer, full queues, lost SYNs. */
import { call, every, pair } from './case.js';
import type { Case, Pair } from './case.js';

const REFUSED = 111;
const UNREACHABLE = 113;
const TIMED_OUT = 110;

/** 100 calls, one every 100 ms; those that begin in [fromMs, toMs) fail. */
function failing(fromMs: number, toMs: number, errno: number): Pair {
  const shop = pair();
  every(10, 100, 100, (atMs) => {
    const fails = atMs >= fromMs && atMs < toMs;
    if (fails) shop.capture.attempt(shop.orders, '10.0.0.3', 8083, atMs, errno);
    else call(shop, atMs);
  });
  return shop;
}

/** Connections that are reset after an exchange, and good ones until the end. */
function reset(by: 'client' | 'server', n: number, afterwards: boolean): Pair {
  const shop = pair();
  every(100, 10, n, (atMs) => {
    shop.capture
      .connect(shop.orders, shop.inventory, 8083, atMs)
      .exchange(atMs + 1, 1)
      .reset(5000, by);
  });
  every(200, 100, afterwards ? 90 : 45, (atMs) => call(shop, atMs));
  return shop;
}

function neverAccepted(n: number): Pair {
  const shop = pair();
  every(2000, 10, n, (atMs) => {
    shop.capture
      .connect(shop.orders, shop.inventory, 8083, atMs, { accepted: false })
      .fin(atMs + 500, 'client', 'sent')
      .end(atMs + 501, 'client', { flags: 8, old_state: 5 })
      .end(atMs + 600, 'server', { flags: 16, old_state: 8 });
  });
  every(200, 100, 90, (atMs) => call(shop, atMs));
  return shop;
}

function lostSyns(n: number, over: { lostSyns?: number; slowMs?: number }): Pair {
  const shop = pair();
  every(1000, 100, n, (atMs) => {
    const made = shop.capture.connect(shop.orders, shop.inventory, 8083, atMs, over);
    made.exchange(atMs + 3500, 1).close(atMs + 3600);
  });
  every(100, 100, 90, (atMs) => call(shop, atMs));
  return shop;
}

function full(overflows: number): Pair {
  const shop = neverAccepted(4);
  const { netns } = shop.inventory;
  shop.capture.netstat(1000, netns, { ListenOverflows: 7 });
  shop.capture.netstat(9000, netns, { ListenOverflows: 7 + overflows });
  return shop;
}

export const CONNECT: Case[] = [
  {
    kind: 'failures_refused',
    line: 'two refusals instead of three',
    fires: () => failing(4010, 4310, REFUSED).capture,
    says: [
      'orders → inventory:8083: 3 connections refused between 4 s and 5 s (ECONNREFUSED), 3 of 10 attempts in that time.',
    ],
    near: () => failing(4010, 4210, REFUSED).capture,
  },
  {
    kind: 'failures_timeout',
    line: 'two timeouts instead of three',
    fires: () => failing(4010, 4310, TIMED_OUT).capture,
    says: [
      'orders → inventory:8083: 3 connections timed out between 4 s and 5 s (ETIMEDOUT), 3 of 10 attempts in that time.',
    ],
    near: () => failing(4010, 4210, TIMED_OUT).capture,
  },
  {
    kind: 'failures_unreachable',
    line: 'two instead of three',
    fires: () => failing(4010, 4310, UNREACHABLE).capture,
    says: [
      'orders → inventory:8083: 3 connections found no path to the server between 4 s and 5 s, 3 of 10 attempts in that time.',
    ],
    near: () => failing(4010, 4210, UNREACHABLE).capture,
  },
  {
    kind: 'failures_reset_by_server',
    line: 'two resets instead of three',
    fires: () => reset('server', 3, true).capture,
    says: ['orders → inventory:8083: 3 connections reset by inventory between 5 s and 6 s.'],
    near: () => reset('server', 2, true).capture,
  },
  {
    kind: 'failures_reset_by_client',
    line: 'a client that is silent ever after',
    fires: () => reset('client', 20, true).capture,
    says: ['orders → inventory:8083: 20 connections reset by orders between 5 s and 6 s.'],
    near: () => reset('client', 20, false).capture,
  },
  {
    kind: 'failures_never_accepted',
    line: 'two instead of three',
    fires: () => neverAccepted(3).capture,
    says: [
      'orders → inventory:8083: 3 connections never accepted by inventory between 2 s and 3 s.',
    ],
    near: () => neverAccepted(2).capture,
  },
  {
    kind: 'no_answer',
    line: 'given up before the SYN was sent again',
    fires: () => {
      const { capture, orders } = pair();
      every(1000, 1, 4, (atMs) => capture.attempt(orders, '10.0.0.3', 8083, atMs, 0, 3000, 1));
      return capture;
    },
    says: [
      'orders → inventory:8083: 4 attempts to connect got no answer between 4 s and 5 s, and orders gave up.',
    ],
    near: () => {
      const { capture, orders } = pair();
      every(1000, 1, 4, (atMs) => capture.attempt(orders, '10.0.0.3', 8083, atMs, 0, 900));
      return capture;
    },
  },
  {
    kind: 'queue_full',
    line: 'the kernel counted no overflow',
    fires: () => full(9).capture,
    says: [
      'orders → inventory:8083: inventory did not accept connections fast enough and its queue was full: ' +
        '4 connections never accepted, 0 attempts without an answer.',
    ],
    near: () => full(0).capture,
  },
  {
    kind: 'syn_loss',
    line: 'slow handshakes in which nothing was lost',
    fires: () => lostSyns(3, { lostSyns: 2 }).capture,
    says: [
      'orders → inventory:8083: 3 of 13 connects between 1 s and 2 s took 1 s or longer, up to 3 s, because SYNs or their answers were lost.',
    ],
    near: () => lostSyns(3, { slowMs: 3000 }).capture,
  },
  {
    kind: 'syn_loss',
    line: 'two instead of three',
    fires: () => lostSyns(3, { lostSyns: 1 }).capture,
    says: [
      'orders → inventory:8083: 3 of 13 connects between 1 s and 2 s took 1 s or longer, up to 1 s, because SYNs or their answers were lost.',
    ],
    near: () => lostSyns(2, { lostSyns: 1 }).capture,
  },
];
