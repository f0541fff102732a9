/** A pooled HTTP client for one other service of the shop. */
import http from 'node:http';
import { hostOf, POOL_SIZE, PORTS } from './config.mjs';

const TIMEOUT_MS = 5_000;

/**
 * A client that `from` uses to call `to`, over at most POOL_SIZE connections that stay open.
 *
 * `call(method, path)` resolves to `{ status, body }` and rejects with the socket's own error. `close()`
 * closes the pool.
 */
export function peer(from, to) {
  const agent = new http.Agent({
    keepAlive: true,
    maxSockets: POOL_SIZE,
    maxFreeSockets: POOL_SIZE,
  });
  const where = { host: hostOf(to), port: PORTS[to], agent, timeout: TIMEOUT_MS };
  const headers = { 'user-agent': `shop/${from}` };

  const once = (method, path) =>
    new Promise((resolve, reject) => {
      const request = http.request({ ...where, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, body: parse(text) }));
      });
      request.on('timeout', () => request.destroy(new Error(`${to} gave no answer in time`)));
      request.on('error', (error) => {
        error.onReusedSocket = request.reusedSocket;
        reject(error);
      });
      request.end();
    });

  const call = async (method, path) => {
    try {
      return await once(method, path);
    } catch (error) {
      // The server may close an idle connection just as we take it from the pool: once more, as every
      // HTTP client with a pool does.
      if (error.code === 'ECONNRESET' && error.onReusedSocket) return await once(method, path);
      throw error;
    }
  };
  return { call, close: () => agent.destroy() };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
