/** A small shop, as a capture: slow for a while, refusing for a while, with jobs that live a moment. */
import type { Actor } from './capture-builder.js';
import { CaptureBuilder } from './capture-builder.js';

const DURATION_MS = 20_000;

/** From 6 s to 9 s auth is slow; from 12 s to 14 s inventory refuses. */
export function syntheticShop(): CaptureBuilder {
  const capture = new CaptureBuilder();
  capture.durationMs = DURATION_MS;
  const load = capture.container('load', '10.0.0.10');
  const gateway = capture.container('gateway', '10.0.0.11');
  const auth = capture.container('auth', '10.0.0.12');
  const orders = capture.container('orders', '10.0.0.13');
  const inventory = capture.container('inventory', '10.0.0.14');
  const redis = capture.container('redis', '10.0.0.15', { labels: {}, name: 'cache-redis_1' });
  for (const [actor, port] of [
    [gateway, 8080],
    [auth, 8081],
    [orders, 8082],
    [inventory, 8083],
    [redis, 6379],
  ] as const) {
    capture.listen(actor, port);
  }
  const front = [0, 1].map((i) => capture.connect(load, gateway, 8080, 100 + i));
  const toAuth = capture.connect(gateway, auth, 8081, 110);
  const toOrders = capture.connect(gateway, orders, 8082, 111);
  const toRedis = capture.connect(auth, redis, 6379, 112);
  for (let i = 0; i < 780; i++) {
    const atMs = 200 + 25 * i;
    const slow = atMs >= 6000 && atMs < 9000 ? 16 : 0;
    const total = 4 + (i % 5) * 0.2 + slow;
    front[i % 2]!.exchange(atMs, total, { serverMs: total - 0.1, response: 500 });
    toAuth.exchange(atMs + 0.2, 1.5 + slow, { serverMs: 1.4 + slow });
    toRedis.exchange(atMs + 0.4, 0.3, { serverMs: 0.05, request: 30, response: 10 });
    toOrders.exchange(atMs + 2 + slow, 1, { serverMs: 0.9 });
    if (i % 20 === 0) callInventory(capture, orders, inventory, atMs + 2.2 + slow);
  }
  front[0]!.close(19_900);
  front[1]!.reset(19_950, 'client', 12);
  const job = capture.container('job', '10.0.0.16');
  capture.connect(job, orders, 8082, 5000).exchange(5000.1, 2).close(5004);
  const stranger = capture.external('192.0.2.44');
  capture.connect(stranger, gateway, 8080, 7000, { accepted: false }).end(7500, 'server');
  return capture;
}

function callInventory(
  capture: CaptureBuilder,
  orders: Actor,
  inventory: Actor,
  atMs: number,
): void {
  if (atMs >= 12_000 && atMs < 14_000) {
    capture.attempt(orders, inventory.address, 8083, atMs, 111);
  } else {
    capture
      .connect(orders, inventory, 8083, atMs)
      .exchange(atMs + 0.1, 0.6)
      .close(atMs + 2);
  }
}
