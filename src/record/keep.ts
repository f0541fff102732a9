/** How much a flight recorder keeps, and when one segment ends and another goes: pure rules, no clock, no disk. */

/** What to keep: the newest bytes, the newest milliseconds, or the less of both. */
export interface Keep {
  bytes?: number;
  ms?: number;
}

/** How many segments the kept part is cut into: what is dropped at once is one of them. */
const SEGMENTS = 8;
/** A segment is at least this many times as long as its head, or heads would fill the room. */
const HEADS = 4;
/** Room for what a file system rounds up, and for the recorder's own note. */
const SLACK_BYTES = 128 * 1024;

/** A segment, as far as the rules go. */
export interface Extent {
  /** When it began, in milliseconds of any clock. */
  fromMs: number;
  bytes: number;
}

/** True when the newest segment has had its share. `headBytes` is what it began with. */
export function isFull(keep: Keep, newest: Extent, headBytes: number, nowMs: number): boolean {
  if (keep.bytes !== undefined) {
    const share = (keep.bytes - SLACK_BYTES) / SEGMENTS;
    if (newest.bytes >= Math.max(share, HEADS * headBytes)) return true;
  }
  return keep.ms !== undefined && nowMs - newest.fromMs >= keep.ms / SEGMENTS;
}

/**
 * How many of the oldest segments must go before `more` bytes are written.
 * @param segments oldest first; the last one is being written and stays.
 */
export function surplus(
  keep: Keep,
  segments: readonly Extent[],
  more: number,
  nowMs: number,
): number {
  let gone = 0;
  if (keep.ms !== undefined) {
    // A segment goes when all of it is too old: it ends where the next one begins.
    while (gone + 1 < segments.length && segments[gone + 1]!.fromMs <= nowMs - keep.ms) gone++;
  }
  if (keep.bytes !== undefined) {
    const room = keep.bytes - SLACK_BYTES - more;
    let held = segments.slice(gone).reduce((sum, { bytes }) => sum + bytes, 0);
    while (gone + 1 < segments.length && held > room) held -= segments[gone++]!.bytes;
  }
  return gone;
}

/** True when `more` bytes do not fit even where the newest segment alone is kept. */
export function overflows(keep: Keep, newest: Extent, more: number): boolean {
  return keep.bytes !== undefined && newest.bytes + more > keep.bytes - SLACK_BYTES;
}
