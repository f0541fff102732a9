/**
 * The census: every TCP socket of every process in all network namespaces, read from the kernel's own
 * iterator. Rows do not pass through the ring, so none can be lost.
 */
import { closeSync, readSync } from 'node:fs';
import { Buffer } from 'node:buffer';
import { LAYOUT } from '../capture/layout.gen.js';
import type { BpfMap } from './libbpf.js';

/** What a pass does; numbers as in bpf/maps.h, enum dhr_census_pass. */
export const CensusPass = {
  LISTENERS: 0,
  START: 1,
  END: 2,
  RECORDED: 3,
  TURNS: 4,
  FLUSH: 5,
} as const;
export type CensusPass = (typeof CensusPass)[keyof typeof CensusPass];

const ROW_BYTES = LAYOUT.CENSUS.size;
const TURN_BYTES = LAYOUT.EXCHANGE.size;
const TURN_COOKIE = LAYOUT.EXCHANGE.fields.cookie.offset;

/** One for all passes: a new one each time would wait long for the garbage collector. */
const chunk = Buffer.allocUnsafeSlow(64 * 1024);

/** Reads an iterator's file to its end. */
function readAll(fd: number): Buffer {
  const parts: Buffer[] = [];
  try {
    for (;;) {
      let length: number;
      try {
        length = readSync(fd, chunk, 0, chunk.length, null);
      } catch (error) {
        // The kernel yields after a million objects without a row and asks to be called again.
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') continue;
        throw error;
      }
      if (length === 0) return Buffer.concat(parts);
      parts.push(Buffer.from(chunk.subarray(0, length)));
    }
  } finally {
    closeSync(fd);
  }
}

/** Opens the files of one pass, one after the other: each gives its rows as it is read. */
export type OpenPass = () => Iterable<number>;

/** Runs one pass; gives what its files hold. */
function runPass(control: BpfMap, open: OpenPass, pass: CensusPass): Buffer {
  setSwitch(control, pass);
  return Buffer.concat(Array.from(open(), readAll));
}

/**
 * Runs one pass that lists sockets.
 * @param control the switch `census_pass` of the kernel side.
 * @returns the rows, as raw `dhr_census` structs; none for LISTENERS. A socket may have several.
 */
export function takeCensus(
  control: BpfMap,
  open: OpenPass,
  pass: CensusPass,
): { rows: Buffer; count: number } {
  const rows = runPass(control, open, pass);
  return { rows, count: Math.floor(rows.length / ROW_BYTES) };
}

/** Copies of the exchanges that recorded sockets hold, as raw `dhr_exchange` structs, one a socket. */
export function takeTurns(control: BpfMap, open: OpenPass): Buffer[] {
  const rows = runPass(control, open, CensusPass.TURNS);
  const turns = new Map<bigint, Buffer>();
  for (let at = 0; at + TURN_BYTES <= rows.length; at += TURN_BYTES) {
    turns.set(rows.readBigUInt64LE(at + TURN_COOKIE), rows.subarray(at, at + TURN_BYTES));
  }
  return [...turns.values()];
}

/** Makes all recorded sockets tell the exchanges that they hold, through the ring. */
export function flushTurns(control: BpfMap, open: OpenPass): void {
  runPass(control, open, CensusPass.FLUSH);
}

/** Writes one of the kernel side's switches: a map with one u32. */
export function setSwitch(control: BpfMap, value: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  control.update(Buffer.alloc(4), bytes);
}
