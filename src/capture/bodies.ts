/**
 * Bodies of blocks, decoded. A body whose CRC holds may still come from a careless writer: each function
 * gives null where the bytes do not make sense, and its caller counts that.
 */
import type { CensusPhase } from './blocks.js';
import { JSON_BODIES } from './json-bodies.js';
import type { JsonBodies } from './json-bodies.js';
import { UNFIT } from './shapes.js';

/** One moment on both clocks, in nanoseconds. */
export interface ClockBody {
  mono: bigint;
  wall: bigint;
}

/** A census: `count` rows of `rowBytes`, one behind the other in `rows`. */
export interface CensusBody {
  /** CLOCK_MONOTONIC nanoseconds. */
  at: bigint;
  phase: (typeof CensusPhase)[keyof typeof CensusPhase];
  count: number;
  rowBytes: number;
  rows: Uint8Array;
}

const CENSUS_HEAD_BYTES = 16;
const utf8 = new TextDecoder();

function viewOf(body: Uint8Array): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength);
}

/** Body of a CLOCK block. */
export function decodeClock(body: Uint8Array): ClockBody | null {
  if (body.byteLength < 16) return null;
  const view = viewOf(body);
  return { mono: view.getBigUint64(0, true), wall: view.getBigUint64(8, true) };
}

/** Body of a CENSUS block. The size of a row follows from the count. */
export function decodeCensus(body: Uint8Array): CensusBody | null {
  if (body.byteLength < CENSUS_HEAD_BYTES) return null;
  const view = viewOf(body);
  const phase = view.getUint32(8, true);
  const count = view.getUint32(12, true);
  const rows = body.subarray(CENSUS_HEAD_BYTES);
  if (phase !== 0 && phase !== 1) return null;
  if (count === 0 ? rows.length !== 0 : rows.length % count !== 0 || rows.length === 0) return null;
  const rowBytes = count === 0 ? 0 : rows.length / count;
  return { at: view.getBigUint64(0, true), phase, count, rowBytes, rows };
}

/**
 * Body of a JSON block of the named kind. Its members have the types that their interface promises, and are
 * bounded; members that the interface does not have are left out.
 */
export function decodeJson<K extends keyof JsonBodies>(
  kind: K,
  body: Uint8Array,
): JsonBodies[K] | null {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    return null;
  }
  const fit = JSON_BODIES[kind](value);
  return fit === UNFIT ? null : fit;
}
