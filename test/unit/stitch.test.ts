/** One capture of several segments. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BlockWriter } from '../../src/capture/block-writer.js';
import { BlockKind, CensusPhase, type StatsBody } from '../../src/capture/blocks.js';
import { decodeJson } from '../../src/capture/bodies.js';
import { currentLayout } from '../../src/capture/events.js';
import { LAYOUT } from '../../src/capture/layout.gen.js';
import { openCapture } from '../../src/capture/open.js';
import { listSegments } from '../../src/capture/segments.js';
import { statsSince, stitchSegments } from '../../src/capture/stitch.js';
import { snapshotName } from '../../src/record/flight.js';
import { hostBody, ringRecord, withFolder } from '../support/capture.js';

const stats = (lost: number, cpuUs: number): StatsBody => ({
  at: '1',
  lost: lost > 0 ? { EXCHANGE: lost } : {},
  ringBytes: 4096,
  ringHighWater: 7,
  programs: [{ name: 'send_tp', runs: cpuUs * 2, ns: cpuUs * 3 }],
  measuredNs: cpuUs * 5,
  cpuUs,
  rssBytes: 1000,
  eventBytes: cpuUs * 10,
});

/** An event that can be told from others by its cookie. */
function event(cookie: number): Buffer {
  const bytes = Buffer.alloc(LAYOUT.ACCEPT.size);
  bytes.writeUInt16LE(LAYOUT.ACCEPT.kind, LAYOUT.ACCEPT.fields.kind.offset);
  bytes.writeUInt32LE(cookie, LAYOUT.ACCEPT.fields.cookie.offset);
  return ringRecord(bytes);
}

/** A segment as the recorder writes it: `n` tells it from others, its totals are ten times that. */
function segment(folder: string, n: number): string {
  const path = join(folder, `0000000${String(n)}.dhr`);
  const writer = new BlockWriter(path);
  writer.host(hostBody({ startedMono: String(n) }));
  writer.layout(currentLayout());
  writer.clock(BigInt(n), 0n);
  writer.workloads({ at: String(n), what: 'list', containers: [] });
  writer.census(BigInt(n), CensusPhase.START, Buffer.alloc(0), 0);
  writer.stats(stats(10 * n, 10 * n));
  writer.events(event(n));
  writer.workloads({ at: String(n), what: 'gap', containers: [], reason: 'gone' });
  writer.clock(BigInt(n), 1n);
  writer.stats(stats(10 * n + 3, 10 * n + 5));
  writer.close();
  return path;
}

interface Told {
  kinds: number[];
  starts: string[];
  cookies: number[];
  stats: StatsBody[];
  verdict: string;
}

function tell(path: string): Told {
  const { reader, close } = openCapture(path);
  const told: Told = { kinds: [], starts: [], cookies: [], stats: [], verdict: '' };
  for (const { kind, body } of reader) {
    told.kinds.push(kind);
    if (kind === BlockKind.HOST) told.starts.push(decodeJson('HOST', body)!.startedMono);
    if (kind === BlockKind.STATS) told.stats.push(decodeJson('STATS', body)!);
    if (kind === BlockKind.EVENTS) {
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      told.cookies.push(view.getUint32(8 + LAYOUT.ACCEPT.fields.cookie.offset, true));
    }
  }
  close();
  told.verdict = reader.verdict().name;
  return told;
}

describe('stitching', () => {
  it('takes the first segment whole and of the others what is behind their heads', () =>
    withFolder((folder) => {
      for (const n of [4, 5, 6]) segment(folder, n);
      const out = join(folder, 'out.dhr');
      const result = stitchSegments(listSegments(folder), out);
      const told = tell(out);
      expect(result).toEqual({ bytes: readFileSync(out).length, damaged: false });
      const tail = [BlockKind.EVENTS, BlockKind.WORKLOADS, BlockKind.CLOCK, BlockKind.STATS];
      const head = [
        ...[BlockKind.HOST, BlockKind.LAYOUT, BlockKind.CLOCK],
        ...[BlockKind.WORKLOADS, BlockKind.CENSUS, BlockKind.STATS],
      ];
      expect(told).toMatchObject({
        kinds: [...head, ...tail, ...tail, ...tail],
        starts: ['4'],
        cookies: [4, 5, 6],
        verdict: 'unclosed',
      });
      // Loss and cost of what was dropped are not its own.
      expect(told.stats.map(({ lost, cpuUs }) => ({ ...lost, cpuUs }))).toEqual([
        { cpuUs: 0 },
        { EXCHANGE: 3, cpuUs: 5 },
        { EXCHANGE: 13, cpuUs: 15 },
        { EXCHANGE: 23, cpuUs: 25 },
      ]);
    }));

  it('leaves a gap in the numbers where a segment is damaged, and stops at a cut', () =>
    withFolder((folder) => {
      const [first, second, third] = [4, 5, 6].map((n) => segment(folder, n));
      const damaged = readFileSync(first!);
      damaged.fill(0xff, damaged.length - 300, damaged.length - 290);
      writeFileSync(first!, damaged);
      writeFileSync(third!, readFileSync(third!).subarray(0, -20));
      const out = join(folder, 'out.dhr');
      expect(stitchSegments([first!, second!, third!], out).damaged).toBe(true);
      const told = tell(out);
      expect(told.cookies).toEqual([4, 5, 6]);
      expect(told.verdict).toMatch(/^damaged block at byte \d+ \(skipped\), unclosed$/);
    }));

  it('leaves nothing where it cannot be done', () =>
    withFolder((folder) => {
      const out = join(folder, 'out.dhr');
      expect(() => stitchSegments([join(folder, 'none.dhr')], out)).toThrow('Cannot read');
      expect(listSegments(folder)).toEqual([]);
      expect(() => readFileSync(`${out}.partial`)).toThrow('ENOENT');
    }));
});

describe('running totals', () => {
  it('count from a base', () => {
    expect(statsSince(stats(5, 20), stats(5, 50))).toEqual({
      ...stats(0, 30),
      programs: [{ name: 'send_tp', runs: 60, ns: 90 }],
      measuredNs: 150,
      eventBytes: 300,
    });
  });
});

describe('the name of a snapshot', () => {
  const noon = Date.UTC(2026, 0, 2, 12);
  it('tells its time and is taken by nobody', () => {
    expect(snapshotName('a/b.dhr', noon, () => false)).toBe('a/b-20260102-120000.dhr');
    const taken = new Set(['b-20260102-120000', 'b-20260102-120000-2']);
    expect(snapshotName('b', noon, (name) => taken.has(name))).toBe('b-20260102-120000-3');
  });
});
