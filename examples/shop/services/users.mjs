/**
 * The load test of load.js for machines without k6: users in stages against the gateway, each with a connection of its
 * own. What they saw is written to $TRUTH_DIR/k6.json in the format of `k6 run --out json=`, and counted in one line of JSON.
 *
 * $LOAD_SECONDS (60), $LOAD_USERS (6), $LOAD_FRESH (empty): a new connection for each request.
 */
import { lookup } from 'node:dns';
import { createWriteStream, mkdirSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostOf, PORTS } from './config.mjs';

process.title = 'load';

const seconds = Number(process.env.LOAD_SECONDS ?? 60);
const users = Number(process.env.LOAD_USERS ?? 6);
const fresh = Boolean(process.env.LOAD_FRESH);
const folder = process.env.TRUTH_DIR ?? '.';
mkdirSync(folder, { recursive: true });
const out = createWriteStream(join(folder, 'k6.json'));

const PLAN = [
  { name: 'ramp', share: 0.2, users: 1 },
  { name: 'steady', share: 0.4, users: 1 },
  { name: 'spike', share: 0.3, users: 3 },
  { name: 'end', share: 0.1, users: 0.5 },
];
const THRESHOLDS = {
  http_req_duration: ['p(95)<200'],
  http_req_failed: ['rate<0.01'],
  checks: ['rate>0.99'],
};
const PATHS = ['/browse', '/login?user=ada', '/checkout?user=ada'];

const declared = new Set();
const counted = { requests: 0, failed: 0, opened: 0 };
const start = performance.now();

/** The stage at `ms` of performance's clock, and how many users it has. */
function stageAt(ms) {
  const part = (ms - start) / (1000 * seconds);
  let until = 0;
  const stage = PLAN.find(({ share }) => part < (until += share)) ?? PLAN.at(-1);
  const into = stage.name === 'ramp' ? Math.max(0.05, part / stage.share) : 1;
  return { name: stage.name, users: Math.max(1, Math.round(users * stage.users * into)) };
}

function write(metric, type, ms, value, tags = {}) {
  if (!declared.has(metric)) {
    declared.add(metric);
    const contains = type === 'trend' ? 'time' : 'default';
    const data = {
      name: metric,
      type,
      contains,
      thresholds: THRESHOLDS[metric] ?? [],
      submetrics: null,
    };
    out.write(`${JSON.stringify({ metric, type: 'Metric', data })}\n`);
  }
  const wall = performance.timeOrigin + ms;
  const whole = Math.floor(wall);
  const nanos = String(Math.floor((wall - whole) * 1e6)).padStart(6, '0');
  const time = new Date(whole).toISOString().replace('Z', `${nanos}Z`);
  out.write(`${JSON.stringify({ metric, type: 'Point', data: { time, value, tags } })}\n`);
}

/** Answers of `lookup` by name: k6 keeps them for five minutes, and asks no name server for each connection. */
const addresses = new Map();

function lookupOnce(host, options, done) {
  const known = addresses.get(host);
  if (known !== undefined) {
    // Never at once: a connect that fails would find nobody who listens for its error.
    process.nextTick(done, null, ...known);
    return;
  }
  lookup(host, options, (error, ...answer) => {
    if (error === null) addresses.set(host, answer);
    done(error, ...answer);
  });
}

/** One request: when it was asked for, connected, sent, answered and ended, in ms; `error` where it failed. */
function get(agent, path) {
  return new Promise((resolve) => {
    const at = {
      asked: performance.now(),
      looked: 0,
      connected: 0,
      sent: 0,
      answered: 0,
      opened: false,
    };
    const done = (rest) => resolve({ ...at, ended: performance.now(), status: 0, ...rest });
    const request = http.get(
      {
        host: hostOf('gateway'),
        port: PORTS.gateway,
        path,
        agent,
        lookup: lookupOnce,
        headers: { 'user-agent': 'shop/load' },
      },
      (response) => {
        at.answered = performance.now();
        response.resume();
        response.once('end', () => done({ status: response.statusCode }));
        response.once('error', (error) => done({ error }));
      },
    );
    request.once('socket', (socket) => {
      at.looked = at.connected = performance.now();
      if (!socket.connecting) return;
      socket.once('lookup', () => (at.looked = performance.now()));
      socket.once('connect', () => {
        at.connected = performance.now();
        at.opened = true;
      });
    });
    request.once('finish', () => (at.sent = performance.now()));
    request.once('error', (error) => done({ error }));
  });
}

/** k6's words and code for an error of Node's. */
function errorTags(error) {
  if (error === undefined) return {};
  const noPort = error.code === 'EADDRNOTAVAIL';
  const text = noPort ? 'connect: cannot assign requested address' : error.message;
  const code = noPort ? '1213' : error.code === 'ECONNREFUSED' ? '1212' : '1000';
  return { error: text, error_code: code };
}

function tell(path, stage, seen) {
  const sent = Math.max(seen.sent, seen.connected);
  const answered = seen.answered || seen.ended;
  const trends = {
    duration: seen.ended - seen.connected,
    blocked: seen.connected - seen.asked,
    connecting: seen.opened ? seen.connected - seen.looked : 0,
    tls_handshaking: 0,
    sending: sent - seen.connected,
    waiting: answered - sent,
    receiving: seen.ended - answered,
  };
  const url = `http://${hostOf('gateway')}:${PORTS.gateway}${path}`;
  const tags = { method: 'GET', status: String(seen.status), url, stage, ...errorTags(seen.error) };
  const failed = seen.status < 200 || seen.status >= 400;
  write('http_reqs', 'counter', seen.ended, 1, tags);
  for (const [name, value] of Object.entries(trends)) {
    write(
      `http_req_${name}`,
      'trend',
      seen.ended,
      seen.error && name !== 'blocked' ? 0 : value,
      tags,
    );
  }
  write('http_req_failed', 'rate', seen.ended, failed ? 1 : 0, tags);
  write('checks', 'rate', seen.ended, failed ? 0 : 1, { check: 'status is 200', stage });
  counted.requests++;
  if (failed) counted.failed++;
  if (seen.opened) counted.opened++;
}

/** One user, until there are fewer than `rank`. */
async function user(rank) {
  const agent = new http.Agent({ keepAlive: !fresh, maxSockets: 1 });
  for (let i = rank; performance.now() < start + 1000 * seconds; i++) {
    const stage = stageAt(performance.now());
    if (rank > stage.users) break;
    const path = PATHS[i % PATHS.length];
    tell(path, stage.name, await get(agent, path));
    write('iterations', 'counter', performance.now(), 1);
    await delay(50);
  }
  agent.destroy();
}

const running = new Map();
while (performance.now() < start + 1000 * seconds) {
  const now = performance.now();
  const wanted = stageAt(now).users;
  for (let rank = 1; rank <= wanted; rank++) {
    if (!running.has(rank))
      running.set(
        rank,
        user(rank).finally(() => running.delete(rank)),
      );
  }
  write('vus', 'gauge', now, wanted);
  await delay(200);
}
await Promise.all(running.values());
await new Promise((resolve) => out.end(resolve));
console.log(JSON.stringify(counted));
