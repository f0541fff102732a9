/**
 * Bodies of blocks, decoded. A body whose CRC holds may still come from a careless writer: each function
 * gives null where the bytes do not make sense, and its caller counts that.
 */
import type {
  CensusPhase,
  EndBody,
  HostBody,
  LayoutBody,
  NetstatBody,
  StatsBody,
  WorkloadsBody,
} from './blocks.js';

/** The body that each JSON kind holds. */
export interface JsonBodies {
  HOST: HostBody;
  LAYOUT: LayoutBody;
  WORKLOADS: WorkloadsBody;
  STATS: StatsBody;
  NETSTAT: NetstatBody;
  END: EndBody;
}

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
 * Body of a JSON block of the named kind. Only what every reader relies on is checked; all else in it is to be
 * treated as what a stranger wrote.
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
  return isObject(value) && CHECKS[kind](value) ? (value as unknown as JsonBodies[K]) : null;
}

type Members = Readonly<Record<string, unknown>>;

/** What each kind must have. */
const CHECKS: Readonly<Record<keyof JsonBodies, (body: Members) => boolean>> = {
  HOST: (body) =>
    typeof body['hostname'] === 'string' &&
    typeof body['kernel'] === 'string' &&
    typeof body['startedWallMs'] === 'number' &&
    isTime(body['startedMono']) &&
    Array.isArray(body['plan']) &&
    body['plan'].every(isObject) &&
    isObject(body['filter']),
  LAYOUT: (body) =>
    isObject(body['kinds']) &&
    Object.values(body['kinds']).every((kind) => isObject(kind) && areFields(kind['fields'])),
  WORKLOADS: (body) =>
    isTime(body['at']) &&
    Array.isArray(body['containers']) &&
    body['containers'].every(isContainer),
  STATS: (body) => isTime(body['at']) && isCounts(body['lost']) && Array.isArray(body['programs']),
  NETSTAT: (body) => isTime(body['at']) && isCounts(body['counters']),
  END: (body) => isTime(body['at']),
};

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Nanoseconds as a decimal string that fits 64 bits. */
function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,20}$/.test(value);
}

function isCounts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((count) => typeof count === 'number');
}

function areFields(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isObject);
}

function isContainer(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['id'] === 'string' &&
    typeof value['name'] === 'string' &&
    isObject(value['labels']) &&
    Array.isArray(value['networks']) &&
    Array.isArray(value['ports'])
  );
}
