/** Times that no recording has: what tells them is left out and counted, and stretches nothing. Seeds are fixed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { believableEnd } from '../../src/analyze/span.js';
import { BlockKind } from '../../src/capture/blocks.js';
import type { Analyzed } from '../support/analysis.js';
import { analyzed } from '../support/analysis.js';
import { CaptureBuilder, START_NS, encodeEvent } from '../support/capture-builder.js';
import { captureBytes, hostBody, ringRecord, withFolder } from '../support/capture.js';

const SEED = 20_261_124;
const DURATION_MS = 9000;
const SECOND = 1e9;

interface Made {
  capture: CaptureBuilder;
  cookies: number[];
}

function shop(): Made {
  const capture = new CaptureBuilder();
  capture.durationMs = DURATION_MS;
  const gateway = capture.container('gateway', '10.0.0.2');
  const auth = capture.container('auth', '10.0.0.3');
  capture.listen(auth, 8081);
  const cookies: number[] = [];
  for (let i = 0; i < 6; i++) {
    const made = capture.connect(gateway, auth, 8081, 100 + 700 * i);
    for (let k = 0; k < 5; k++) made.exchange(200 + 700 * i + 40 * k, 10 + k);
    if (i % 2 === 0) made.close(4000 + 700 * i, 'client');
    cookies.push(made.clientCookie, made.serverCookie);
  }
  return { capture, cookies };
}

/** Nanoseconds of the kernel's clock: nothing, everything, and what lies far from the recording. */
const absurd = fc.oneof(
  fc.constantFrom(0n, 1n, START_NS - 3600n * 1_000_000_000n, (1n << 63n) - 1n, (1n << 64n) - 1n),
  fc.bigInt({ min: START_NS + BigInt(100 * SECOND), max: (1n << 64n) - 1n }),
);
const stray = fc.record({
  ts: absurd,
  kind: fc.constantFrom('EXCHANGE', 'CLOSE', 'CONNECT', 'FIN', 'RESET', 'RETRANSMIT', 'ACCEPT'),
  socket: fc.nat(11),
  /** In a block of its own at the end, or among the others. */
  apart: fc.boolean(),
});

/** All that was found out, but for what must differ: the file, and the row that counts the strays. */
function findings(analysis: Analyzed): object {
  const { capture, quality, visitCells, visitWindows, edges, ...rest } = analysis;
  const windows: object[] = [];
  visitWindows((window) => windows.push({ ...window }));
  const cells: object[] = [];
  for (const { id } of edges) visitCells(id, (cell) => cells.push({ ...cell }));
  return {
    ...rest,
    digest: '',
    edges,
    windows,
    cells,
    capture: { ...capture, fileBytes: 0 },
    quality: quality.filter(({ name }) => name !== 'absurd_times'),
  };
}

describe(`absurd times (seed ${SEED})`, () => {
  it('change nothing but the row that counts them', () => {
    const plain = findings(analyzed(shop().capture));
    fc.assert(
      fc.property(
        fc.uniqueArray(stray, { minLength: 1, maxLength: 8, selector: ({ ts }) => ts }),
        fc.integer({ min: 1, max: 60 }),
        (strays, perBlock) => {
          const { capture, cookies } = shop();
          const last: Buffer[] = [];
          for (const { ts, kind, socket, apart } of strays) {
            const fields = { cookie: cookies[socket]! };
            if (apart) last.push(ringRecord(encodeEvent(kind, { ts, ...fields })));
            else capture.event(kind, Number(ts - START_NS) / 1e6, fields);
          }
          const bytes = withFolder((folder) => {
            const path = join(folder, 'x.dhr');
            capture.write(path, perBlock, (writer) => {
              if (last.length > 0) writer.writeBlock(BlockKind.EVENTS, Buffer.concat(last));
            });
            return readFileSync(path);
          });
          const analysis = analyzed(bytes);
          expect(findings(analysis)).toEqual(plain);
          expect(analysis.quality.filter(({ name }) => name === 'absurd_times')).toMatchObject([
            { severity: 'warning', value: strays.length },
          ]);
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it.each(['clock', 'stats', 'end', 'census'] as const)('of a %s stretch nothing', (what) => {
    const at = START_NS + 10n ** 18n;
    const bytes = captureBytes((writer) => {
      writer.host(hostBody({ startedMono: String(START_NS) }));
      for (let s = 0n; s < 5n; s++) {
        const now = START_NS + s * 1_000_000_000n;
        writer.clock(now, 1_750_000_000_000_000_000n);
        writer.events(ringRecord(encodeEvent('ACCEPT', { ts: now, cookie: 1 })));
      }
      if (what === 'clock') writer.clock(at, 0n);
      if (what === 'census') writer.census(at, 1, Buffer.alloc(0), 0);
      if (what === 'stats')
        writer.stats({
          at: String(at),
          lost: { EXCHANGE: 7 },
          ringBytes: 1,
          ringHighWater: 0,
          programs: [],
          cpuUs: 1,
          rssBytes: 1,
          eventBytes: 1,
        });
      writer.end({
        at: String(what === 'end' ? at : START_NS + 5_000_000_000n),
        reason: 'duration',
      });
    });
    const { capture, steps } = analyzed(bytes);
    expect([capture.durationNs, steps]).toEqual(what === 'end' ? [4e9, 5] : [5e9, 5]);
  });
});

describe('the end that records make believable', () => {
  it.each<[string, number[], number]>([
    ['nothing', [], 0],
    ['the last of some that follow each other', [0, 1, 2, 3, 40], 40],
    ['not one that is alone', [0, 1, 2, 400], 2],
    ['two that agree, however late', [0, 1, 2, 4000, 4001], 4001],
    ['not one before the start', [-5, -4], 0],
    ['not two that are far from each other', [0, 1, 1e6, 2e6], 1],
  ])('is %s', (_, seconds, end) => {
    expect(believableEnd(seconds.map((s) => s * SECOND))).toBe(end * SECOND);
  });
});
