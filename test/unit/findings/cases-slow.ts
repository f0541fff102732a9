/** Rules about time: latency shifts and where the time went, slow dependencies, exhausted pools. */
import type { Actor, BuiltConnection } from '../../support/capture-builder.js';
import { CaptureBuilder } from '../../support/capture-builder.js';
import type { Case } from './case.js';
import { every, pair } from './case.js';

interface Took {
  totalMs: number;
  serverMs: number;
  pickupMs?: number;
}

const FAST: Took = { totalMs: 2, serverMs: 1.5 };

/** 50 exchanges a second on one connection; from 4 s on, for `slowMs`, they take `slow`. */
function shift(slow: Took, slowMs = 3000, lostSegments = 0): CaptureBuilder {
  const { capture, orders, inventory } = pair();
  const made = capture.connect(orders, inventory, 8083, 50);
  every(100, 20, 480, (atMs) => {
    const { totalMs, ...rest } = atMs >= 4000 && atMs < 4000 + slowMs ? slow : FAST;
    made.exchange(atMs, totalMs, rest);
  });
  every(4000, 3000 / lostSegments, lostSegments, (atMs) => made.retransmit(atMs));
  return capture;
}

/** A new connection for each exchange. */
function shiftOfNew(slow: Took): CaptureBuilder {
  const { capture, orders, inventory } = pair();
  every(100, 20, 480, (atMs) => {
    const { totalMs, ...rest } = atMs >= 4000 && atMs < 7000 ? slow : FAST;
    const made = capture.connect(orders, inventory, 8083, atMs, { accepted: false });
    made.accept(atMs + (rest.pickupMs ?? 0.1));
    made.exchange(atMs + 0.1, totalMs, rest).close(atMs + totalMs + 5);
  });
  return capture;
}

interface Chain {
  capture: CaptureBuilder;
  load: Actor;
  gateway: Actor;
  auth: Actor;
}

function chain(): Chain {
  const capture = new CaptureBuilder();
  capture.durationMs = 12_000;
  const [load, gateway, auth] = ['load', 'gateway', 'auth'].map((name, i) =>
    capture.container(name, `10.0.0.${1 + i}`),
  ) as [Actor, Actor, Actor];
  capture.listen(gateway, 8080);
  capture.listen(auth, 8081);
  return { capture, load, gateway, auth };
}

/** load calls gateway, which calls auth and adds 2 ms; from 4 s to 7 s one of them takes 15 ms more. */
function dependency(slowOne: 'auth' | 'gateway'): CaptureBuilder {
  const { capture, load, gateway, auth } = chain();
  const front = capture.connect(load, gateway, 8080, 50);
  const back = capture.connect(gateway, auth, 8081, 60);
  every(200, 20, 480, (atMs) => {
    const slow = atMs >= 4000 && atMs < 7000 ? 15 : 0;
    const inAuth = 1 + (slowOne === 'auth' ? slow : 0);
    back.exchange(atMs + 1, inAuth, { serverMs: inAuth - 0.1 });
    front.exchange(atMs, 3 + slow, { serverMs: 2.9 + slow });
  });
  return capture;
}

/**
 * 8 connections from load to gateway, 4 from gateway to auth. From 4 s to 9 s requests take 200 ms; of those that
 * the 4 connections cannot carry, `waiting` a connection of load's wait in gateway.
 */
function pool(waiting: boolean): CaptureBuilder {
  const { capture, load, gateway, auth } = chain();
  const open = (client: Actor, server: Actor, port: number, n: number): BuiltConnection[] =>
    Array.from({ length: n }, (_, i) => capture.connect(client, server, port, 50 + i));
  const front = open(load, gateway, 8080, waiting ? 8 : 4);
  const back = open(gateway, auth, 8081, 4);
  every(100, 200, 55, (atMs) => {
    const busy = atMs >= 4000 && atMs < 9000;
    for (const made of front) made.exchange(atMs, busy ? 199 : 2, { serverMs: busy ? 198 : 1.9 });
    for (const made of back)
      made.exchange(atMs + 0.5, busy ? 198 : 1, { serverMs: busy ? 197 : 0.9 });
  });
  return capture;
}

export const SLOW: Case[] = [
  {
    kind: 'latency_shift',
    line: 'twice as slow instead of nine times',
    fires: () => shift({ totalMs: 18, serverMs: 17.4 }),
    says: [
      'orders → inventory:8083 was slow from 4 s to 7 s: p95 17.9 ms, 1.99 ms before; ' +
        'the time went into inventory (99.4 % of what was added).',
    ],
    near: () => shift({ totalMs: 4, serverMs: 3.5 }),
  },
  {
    kind: 'latency_shift',
    line: 'five times as slow, and nobody waits for 4 ms more',
    fires: () => shift({ totalMs: 8, serverMs: 7.5 }),
    says: [
      'orders → inventory:8083 was slow from 4 s to 7 s: p95 7.95 ms, 1.99 ms before; ' +
        'the time went into inventory (100 % of what was added).',
    ],
    near: () => shift({ totalMs: 6, serverMs: 5.5 }),
  },
  {
    kind: 'latency_shift',
    line: 'one hiccup within a single step',
    fires: () => shift({ totalMs: 18, serverMs: 17.5 }, 1200),
    says: [
      'orders → inventory:8083 was slow from 4 s to 5.2 s: p95 17.9 ms, 1.99 ms before; ' +
        'the time went into inventory (100 % of what was added).',
    ],
    near: () => shift({ totalMs: 18, serverMs: 17.5 }, 900),
  },
  {
    kind: 'latency_shift',
    line: '(before the connection was accepted)',
    fires: () => shiftOfNew({ totalMs: 18, serverMs: 1.5, pickupMs: 16 }),
    says: [
      'orders → inventory:8083 was slow from 4 s to 7 s: p95 17.9 ms, 1.99 ms before; ' +
        'the time passed before inventory accepted the connections (99.9 % of what was added).',
    ],
    near: () => shiftOfNew(FAST),
  },
  {
    kind: 'latency_shift',
    line: '(before the request was read)',
    fires: () => shift({ totalMs: 18, serverMs: 1.5, pickupMs: 16 }),
    says: [
      'orders → inventory:8083 was slow from 4 s to 7 s: p95 17.9 ms, 1.99 ms before; ' +
        'the time passed before inventory read the requests, or on the network (99.9 % of what was added).',
    ],
    near: () => shift(FAST),
  },
  {
    kind: 'latency_shift',
    line: '(on the network)',
    fires: () => shift({ totalMs: 18, serverMs: 1.5, pickupMs: 16 }, 3000, 9),
    says: [
      'orders → inventory:8083 was slow from 4 s to 7 s: p95 17.9 ms, 1.99 ms before; ' +
        'the time was lost on the network, where segments had to be sent again (100 % of what was added).',
    ],
    near: () => shift(FAST, 3000, 9),
  },
  {
    kind: 'latency_shift',
    line: '(after the answer)',
    fires: () => shift({ totalMs: 18, serverMs: 1.5 }),
    says: [
      'orders → inventory:8083 was slow from 4 s to 7 s: p95 17.9 ms, 1.99 ms before; ' +
        'inventory itself was not slower: the time went into orders or the network.',
    ],
    near: () => shift(FAST),
  },
  {
    kind: 'slow_dependency',
    line: 'gateway is slow by itself',
    fires: () => dependency('auth'),
    says: [
      'load → gateway:8080 was slow from 4 s to 7 s: p95 17.9 ms, 3.01 ms before; ' +
        'gateway itself waited for auth:8081, for 89.4 % of its time (34.5 % usually).',
    ],
    near: () => dependency('gateway'),
  },
  {
    kind: 'pool_exhausted',
    line: 'all connections are busy and no request waits for one',
    fires: () => pool(true),
    says: [
      'gateway → auth:8081: all 4 connections were in use between 5 s and 9 s (99 % of the time), ' +
        'while 4 requests at a time waited in gateway for one.',
    ],
    near: () => pool(false),
  },
];
