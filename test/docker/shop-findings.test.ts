/**
 * The shop with a fault that was put there on purpose, recorded for real: the first finding names it, with the edge, the
 * time, the numbers and where the time went.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';
import { Shop } from '../support/shop.js';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const PORTS = [8080, 8081, 8082, 8083, 6379, 5432];
const LOAD = { LOAD_RATE: '60', LOAD_CONNECTIONS: '16' };
/** auth is so much slower, for so long: several times of what a busy machine adds by itself. */
const SLOW = { ms: 300, s: 10 };
/** What the command that steers a service takes to reach it, and the interval of the finding may be off by. */
const SLACK_S = 1;

const can = canRun('shop-findings', [
  missingRecorder(),
  missingCommand('ip'),
  missingCommand('redis-server'),
]);

interface Finding {
  kind: string;
  edge: string;
  from_s: number;
  to_s: number;
  sentence: string;
}

describe.skipIf(!can)('the shop with a fault', () => {
  const scratch = scratchFolder();
  const shop = new Shop('netns', join(scratch.path, 'truth'));

  afterAll(() => scratch.remove());

  /** Records the shop under load for `seconds` while `fault` plays, and gives the findings. */
  async function findingsOf(
    name: string,
    seconds: number,
    fault: () => Promise<void>,
  ): Promise<{ findings: Finding[]; startedMs: number; refused: number }> {
    const capture = join(scratch.path, `${name}.dhr`);
    try {
      await shop.run('prepare');
      await recordWhile({ out: capture, ports: PORTS, netns: shop.namespaces() }, async () => {
        await shop.run('start');
        await Promise.all([shop.run('load', [seconds, 1], LOAD), fault()]);
        await shop.run('down');
      });
    } finally {
      await shop.run('down');
    }
    const out = join(scratch.path, `${name}.sqlite`);
    execFileSync('node', [CLI, 'analyze', capture], { stdio: ['ignore', 'ignore', 'inherit'] });
    const db = new Database(out, { readonly: true });
    const findings = db
      .prepare<[], Finding>(
        `SELECT f.kind, e.client || ' → ' || e.server AS edge, f.start_ns / 1e9 AS from_s,
           f.end_ns / 1e9 AS to_s, f.sentence
         FROM finding f LEFT JOIN edge e ON e.id = f.edge ORDER BY f.rank`,
      )
      .all();
    const facts = db
      .prepare<[], { startedMs: number; refused: number }>(
        `SELECT unixepoch(started_utc, 'subsec') * 1000 AS startedMs,
           (SELECT count(*) FROM connection WHERE verdict = 'refused') AS refused FROM capture`,
      )
      .get()!;
    db.close();
    return { findings, ...facts };
  }

  describe('auth slow for 10 s', () => {
    let findings: Finding[] = [];
    let fromS = 0;

    beforeAll(async () => {
      let atMs = 0;
      const outcome = await findingsOf('slow', 22, async () => {
        await pause(6000);
        await shop.run('slow', [SLOW.ms, SLOW.s]);
        // The service was told before the command ended.
        atMs = Date.now();
        await pause(100);
      });
      findings = outcome.findings;
      fromS = (atMs - outcome.startedMs) / 1000;
    }, 120_000);

    it('is the first finding: edge, interval, p95 before and during, and that the time went into the server', () => {
      const [first] = findings;
      expect(first).toMatchObject({ kind: 'latency_shift', edge: 'gateway → auth' });
      expect(first!.sentence).toMatch(
        /^gateway → auth:8081 was slow from [\d.]+ s to [\d.]+ s: p95 3\d\d ms, [\d.]+ ms before; the time went into auth \([\d.]+ % of what was added\)\.$/,
      );
      expect(Math.abs(first!.from_s - fromS)).toBeLessThanOrEqual(SLACK_S);
      expect(Math.abs(first!.to_s - (fromS + SLOW.s))).toBeLessThanOrEqual(SLACK_S);
    });

    it('stands before those who waited for it', () => {
      const waiting = findings.find(({ kind }) => kind === 'slow_dependency');
      expect(waiting?.edge).toBe('load → gateway');
      expect(waiting?.sentence).toMatch(
        /gateway itself waited for auth:8081, for [\d.]+ % of its time/,
      );
    });
  });

  describe('inventory refusing for 3 s', () => {
    let outcome: Awaited<ReturnType<typeof findingsOf>>;

    beforeAll(async () => {
      outcome = await findingsOf('refuse', 10, async () => {
        await pause(3000);
        await shop.run('refuse', [3]);
      });
    }, 120_000);

    it('is a burst of failures with its count', () => {
      const burst = outcome.findings.find(({ kind }) => kind === 'failures_refused');
      expect(burst?.edge).toBe('orders → inventory');
      expect(outcome.refused).toBeGreaterThan(10);
      expect(burst?.sentence).toContain(
        `orders → inventory:8083: ${outcome.refused} connections refused between `,
      );
    });
  });
});

/** The fault begins while the load runs: how long after its start is part of what is played. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
