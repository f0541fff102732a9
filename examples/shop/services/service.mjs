/**
 * The frame of every service: an HTTP server, a control door that makes no TCP connection, and an end
 * that closes what it opened and writes down what it knows.
 */
import { rmSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { PORTS } from './config.mjs';
import { watchAccepted, watchOpened, writeTruth } from './truth.mjs';

/**
 * Runs service `name` until SIGTERM or SIGINT.
 *
 * `routes` maps `'GET /path'` to `(url) => { status?, body }`, which may be asynchronous; an error it
 * throws becomes a 502 with its message. `controls` maps a word to `(URLSearchParams) => void`, reached
 * by `POST /admin/<word>` on the socket file $ADMIN_SOCKET only, so that steering the shop adds no
 * connection to what is being recorded. `close()` is called at the end.
 */
export async function runService({ name, routes, controls = {}, start, close }) {
  process.title = name;
  watchOpened();
  await start?.();

  const port = PORTS[name];
  const server = makeServer(routes);
  watchAccepted(server, port);
  await listen(server, port);
  const admin = await openAdmin({
    ...controls,
    refuse: (query) => refuse(name, server, port, seconds(query)),
    serve: () => refusal?.abort(),
  });
  console.log(`${name}: listening on ${port}`);

  const end = async () => {
    admin?.close();
    server.close();
    server.closeAllConnections();
    await close?.();
    writeTruth(name);
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  process.once('SIGINT', () => void end());
}

function makeServer(routes) {
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://shop');
    const route = routes[`${request.method} ${url.pathname}`];
    const { status = 200, body } = route
      ? await Promise.resolve(url)
          .then(route)
          .catch((error) => ({ status: 502, body: { error: error.code ?? error.message } }))
      : { status: 404, body: { error: 'no such page' } };
    if (!server.listening) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  // Longer than any demo: pools decide when their connections end.
  server.keepAliveTimeout = 120_000;
  return server;
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '0.0.0.0' }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Ends the refusal under way, where there is one. */
let refusal = null;

/** Stops listening for `span` seconds or until it is told to serve, as a service does that is being restarted. */
async function refuse(name, server, port, span) {
  if (!server.listening) return;
  console.log(`${name}: refusing for ${span} s`);
  server.close();
  server.closeIdleConnections();
  refusal = new AbortController();
  await delay(span * 1000, undefined, { signal: refusal.signal }).catch(() => {});
  refusal = null;
  await listen(server, port);
  console.log(`${name}: listening again on ${port}`);
}

/** `for=` of a control's query, in seconds. */
export function seconds(query) {
  const value = Number(query.get('for') ?? 5);
  return Number.isFinite(value) && value > 0 ? value : 5;
}

async function openAdmin(controls) {
  const path = process.env.ADMIN_SOCKET;
  if (path === undefined || path === '') return null;
  rmSync(path, { force: true });
  const admin = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://admin');
    const control = controls[url.pathname.replace(/^\/admin\//, '')];
    if (request.method !== 'POST' || control === undefined) {
      response.writeHead(404).end('no such control\n');
      return;
    }
    void control(url.searchParams);
    response.end('done\n');
  });
  await new Promise((resolve) => admin.listen(path, resolve));
  return admin;
}
