/**
 * What a process knows about its own TCP connections: each one it opened or tried to open, and each one
 * it accepted. Tests compare this with what dhrishti saw from the outside. Written as JSON into
 * $TRUTH_DIR/$INSTANCE.json; without TRUTH_DIR nothing is written.
 *
 *   opened:   { peer, port, localPort, at, result }    result: established, cancelled or an errno's name
 *   accepted: { peer, port, remotePort, at, requests } peer: who the first request said it was
 *
 * `at` is milliseconds since 1970, when the attempt began or the connection was accepted.
 */
import { errorMonitor } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { serviceAt } from './config.mjs';

const opened = [];
const accepted = [];

/**
 * Notes every TCP connection that this process opens, whichever library opens it: HTTP agents, the
 * PostgreSQL and Redis clients and autocannon all end in `Socket.prototype.connect`.
 */
export function watchOpened() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const port = portOf(args);
    if (port !== null) noteAttempt(this, port);
    return connect.apply(this, args);
  };
}

function noteAttempt(socket, port) {
  const entry = { peer: serviceAt(port), port, localPort: 0, at: Date.now(), result: null };
  socket.once('connect', () => {
    entry.result = 'established';
    entry.localPort = socket.localPort ?? 0;
    opened.push(entry);
  });
  // The monitor sees the error without handling it: an unhandled one must stay unhandled.
  socket.once(errorMonitor, (error) => {
    if (entry.result !== null) return;
    entry.result = error.code ?? 'unknown';
    // A name that did not resolve never became a connection.
    if (error.syscall === 'connect') opened.push(entry);
  });
  socket.once('close', () => {
    if (entry.result !== null) return;
    entry.result = 'cancelled';
    opened.push(entry);
  });
}

/** The port of a `connect` call's arguments, or null where it is no TCP connection. */
function portOf(args) {
  // net.connect hands its arguments on in one array.
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  const port = Number(typeof first === 'object' && first !== null ? first.port : first);
  return Number.isInteger(port) && port > 0 ? port : null;
}

/** Notes every connection that an HTTP server accepts, and how many requests came over it. */
export function watchAccepted(server, port) {
  const entries = new WeakMap();
  server.on('connection', (socket) => {
    const entry = {
      peer: 'unknown',
      port,
      remotePort: socket.remotePort ?? 0,
      at: Date.now(),
      requests: 0,
    };
    entries.set(socket, entry);
    accepted.push(entry);
  });
  server.on('request', (request) => {
    const entry = entries.get(request.socket);
    if (entry === undefined) return;
    entry.requests += 1;
    const agent = request.headers['user-agent'] ?? '';
    if (agent.startsWith('shop/')) entry.peer = agent.slice('shop/'.length);
  });
}

/** Writes what is known to $TRUTH_DIR. */
export function writeTruth(service) {
  const folder = process.env.TRUTH_DIR;
  if (folder === undefined || folder === '') return;
  const instance = process.env.INSTANCE ?? hostname();
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${instance}.json`),
    JSON.stringify({ service, instance, opened, accepted }, null, 1) + '\n',
  );
}
