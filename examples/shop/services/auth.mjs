/** Sessions, kept in Redis. `POST /admin/slow?ms=200&for=10` makes every answer late for a while. */
import { setTimeout as delay } from 'node:timers/promises';
import { createClientPool } from '@redis/client';
import { hostOf, PORTS } from './config.mjs';
import { runService, seconds } from './service.mjs';

const redis = createClientPool(
  {
    socket: { host: hostOf('redis'), port: PORTS.redis },
    // No CLIENT SETINFO: one command at a time from the first byte on.
    disableClientInfo: true,
  },
  { minimum: 2, maximum: 6 },
);
redis.on('error', (error) => console.error(`auth: redis: ${error.message}`));

let extraMs = 0;
let slowUntil = 0;

/** 2 to 5 ms of password hashing, and what a slow day adds. */
async function work() {
  await delay(2 + Math.random() * 3 + (Date.now() < slowUntil ? extraMs : 0));
}

const sessionOf = (url) => `session:${url.searchParams.get('user') ?? 'guest'}`;

await runService({
  name: 'auth',
  routes: {
    'POST /login': async (url) => {
      await work();
      await redis.set(sessionOf(url), String(Date.now()), { EX: 3600 });
      return { body: { session: sessionOf(url) } };
    },
    'GET /verify': async (url) => {
      await work();
      const since = await redis.get(sessionOf(url));
      return { body: { since: since ?? 'guest' } };
    },
  },
  controls: {
    slow: (query) => {
      extraMs = Number(query.get('ms') ?? 200);
      slowUntil = Date.now() + seconds(query) * 1000;
      console.log(`auth: ${extraMs} ms slower for ${seconds(query)} s`);
    },
  },
  start: () => redis.connect(),
  close: () => redis.close(),
});
