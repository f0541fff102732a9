/** When connections began: as whoever made them wrote it down, and as a capture tells it. */
import { readFileSync } from 'node:fs';
import { BlockKind } from '../../src/capture/blocks.js';
import { decodeJson } from '../../src/capture/bodies.js';
import { RecordCursor, resolveLayout, type EventLayout } from '../../src/capture/events.js';
import { Kind } from '../../src/capture/layout.gen.js';
import { openCapture } from '../../src/capture/open.js';

/** Monotonic nanoseconds that traffic_log.py wrote, as far as its file is flushed. */
export function madeAt(log: string): bigint[] {
  const bytes = readFileSync(log);
  const times: bigint[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) times.push(bytes.readBigUInt64LE(at));
  return times;
}

/** Monotonic nanoseconds of each CONNECT in a capture, whole or not, and the reader's verdict. */
export function toldAt(file: string): { times: bigint[]; verdict: string } {
  const { reader, close } = openCapture(file);
  const times: bigint[] = [];
  let layout: EventLayout = resolveLayout(null);
  for (const { kind, body } of reader) {
    if (kind === BlockKind.LAYOUT) layout = resolveLayout(decodeJson('LAYOUT', body));
    if (kind !== BlockKind.EVENTS) continue;
    const cursor = new RecordCursor(layout);
    cursor.reset(body);
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    while (cursor.next()) {
      if (cursor.kind !== Kind.CONNECT) continue;
      times.push(view.getBigUint64(cursor.offset + layout.at.CONNECT.ts, true));
    }
  }
  close();
  return { times, verdict: reader.verdict().name };
}

/**
 * How many connections a capture does not tell although it covers their time: from its first one to `untilNs`. They
 * are made one after the other and written down just before, so each is told before the next is made.
 */
export function untold(made: readonly bigint[], told: readonly bigint[], untilNs: bigint): number {
  let missing = 0;
  let at = 0;
  for (let n = 0; n < made.length && made[n]! < untilNs; n++) {
    const next = made[n + 1] ?? untilNs;
    if (told.length === 0 || next <= told[0]!) continue;
    while (at < told.length && told[at]! < made[n]!) at++;
    if (!(at < told.length && told[at]! < next)) missing++;
  }
  return missing;
}
