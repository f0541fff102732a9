/** Takes events out of a capture, as a full ring buffer or a damaged file would, and leaves all else as it is. */
import type { EndBody, StatsBody } from '../../src/capture/blocks.js';
import { BlockKind } from '../../src/capture/blocks.js';
import { decodeJson } from '../../src/capture/bodies.js';
import { RecordCursor, kindName, resolveLayout } from '../../src/capture/events.js';
import { padded } from '../../src/capture/format.js';
import { CaptureReader } from '../../src/capture/reader.js';
import type { CaptureWriter } from '../../src/capture/writer.js';
import { captureBytes, chunked } from './capture.js';

/** Decides about one event; `index` counts all events of the capture from 0. */
export type Removes = (event: RecordCursor, index: number) => boolean;

export interface Thinned {
  bytes: Buffer;
  /** Removed events by the name of their kind. */
  removed: Record<string, number>;
}

/** Bytes of the header that the kernel puts before each record. */
const RECORD_HEADER_BYTES = 8;

/**
 * Removes events.
 * @param options `counted`: STATS tell the loss, as where the ring was full; else nothing tells it. `without`:
 *     kinds of block to leave out too.
 */
export function thin(
  capture: Uint8Array,
  removes: Removes,
  options: { counted?: boolean; without?: readonly number[] } = {},
): Thinned {
  const removed: Record<string, number> = {};
  let index = 0;
  let cursor = new RecordCursor(resolveLayout(null));
  let told = false;
  const keep = (body: Uint8Array): Buffer[] => {
    const kept: Buffer[] = [];
    cursor.reset(body);
    while (cursor.next()) {
      if (removes(cursor, index++)) {
        const name = kindName(cursor.kind) ?? String(cursor.kind);
        removed[name] = (removed[name] ?? 0) + 1;
        continue;
      }
      const from = cursor.offset - RECORD_HEADER_BYTES;
      kept.push(Buffer.from(body.subarray(from, cursor.offset + padded(cursor.size))));
    }
    return kept;
  };
  const copy = (writer: CaptureWriter, kind: number, body: Uint8Array): void => {
    if (options.without?.includes(kind) === true) return;
    if (kind === BlockKind.LAYOUT) {
      cursor = new RecordCursor(resolveLayout(decodeJson('LAYOUT', body)));
    }
    if (kind === BlockKind.EVENTS) {
      writer.writeBlock(BlockKind.EVENTS, keep(body));
    } else if (kind === BlockKind.STATS && options.counted === true) {
      told = true;
      writer.stats(withLost(decodeJson('STATS', body)!, removed));
    } else {
      if (kind === BlockKind.END && options.counted === true && !told) {
        writer.stats(statsAt(decodeJson('END', body)!, removed));
      }
      writer.writeBlock(kind as BlockKind, body);
    }
  };
  const bytes = captureBytes((writer) => {
    const reader = new CaptureReader(chunked(capture, [1 << 20]), { name: 'x.dhr' });
    for (const { kind, body } of reader) copy(writer, kind, body);
  });
  return { bytes, removed };
}

/** Removes each event with a probability; equal seeds remove the same events. */
export function thinAtRandom(
  capture: Uint8Array,
  share: number,
  seed: number,
  options: { counted: boolean },
): Thinned {
  const random = randomFrom(seed);
  return thin(capture, () => random() < share, options);
}

/** Numbers in [0, 1): a linear congruential generator with the constants of Numerical Recipes. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function withLost(stats: StatsBody, removed: Readonly<Record<string, number>>): StatsBody {
  const lost = { ...stats.lost };
  for (const [name, count] of Object.entries(removed)) lost[name] = (lost[name] ?? 0) + count;
  return { ...stats, lost };
}

/** For a capture that holds no STATS of its own. */
function statsAt({ at }: EndBody, removed: Readonly<Record<string, number>>): StatsBody {
  return {
    at,
    lost: { ...removed },
    ringBytes: 1 << 20,
    ringHighWater: 1 << 20,
    programs: [],
    cpuUs: 0,
    rssBytes: 0,
    eventBytes: 0,
  };
}
