/** Old files open for ever: a capture of format 1.0, written once, which no later version may fail to read. */
import { describe, expect, it } from 'vitest';
import { splitU64 } from '../../src/base/time.js';
import { BlockKind } from '../../src/capture/blocks.js';
import { decodeClock, decodeJson } from '../../src/capture/bodies.js';
import { RecordCursor, resolveLayout } from '../../src/capture/events.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { chunked } from '../support/capture.js';

/** HOST, LAYOUT with ACCEPT alone, CLOCK, one ACCEPT event, END. Never write it anew. */
const FORMAT_1_0 =
  'iURIUg0KGgoBAAAAGAAAAAAAAADSvGvfiUJMSwEAAABhAAAAqqA/XwAAAAC20ErFeyJob3N0bmFtZSI6ImJveCIsIm' +
  'tlcm5lbCI6IjYuMTguMCIsInN0YXJ0ZWRNb25vIjoiMTAwMCIsInN0YXJ0ZWRXYWxsTXMiOjEsInBsYW4iOltdLCJm' +
  'aWx0ZXIiOnt9fQAAAAAAAACJQkxLAgAAAKoAAADgd9qgAQAAAGzR3C97ImtpbmRzIjp7IkFDQ0VQVCI6eyJraW5kIj' +
  'o0LCJzaXplIjoyNCwiZmllbGRzIjp7InRzIjp7Im9mZnNldCI6MCwic2l6ZSI6OCwiY291bnQiOjF9LCJwaWQiOnsi' +
  'b2Zmc2V0IjoxMiwic2l6ZSI6NCwiY291bnQiOjF9LCJjb29raWUiOnsib2Zmc2V0IjoxNiwic2l6ZSI6OCwiY291bn' +
  'QiOjF9fX19fQAAAAAAAIlCTEsDAAAAEAAAAHjKNuACAAAAAlxqiegDAAAAAAAAQEIPAAAAAACJQkxLBAAAACAAAADU' +
  'Z46ZAwAAAN2mwwEYAAAAAAAAAOIEAAAAAAAABAAAAE0AAAAFAAAAAAAAAIlCTEsJAAAAHwAAAOFNvjAEAAAAybROLH' +
  'siYXQiOiIyMDAwIiwicmVhc29uIjoic2lnbmFsIn0A';

describe('a capture of format 1.0', () => {
  it('is read as it was meant', () => {
    const bytes = Buffer.from(FORMAT_1_0, 'base64');
    const reader = new CaptureReader(chunked(bytes, [100]), { name: 'old.dhr' });
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
