/**
 * A load test of the shop, recorded for real: what k6's file says and what the sockets show are one thing. Where k6 is on the
 * PATH it makes the load; otherwise examples/shop/services/users.mjs does, which writes the same file.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyze } from '../../src/analyze/analyze.js';
import type { Analysis, Edge } from '../../src/analyze/model.js';
import { canRun, missingCommand, missingDocker, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';
import { Shop } from '../support/shop.js';

/** How long each load lasts: short here, a minute by hand. */
const SECONDS = Number(process.env['DHRISHTI_TEST_K6_S'] ?? 15);
/** Quantiles of a short load are a few requests wide. */
const CLOCKS_APART = SECONDS >= 60 ? 0.05 : 0.1;
const CONTAINERS = ['shop-*'];

const can = canRun('k6', [missingRecorder(), missingDocker(), missingCommand('redis-server')]);
const generator = missingCommand('k6') === null ? 'k6' : 'users.mjs';

describe.skipIf(!can)('a load test of the shop', () => {
  const scratch = scratchFolder();
  if (can) console.log(`the load is made by ${generator}`);

  afterAll(() => scratch.remove());

  /** Records the shop under the load of `script` while `fault` plays. */
  async function recorded(
    name: string,
    script: string,
    fault: (shop: Shop) => Promise<void> = () => Promise.resolve(),
  ): Promise<Analysis> {
    const folder = join(scratch.path, name);
    const shop = new Shop('docker', folder);
    const capture = `${folder}.dhr`;
    try {
      await shop.run('up');
      await recordWhile({ out: capture, containers: CONTAINERS }, async () => {
        const env = { LOAD_SECONDS: String(SECONDS) };
        await Promise.all([shop.run('users', [script], env), fault(shop)]);
      });
    } finally {
      await shop.run('down');
    }
    const analysis = await analyze({
      capture,
      db: `${folder}.sqlite`,
      windowNs: 10e9,
      stepNs: 1e9,
      staleAfterNs: 30e9,
      exchanges: false,
      k6: [join(folder, 'k6.json')],
    });
    report(name, analysis);
    return analysis;
  }

  const entryOf = ({ k6, edges }: Analysis): Edge => {
    expect(k6!.entry).toHaveLength(1);
    return edges.find(({ id }) => id === k6!.entry[0])!;
  };
  const said = ({ findings }: Analysis, kind: string): string[] =>
    findings.filter((one) => one.kind === kind).map(({ sentence }) => sentence);

  /** The start of the stage `name` of k6's plan, and its length, in ms. */
  const SPIKE = { afterMs: 600 * SECONDS, ms: 300 * SECONDS };

  describe('with nothing wrong', () => {
    let analysis: Analysis;
    beforeAll(
      async () => {
        analysis = await recorded('plain', 'load.js');
      },
      60_000 + 2000 * SECONDS,
    );

    it('counts the same requests and connections on both sides, and lost nothing', () => {
      const { k6, capture } = analysis;
      const { client, server, exchanges, connections } = entryOf(analysis);
      expect({ client, server, exchanges, connections, lost: capture.lost }).toEqual({
        client: 'load',
        server: 'gateway',
        exchanges: k6!.totals.requests,
        connections: k6!.totals.opened,
        lost: 0,
      });
    });

    it('took as long by either clock', () => {
      const { p50Us, p95Us } = entryOf(analysis);
      const { waitingP50Us, waitingP95Us } = analysis.k6!.totals;
      expect(Math.abs(p50Us! / waitingP50Us! - 1)).toBeLessThan(CLOCKS_APART);
      expect(Math.abs(p95Us! / waitingP95Us! - 1)).toBeLessThan(CLOCKS_APART);
    });

    it('has its stages', () => {
      expect(analysis.k6!.stages.map(({ name }) => name)).toEqual([
        'ramp',
        'steady',
        'spike',
        'end',
      ]);
    });

    it('has no finding about k6', () => {
      expect(analysis.findings.filter(({ kind }) => /k6|generator/.test(kind))).toEqual([]);
    });
  });

  describe('with a new connection for each request', () => {
    let analysis: Analysis;
    beforeAll(
      async () => {
        analysis = await recorded('fresh', 'load-new-connections.js');
      },
      60_000 + 2000 * SECONDS,
    );

    it('counts each of them, and does not take k6 for the bottleneck', () => {
      const { exchanges, connections } = entryOf(analysis);
      const { requests, opened } = analysis.k6!.totals;
      expect([exchanges, connections, opened]).toEqual([requests, requests, requests]);
      expect(said(analysis, 'generator_bottleneck')).toEqual([]);
    });
  });

  describe('from a machine with few local ports', () => {
    let analysis: Analysis;
    beforeAll(
      async () => {
        analysis = await recorded('few-ports', 'load-few-ports.js');
      },
      60_000 + 2000 * SECONDS,
    );

    it('fails its checks for the same reason', () => {
      expect(said(analysis, 'k6_failed_checks')).toEqual([
        expect.stringContaining('their requests ended in k6 itself, before a packet left it'),
      ]);
    });

    it('is held up by k6 itself, and the first finding says so', () => {
      expect(analysis.findings[0]).toMatchObject({
        kind: 'generator_bottleneck',
        severity: 'high',
      });
      expect(analysis.findings[0]!.sentence).toMatch(
        /^The load generator was the bottleneck, not what is behind load → gateway:8080: [\d,]+ requests \([\d.]+ %\) failed in k6 before a packet left it/,
      );
    });
  });

  describe('while auth is slow during the spike', () => {
    let analysis: Analysis;
    beforeAll(
      async () => {
        analysis = await recorded('slow', 'load.js', async (shop) => {
          await pause(SPIKE.afterMs + 1000);
          await shop.run('slow', [300, Math.round(SPIKE.ms / 1000)]);
        });
      },
      60_000 + 2000 * SECONDS,
    );

    it('names the stage, the edge and its share of k6’s p95', () => {
      const [sentence] = said(analysis, 'k6_stage_latency');
      const told =
        /^Latency broke in the stage "spike": k6's p95 was (?<k6>[\d.]+) ms, [\d.]+ ms in "(ramp|steady)"\. It broke first in auth, at \d+ s: gateway → auth:8081 went from (?<before>[\d.]+) ms to (?<during>3\d\d) ms at the p95, which is (?<share>[\d.]+) % of k6's p95\.$/.exec(
          sentence ?? '',
        );
      expect(told?.groups, sentence).toBeDefined();
      const { k6, before, during, share } = told!.groups!;
      expect(Number(share)).toBeCloseTo((100 * (Number(during) - Number(before))) / Number(k6), 0);
      expect(Number(share)).toBeGreaterThan(50);
    });
  });
});

/** What is seen by hand. */
function report(name: string, { k6, edges, findings, capture }: Analysis): void {
  const edge = edges.find(({ id }) => id === k6?.entry[0]);
  const { requests, opened, unopened, waitingP50Us, waitingP95Us } = k6!.totals;
  const sides = {
    k6: { requests, opened, unopened, p50: waitingP50Us, p95: waitingP95Us },
    sockets: {
      exchanges: edge?.exchanges,
      connections: edge?.connections,
      failures: edge?.failures,
      p50: edge?.p50Us,
      p95: edge?.p95Us,
    },
  };
  console.log(name, JSON.stringify(sides), `lost ${capture.lost}`, k6!.offset);
  for (const { kind, sentence } of findings.slice(0, 6)) console.log(`  ${kind}: ${sentence}`);
}

/** The fault belongs into the spike: how long after the start of the load is part of what is played. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
