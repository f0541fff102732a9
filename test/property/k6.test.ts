/** k6's files against any input at all, and its windows against slow, obvious ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readFrame } from '../../src/analyze/frame.js';
import { readK6 } from '../../src/analyze/k6-file.js';
import { DhrishtiError } from '../../src/base/errors.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { analyzed } from '../support/analysis.js';
import { CaptureBuilder } from '../support/capture-builder.js';
import { chunked } from '../support/capture.js';
import { K6Lines } from '../support/k6-lines.js';
import { scratchFolder } from '../support/recording.js';

const SEED = 20_261_124;
const SETTINGS = { stepNs: 1e9, windowNs: 3e9 };

const built = new CaptureBuilder();
const bytes = built.bytes();
const frame = readFrame(new CaptureReader(chunked(bytes, [1 << 16]), { name: 'x.dhr' }));

describe('k6 files', () => {
  const folder = scratchFolder();
  afterAll(() => folder.remove());

  /** Lines of k6's, and such as have one of its parts replaced by anything. */
  const line = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc
      .record({
        type: fc.constantFrom('Point', 'Metric', 'Other'),
        metric: fc.constantFrom('http_reqs', 'http_req_duration', 'checks', 'vus', '__proto__'),
        data: fc.oneof(
          fc.jsonValue(),
          fc.record({
            time: fc.oneof(fc.constant('2025-06-15T15:06:41.5Z'), fc.string(), fc.jsonValue()),
            value: fc.oneof(fc.double(), fc.jsonValue()),
            type: fc.constantFrom('trend', 'rate', 'gauge', 'counter', 'none'),
            thresholds: fc.oneof(fc.constant(['p(95)<1', 'rate>0']), fc.jsonValue()),
            tags: fc.oneof(
              fc.jsonValue(),
              fc.dictionary(
                fc.constantFrom('status', 'url', 'error', 'stage', 'check'),
                fc.jsonValue(),
              ),
            ),
          }),
        ),
      })
      .map((value) => JSON.stringify(value)),
    fc.string(),
  );

  it('of any content are read, or refused in one sentence', async () => {
    const path = join(folder.path, 'k6.json');
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
        writeFileSync(path, lines.join('\n'));
        try {
          const run = await readK6([path], frame, SETTINGS);
          expect(JSON.stringify(run)).not.toContain('NaN');
        } catch (error) {
          if (!(error instanceof DhrishtiError)) throw error;
          expect(error.message).toMatch(/\.$/);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('windows of k6', () => {
  const request = fc.record({
    atMs: fc.integer({ min: 0, max: 9000 }),
    waiting: fc.integer({ min: 1, max: 900 }),
    failed: fc.boolean(),
  });

  it('hold the requests that began in them', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 60 }), (requests) => {
        const k6 = new K6Lines();
        for (const { atMs, waiting, failed } of requests) {
          k6.request(atMs, waiting, { status: failed ? 500 : 200 });
        }
        const windows = analyzed(bytes, { ...SETTINGS, k6 }).k6!.windows;
        for (let start = 0; start < 8; start++) {
          const held = requests.filter(
            ({ atMs }) => atMs >= 1000 * start && atMs < 1000 * (start + 3),
          );
          const window = windows.find(({ startNs }) => startNs === start * 1e9);
          const sum = held.reduce((all, { waiting }) => all + waiting * 1000, 0);
          expect(window?.requests ?? 0).toBe(held.length);
          expect(window?.failed ?? 0).toBe(held.filter(({ failed }) => failed).length);
          if (held.length > 0) expect(window!.avgUs).toBeCloseTo(sum / held.length, 1);
        }
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});
