/** Rules about k6's numbers beside the sockets'. */
import { CaptureBuilder } from '../../support/capture-builder.js';
import { K6Lines } from '../../support/k6-lines.js';
import type { Case } from './case.js';
import { every } from './case.js';

interface Shop {
  /** From when on auth takes so long, and what it took before. */
  slowFromMs?: number;
  slowMs?: number;
  /** inventory, behind auth, refuses so many connections from 4 s on. */
  refused?: number;
  requests?: number;
}

/** k6 calls gateway over one connection, every 20 ms for 8 s; each call waits for one of auth's. */
function shop({
  slowFromMs = Infinity,
  slowMs = 60,
  refused = 0,
  requests = 400,
}: Shop = {}): CaptureBuilder {
  const capture = new CaptureBuilder();
  const [load, gateway, auth, inventory] = ['load', 'gateway', 'auth', 'inventory'].map((name, i) =>
    capture.container(name, `10.0.0.${1 + i}`),
  );
  capture.listen(gateway!, 8080);
  capture.listen(auth!, 8081);
  const front = capture.connect(load!, gateway!, 8080, 50);
  const back = capture.connect(gateway!, auth!, 8081, 60);
  every(100, 20, requests, (atMs) => {
    const tookMs = atMs >= slowFromMs ? slowMs / 10 : 2;
    front.exchange(atMs, tookMs + 2);
    back.exchange(atMs + 0.5, tookMs);
  });
  every(4000, 20, refused, (atMs) => capture.attempt(auth!, inventory!.address, 8083, atMs, 111));
  return capture;
}

/** The same requests by k6's clock, in stages of two seconds; `waiting` from 4 s on. */
function load({ waiting = 4, missing = 0, blocked = 0, vus = 10, tls = 0 } = {}): K6Lines {
  const k6 = new K6Lines();
  every(100, 20, 400, (atMs) => {
    const stage = ['ramp', 'steady', 'spike', 'spike'][Math.floor(atMs / 2000)] ?? 'end';
    k6.vus(atMs, vus);
    // Some in the middle are left out.
    if (atMs >= 1000 && atMs < 1000 + 20 * missing) return;
    k6.request(atMs, atMs >= 4000 ? waiting : 4, { blocked, stage, tls });
  });
  return k6;
}

/** Checks beside each request; `failed` of them fail from 4 s on. */
function checked(failed: number): K6Lines {
  const k6 = load();
  every(105, 20, 400, (atMs) => {
    const fails = atMs >= 4000 && atMs < 4000 + 20 * failed;
    k6.check(atMs, 'status is 200', !fails);
  });
  return k6;
}

const squeezed = (n: number): K6Lines => {
  const k6 = load();
  const error = 'dial tcp: cannot assign requested address';
  every(300, 20, n, (atMs) => k6.request(atMs, 0, { status: 0, error, errorCode: 1213 }));
  return k6;
};

export const K6: Case[] = [
  {
    kind: 'generator_bottleneck',
    line: 'the time before a connection is less than a fifth of all',
    fires: () => shop(),
    near: () => shop(),
    k6: { fires: () => load({ blocked: 3 }), near: () => load({ blocked: 0.9 }) },
    says: [
      'The load generator was the bottleneck, not what is behind load → gateway:8080: ' +
        '42.9 % of the time of its requests is not in the sockets (3 ms for each).',
    ],
  },
  {
    kind: 'generator_bottleneck',
    line: 'nine requests found no local port, and ten are asked for',
    fires: () => shop(),
    near: () => shop(),
    k6: { fires: () => squeezed(10), near: () => squeezed(9) },
    says: [
      'The load generator was the bottleneck, not what is behind load → gateway:8080: ' +
        '10 requests (2.4 %) failed in k6 before a packet left it.',
    ],
  },
  {
    kind: 'generator_bottleneck',
    line: 'the iterations were dropped while the VU waited for the system',
    fires: () => shop(),
    near: () => shop({ slowFromMs: 0, slowMs: 130 }),
    k6: {
      fires: () => load().iterations(8000, 400).dropped(5000, 20),
      near: () => load({ vus: 1 }).iterations(8000, 400).dropped(5000, 20),
    },
    says: [
      'The load generator was the bottleneck, not what is behind load → gateway:8080: ' +
        '20 iterations were dropped, while its VUs waited for sockets for 1.8 % of their time.',
    ],
  },
  {
    kind: 'k6_stage_latency',
    line: 'less than three times what it was',
    fires: () => shop({ slowFromMs: 4000, slowMs: 200 }),
    near: () => shop({ slowFromMs: 4000, slowMs: 70 }),
    k6: { fires: () => load({ waiting: 22 }), near: () => load({ waiting: 9 }) },
    says: [
      'Latency broke in the stage "spike": k6\'s p95 was 21.8 ms, 3.97 ms in "ramp". It broke first in auth, at 4 s: ' +
        "gateway → auth:8081 went from 1.99 ms to 20.2 ms at the p95, which is 83.3 % of k6's p95.",
    ],
  },
  {
    kind: 'k6_failed_checks',
    line: 'two failed checks',
    fires: () => shop({ refused: 6 }),
    near: () => shop({ refused: 6 }),
    k6: { fires: () => checked(6), near: () => checked(2) },
    says: [
      '6 checks of k6\'s failed between 4 s and 5 s ("status is 200"): behind them auth → inventory:8083 had 6 failed connections (refused).',
    ],
  },
  {
    kind: 'k6_unseen_requests',
    line: 'nine requests apart',
    fires: () => shop({ requests: 390 }),
    near: () => shop({ requests: 391 }),
    k6: { fires: () => load(), near: () => load() },
    says: [
      'k6 counts 400 answered requests, and the sockets of load → gateway:8080 show 390 exchanges: 10 (2.5 %) are in no socket.',
    ],
  },
  {
    kind: 'k6_uncounted_exchanges',
    line: 'nine exchanges apart',
    fires: () => shop(),
    near: () => shop(),
    k6: { fires: () => load({ missing: 10 }), near: () => load({ missing: 9 }) },
    says: [
      'k6 counts 390 answered requests, and the sockets of load → gateway:8080 show 400 exchanges: 10 (2.5 %) are not k6’s.',
    ],
  },
  {
    kind: 'k6_uncounted_exchanges',
    line: 'the handshakes of TLS are exchanges too',
    fires: () => shop(),
    near: () => shop(),
    k6: { fires: () => load({ missing: 20 }), near: () => load({ missing: 20, tls: 0.1 }) },
    says: [
      'k6 counts 380 answered requests, and the sockets of load → gateway:8080 show 400 exchanges: 20 (5 %) are not k6’s.',
    ],
  },
  {
    kind: 'generator_bottleneck',
    line: 'with TLS, the sockets’ time to first byte is not that of requests alone',
    fires: () => shop(),
    near: () => shop(),
    k6: { fires: () => load({ waiting: 10 }), near: () => load({ waiting: 10, tls: 0.1 }) },
    says: [
      'The load generator was the bottleneck, not what is behind load → gateway:8080: ' +
        '43.5 % of the time of its requests is not in the sockets (3.08 ms for each).',
    ],
  },
];
