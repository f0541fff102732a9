/** The same customers for k6. */
import http from 'k6/http';

const rate = Number(__ENV.LOAD_RATE || 100);

export const options = {
  userAgent: 'shop/load',
  scenarios: {
    customers: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: `${__ENV.LOAD_SECONDS || 20}s`,
      preAllocatedVUs: Number(__ENV.LOAD_CONNECTIONS || 12),
    },
  },
};

const paths = [
  '/browse',
  '/login?user=ada',
  '/checkout?user=ada',
  '/browse',
  '/checkout?user=grace',
];

export default function () {
  const path = paths[Math.floor(Math.random() * paths.length)];
  http.get(`http://${__ENV.GATEWAY_HOST || 'gateway'}:8080${path}`);
}
