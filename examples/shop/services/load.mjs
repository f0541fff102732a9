/**
 * Customers: autocannon against the gateway, at a steady rate. Prints what it counted as one JSON line.
 *
 * $LOAD_SECONDS (20), $LOAD_RATE requests a second (100), $LOAD_CONNECTIONS (12). It ends with the last
 * answer, not on the second: a request cut off in flight would be counted by one side only.
 */
import autocannon from 'autocannon';
import { hostOf, PORTS } from './config.mjs';
import { watchOpened, writeTruth } from './truth.mjs';

process.title = 'load';
watchOpened();

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);

const rate = number('LOAD_RATE', 100);
const result = await autocannon({
  url: `http://${hostOf('gateway')}:${PORTS.gateway}`,
  amount: number('LOAD_SECONDS', 20) * rate,
  overallRate: rate,
  connections: number('LOAD_CONNECTIONS', 12),
  timeout: 10,
  headers: { 'user-agent': 'shop/load' },
  requests: [
    { path: '/browse' },
    { path: '/login?user=ada' },
    { path: '/checkout?user=ada' },
    { path: '/browse' },
    { path: '/checkout?user=grace' },
  ],
});

writeTruth('load');
console.log(
  JSON.stringify({
    by: 'autocannon',
    answered: result.requests.total,
    ok: result['2xx'],
    failed: result.non2xx + result.errors,
    p50_ms: result.latency.p50,
    p99_ms: result.latency.p99,
  }),
);
