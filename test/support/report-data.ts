/**
 * Analyses with a known story, for tests of the page. No clock and no chance: the same bytes each time.
 *
 * The shop: 60 s; load → gateway → auth, orders → inventory, with PostgreSQL and Redis. `auth` is slow
 * from 20 s to 30 s; `inventory` refuses connections from 40 s to 44 s.
 */
import { shopK6 } from './report-k6.js';
import type {
  Analysis,
  Connection,
  Edge,
  EdgeCell,
  SlowExchange,
} from '../../src/analyze/model.js';
import { SHOP_QUALITY, shopFindings } from './report-words.js';
import { bucketOf } from '../../src/analyze/metrics/histogram.js';

/** A small generator of numbers in 0..1 (mulberry32): the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Link {
  client: string;
  server: string;
  port: number;
  /** Exchanges a second. */
  rate: number;
  /** Median of the response time, µs. */
  medianUs: number;
  /** Pooled connections, or null: one connection each exchange. */
  pool: number | null;
}

const SECONDS = 60;
const LINKS: readonly Link[] = [
  { client: 'load', server: 'gateway', port: 8080, rate: 180, medianUs: 9_000, pool: 24 },
  { client: 'gateway', server: 'auth', port: 7001, rate: 180, medianUs: 1_600, pool: 12 },
  { client: 'gateway', server: 'orders', port: 7002, rate: 120, medianUs: 5_200, pool: 12 },
  { client: 'orders', server: 'inventory', port: 7003, rate: 120, medianUs: 2_100, pool: null },
  { client: 'orders', server: 'postgres', port: 5432, rate: 240, medianUs: 820, pool: 8 },
  { client: 'auth', server: 'redis', port: 6379, rate: 180, medianUs: 140, pool: 4 },
  { client: 'inventory', server: 'redis', port: 6379, rate: 110, medianUs: 160, pool: 4 },
];
const AUTH_SLOW = { from: 20, to: 30 };
const REFUSING = { from: 40, to: 44 };

/** A histogram as cells have it. */
export function dense(histogram: ReadonlyMap<number, number>): EdgeCell['latency'] {
  if (histogram.size === 0) return null;
  const first = Math.min(...histogram.keys());
  const counts = new Array<number>(Math.max(...histogram.keys()) - first + 1).fill(0);
  for (const [bucket, n] of histogram) counts[bucket - first] = n;
  return { first, counts };
}

/** The part of an analysis that tells what edges did in each step. */
export function cellsBy(
  cells: ReadonlyMap<number, readonly EdgeCell[]>,
): Pick<Analysis, 'visitCells'> {
  return { visitCells: (edge, visit) => cells.get(edge)?.forEach(visit) };
}

const between = (second: number, { from, to }: { from: number; to: number }): boolean =>
  second >= from && second < to;

/** How much slower the link answers in this second. */
function slowness(link: Link, second: number): number {
  if (!between(second, AUTH_SLOW)) return 1;
  if (link.server === 'auth') return 95;
  return link.server === 'gateway' ? 17 : 1;
}

function refuses(link: Link, second: number): boolean {
  return link.server === 'inventory' && between(second, REFUSING);
}

interface Made {
  edge: Edge;
  cells: EdgeCell[];
  failures: Connection[];
  slowest: SlowExchange;
}

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

function makeLink(link: Link, id: number, workloadOf: (service: string) => number): Made {
  const random = randomFrom(id + 1);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const all: number[] = [];
  const cells: EdgeCell[] = [];
  const failures: Connection[] = [];
  let connections = 0;
  for (let second = 0; second < SECONDS; second++) {
    const wave = 1 + 0.12 * Math.sin(second / 5) + 0.05 * (random() - 0.5);
    const asked = Math.round(link.rate * wave * Math.min(1, (second + 1) / 4));
    const refused = refuses(link, second) ? asked : 0;
    const exchanges = asked - refused;
    const histogram = new Map<number, number>();
    let sumUs = 0;
    for (let i = 0; i < exchanges; i++) {
      const tail = random() < 0.02 ? 4 : 1;
      const us = link.medianUs * slowness(link, second) * tail * Math.exp(0.35 * normal());
      const bucket = bucketOf(us);
      histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1);
      all.push(us);
      sumUs += us;
    }
    const opened = link.pool === null ? asked : second === 0 ? link.pool : 0;
    connections += opened;
    cells.push({
      step: second,
      connections: opened,
      failures: refused,
      exchanges,
      flagged: 0,
      retransmits: second % 13 === id ? 1 : 0,
      open: link.pool ?? 0,
      sumUs,
      paired: exchanges,
      pairedUs: sumUs,
      servedUs: sumUs * 0.93,
      pickupUs: sumUs * 0.03,
      latency: dense(histogram),
    });
    for (let i = 0; i < refused; i++) {
      failures.push(
        refusal(link, id, second + i / refused, id * 100_000 + failures.length, workloadOf),
      );
    }
  }
  all.sort((a, b) => a - b);
  const p95 = quantile(all, 0.95);
  const edge: Edge = {
    id,
    client: link.client,
    server: link.server,
    port: link.port,
    via: link.client === 'load' ? 'docker-proxy' : null,
    connections,
    failures: failures.length,
    failuresByVerdict: failures.length > 0 ? { refused: failures.length } : {},
    exchanges: all.length,
    flagged: 0,
    avgUs: all.reduce((sum, us) => sum + us, 0) / Math.max(1, all.length),
    p50Us: quantile(all, 0.5),
    p95Us: p95,
    p99Us: quantile(all, 0.99),
    connectP95Us: 90 + id * 12,
    serverP95Us: p95 === null ? null : p95 * 0.93 - 60,
    retransmits: cells.reduce((sum, cell) => sum + cell.retransmits, 0),
    bytesSent: all.length * 310,
    bytesReceived: all.length * 890,
    coverage: 1,
    lifeP50Us: link.pool === null ? 2_400 : null,
    open: link.pool ?? 0,
  };
  const slowest = {
    edge: id,
    connection: id,
    startNs: 21e9,
    ttfbUs: all.at(-1) ?? 0,
    serverUs: null,
  };
  return { edge, cells, failures, slowest };
}

function refusal(
  link: Link,
  edge: number,
  second: number,
  id: number,
  workloadOf: (service: string) => number,
): Connection {
  const openedNs = Math.round(second * 1e9);
  return {
    id,
    clientWorkload: workloadOf(link.client),
    serverWorkload: workloadOf(link.server),
    edge,
    clientAddr: '172.20.0.5',
    clientPort: 40_000 + (id % 20_000),
    serverAddr: '172.20.0.6',
    serverPort: link.port,
    openedNs,
    establishedNs: null,
    acceptedNs: null,
    closedNs: openedNs + 60_000,
    verdict: 'refused',
    connState: 'REJ',
    errno: 'ECONNREFUSED',
    closedBy: null,
    bytesSent: 0,
    bytesReceived: 0,
    retransmits: 0,
    rttUs: null,
    connectUs: null,
    exchanges: 0,
    paired: false,
    preexisting: false,
    grade: 'cgroup',
    evidence: 'SYN_SENT ended in CLOSE with ECONNREFUSED; the other end answered with a reset',
  };
}

/** The shop's analysis. */
export function shopAnalysis(): Analysis {
  const services = ['load', 'gateway', 'auth', 'orders', 'inventory', 'postgres', 'redis'];
  const workloadOf = (service: string): number => services.indexOf(service) + 1;
  const made = LINKS.map((link, id) => makeLink(link, id, workloadOf));
  const failures = made.flatMap((link) => link.failures);
  const events = made.reduce((sum, { edge }) => sum + edge.exchanges * 2 + edge.connections * 6, 0);
  return {
    capture: {
      file: 'shop.dhr',
      sha256: 'a'.repeat(64),
      host: 'build-7',
      kernel: '6.18.0',
      startedWallMs: Date.UTC(2026, 10, 20, 9, 30, 0),
      durationNs: SECONDS * 1e9,
      verdict: 'complete',
      events,
      lost: 0,
      lostByKind: {},
      coverage: 1,
      command: 'k6',
      recorder: 'dhrishti 0.1.0',
      plan: [
        { capability: 'lifecycle', hook: 'tp_btf/inet_sock_set_state' },
        { capability: 'send entry', hook: 'tp_btf/tcp_sendmsg_locked' },
        { capability: 'receive return', hook: 'tp_btf/sock_recv_length' },
        { capability: 'accept', hook: 'derived', note: 'seen at the first receive of a process' },
      ],
      filter: 'containers of the compose project shop',
      cpus: 2,
      fileBytes: 9_400_000,
      cut: null,
      cost: {
        cpuSeconds: 0.42,
        rssBytes: 71_000_000,
        ringHighWater: 190_000,
        ringBytes: 67_108_864,
        bpfNs: 310_000_000,
        bpfRuns: 412_000,
        bpfMeasuredNs: 30_000_000_000,
      },
    },
    workloads: services.map((service, index) => ({
      id: index + 1,
      kind: service === 'load' ? 'process' : 'container',
      name: service === 'load' ? 'k6' : `shop-${service}-1`,
      service,
      project: service === 'load' ? null : 'shop',
      addresses: service === 'load' ? [] : [`172.20.0.${index + 3}`],
      containerId: service === 'load' ? null : String(index).repeat(64),
      image: service === 'load' ? null : `shop/${service}:latest`,
      pid: 1000 + index,
      comm: service,
      firstSeenNs: 0,
      lastSeenNs: SECONDS * 1e9,
    })),
    edges: made.map(({ edge }) => edge),
    visitWindows: () => undefined,
    stepNs: 1e9,
    steps: SECONDS,
    coverage: new Array<number>(SECONDS).fill(1),
    ...cellsBy(new Map(made.map(({ edge, cells }) => [edge.id, cells]))),
    findings: shopFindings(failures.length),
    quality: SHOP_QUALITY,
    ledger: null,
    k6: shopK6(),
    failures,
    connections: failures.slice(0, 60),
    slowest: made.map(({ slowest }) => slowest),
    failuresTotal: failures.length,
    connectionsTotal: made.reduce((sum, { edge }) => sum + edge.connections, 0),
    digest: 'd1'.repeat(32),
  };
}
