/**
 * A load test of the shop for k6: a ramp, a steady time and a spike; people who browse and people who buy; checks and
 * thresholds. LOAD_SECONDS (60) is how long it takes, LOAD_USERS (6) how many users are there when it is steady.
 *
 *   k6 run --out json=k6.json --summary-export k6-summary.json load.js
 *
 * Each request carries its `stage` as a tag: k6 does not write the stages down by itself.
 */
import { check, sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

const seconds = Number(__ENV.LOAD_SECONDS || 60);
const users = Number(__ENV.LOAD_USERS || 6);
const shop = `http://${__ENV.GATEWAY_HOST || 'gateway'}:8080`;

/** Shares of the whole time, and users against those of the steady time. */
const PLAN = [
  { name: 'ramp', share: 0.2, users: 1 },
  { name: 'steady', share: 0.4, users: 1 },
  { name: 'spike', share: 0.3, users: 3 },
  { name: 'end', share: 0.1, users: 0.5 },
];

const stages = (of) =>
  PLAN.flatMap((stage) => {
    const length = seconds * stage.share;
    const target = Math.max(1, Math.round(of * stage.users));
    // The spike comes at once, the others gradually.
    const rise = stage.name === 'spike' ? 0 : stage.name === 'ramp' ? length : Math.min(1, length);
    return [
      { duration: `${rise}s`, target },
      { duration: `${length - rise}s`, target },
    ];
  });

const scenario = (name, of) => ({
  executor: 'ramping-vus',
  exec: name,
  startVUs: 1,
  stages: stages(of),
  gracefulStop: '5s',
});

export const options = {
  userAgent: 'shop/load',
  scenarios: { browse: scenario('browse', users / 2), buy: scenario('buy', users / 2) },
  thresholds: {
    http_req_duration: ['p(95)<200'],
    'http_req_duration{scenario:buy}': ['p(95)<250'],
    http_req_failed: ['rate<0.01'],
    checks: ['rate>0.99'],
  },
};

function stageNow() {
  const part = (Date.now() - exec.scenario.startTime) / (1000 * seconds);
  let until = 0;
  return PLAN.find(({ share }) => part < (until += share))?.name ?? 'end';
}

function visit(path) {
  const answer = http.get(`${shop}${path}`, { tags: { stage: stageNow(), name: path } });
  check(answer, { 'status is 200': ({ status }) => status === 200 });
  sleep(0.05);
}

export function browse() {
  visit('/browse');
}

export function buy() {
  visit('/login?user=ada');
  visit('/checkout?user=ada');
}
