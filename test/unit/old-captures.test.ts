/** Old files open for ever. See fixtures/captures/old/README.md for how one is added. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import { splitU64 } from '../../src/base/time.js';
import { BlockKind } from '../../src/capture/blocks.js';
import { decodeClock, decodeJson } from '../../src/capture/bodies.js';
import { RecordCursor, resolveLayout } from '../../src/capture/events.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { analyzed } from '../support/analysis.js';
import { chunked } from '../support/capture.js';

const OLD = join(packageRoot, 'fixtures', 'captures', 'old');
const bytesOf = (name: string): Buffer => readFileSync(join(OLD, name));

/** What the analysis of each file must say. */
const EXPECTED: Record<string, Record<string, unknown>> = {
  'format-1.0.dhr': { verdict: 'complete', events: 1, host: 'box', durationNs: 1000 },
};

describe('old captures', () => {
  const names = readdirSync(OLD).filter((name) => name.endsWith('.dhr'));

  it('are all known', () => {
    expect(names).toEqual(Object.keys(EXPECTED));
  });

  it.each(names)('%s is analyzed', (name) => {
    expect(analyzed(bytesOf(name)).capture).toMatchObject(EXPECTED[name]!);
  });
});

describe('a capture of format 1.0', () => {
  it('is read as it was meant', () => {
    const reader = new CaptureReader(chunked(bytesOf('format-1.0.dhr'), [100]), { name: 'old' });
    const blocks = Array.from(reader, ({ kind, body }) => ({ kind, body: body.slice() }));
    expect([blocks.map((block) => block.kind), reader.verdict().name, reader.version]).toEqual([
      [BlockKind.HOST, BlockKind.LAYOUT, BlockKind.CLOCK, BlockKind.EVENTS, BlockKind.END],
      'complete',
      { major: 1, minor: 0 },
    ]);
    const [host, layout, clock, events, end] = blocks.map((block) => block.body);
    expect(decodeJson('HOST', host!)?.startedMono).toBe('1000');
    expect(decodeClock(clock!)).toEqual({ mono: 1000n, wall: 1_000_000n });
    expect(decodeJson('END', end!)).toEqual({ at: '2000', reason: 'signal' });
    const resolved = resolveLayout(decodeJson('LAYOUT', layout!));
    const { ts, pid, cookie, flags } = resolved.at.ACCEPT;
    const cursor = new RecordCursor(resolved, splitU64('1000'));
    cursor.reset(events!);
    expect(cursor.next()).toBe(true);
    const fields = [cursor.time(ts), cursor.u32(pid), cursor.u64(cookie), cursor.u16(flags)];
    expect([...fields, cursor.next()]).toEqual([250, 77, 5, 0, false]);
  });
});
