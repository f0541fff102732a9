/**
 * Writes blocks into one new file. Every write has reached the kernel before its call returns, because the
 * bytes of EVENTS come straight from the ring buffer and are overwritten as soon as the recorder moves on.
 * FORMAT.md is the specification.
 */
import { closeSync, constants, fstatSync, openSync, statSync, writevSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { splitU64 } from '../base/time.js';
import type {
  EndBody,
  HostBody,
  LayoutBody,
  NetstatBody,
  StatsBody,
  WorkloadsBody,
} from './blocks.js';
import { BlockKind } from './blocks.js';
import type { JsonBodies } from './json-bodies.js';
import {
  BLOCK_HEADER_BYTES,
  MAX_BODY_BYTES,
  encodeBlockHeader,
  encodeFileHeader,
  padded,
} from './format.js';
import { fileError } from './file-error.js';
import { giveToOwner } from './owner.js';

const PADDING = new Uint8Array(8);

/** Writes one file. All methods are synchronous and throw DhrishtiError FAILED naming the file. */
export class BlockWriter {
  /** The file that is written. */
  readonly path: string;
  protected readonly fd: number;
  readonly #header = new Uint8Array(BLOCK_HEADER_BYTES);
  readonly #headerView = new DataView(this.#header.buffer);
  readonly #makeRoom: ((bytes: number) => void) | undefined;
  #sequence = 0;
  #bytes = 0;
  #holdsEvents = false;

  /**
   * Creates the file (mode 0600, of the user behind sudo) and writes the file header.
   * @param makeRoom called before the file grows, with by how many bytes.
   */
  constructor(path: string, makeRoom?: (bytes: number) => void) {
    this.path = path;
    this.#makeRoom = makeRoom;
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    try {
      // Exclusive: root must neither follow a planted link nor overwrite what a cut recording left.
      this.fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    } catch (cause) {
      throw fileError('create', path, cause);
    }
    giveToOwner(this.fd);
    this.#write([encodeFileHeader()]);
  }

  /** Bytes in the file so far. */
  get bytesWritten(): number {
    return this.#bytes;
  }

  /** There are events in the file. */
  get holdsEvents(): boolean {
    return this.#holdsEvents;
  }

  /** Blocks that belong here are missing: their numbers are left out, so that readers see it. */
  skipBlocks(count: number): void {
    this.#sequence += count;
  }

  /**
   * Writes one block.
   * @param body at most MAX_BODY_BYTES in all; several parts are written one behind the other.
   */
  writeBlock(kind: BlockKind, body: Uint8Array | readonly Uint8Array[]): void {
    const parts: Uint8Array[] = body instanceof Uint8Array ? [body] : [...body];
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
    if (length > MAX_BODY_BYTES)
      throw new RangeError(`A block of ${String(length)} bytes is too long.`);
    const padding = padded(length) - length;
    if (padding > 0) parts.push(PADDING.subarray(0, padding));
    let crc = 0;
    for (const part of parts) crc = crc32(part, crc);
    encodeBlockHeader(this.#headerView, { kind, length, crc, sequence: this.#sequence });
    this.#write([this.#header, ...parts]);
    this.#sequence++;
    if (kind === BlockKind.EVENTS) this.#holdsEvents = true;
  }

  /**
   * Writes a span of the ring buffer: whole records, kernel headers included. A span longer than a block
   * may be is cut between records.
   */
  events(span: Uint8Array): void {
    for (const part of splitRecords(span, MAX_BODY_BYTES)) this.writeBlock(BlockKind.EVENTS, part);
  }

  /** Writes a block whose body is JSON. */
  json<K extends keyof JsonBodies>(kind: K, body: JsonBodies[K]): void {
    this.writeBlock(BlockKind[kind], Buffer.from(JSON.stringify(body), 'utf8'));
  }

  host(body: HostBody): void {
    this.json('HOST', body);
  }

  layout(body: LayoutBody): void {
    this.json('LAYOUT', body);
  }

  workloads(body: WorkloadsBody): void {
    this.json('WORKLOADS', body);
  }

  stats(body: StatsBody): void {
    this.json('STATS', body);
  }

  netstat(body: NetstatBody): void {
    this.json('NETSTAT', body);
  }

  end(body: EndBody): void {
    this.json('END', body);
  }

  /** One moment on both clocks, in nanoseconds: CLOCK_MONOTONIC, and wall time since 1970. */
  clock(mono: bigint, wall: bigint): void {
    const body = new DataView(new ArrayBuffer(16));
    setU64(body, 0, mono);
    setU64(body, 8, wall);
    this.writeBlock(BlockKind.CLOCK, new Uint8Array(body.buffer));
  }

  /**
   * All TCP sockets at one moment.
   * @param at CLOCK_MONOTONIC nanoseconds.
   * @param phase one of CensusPhase.
   * @param rows `count` structs dhr_census, one behind the other.
   */
  census(at: bigint, phase: number, rows: Uint8Array, count: number): void {
    const head = new DataView(new ArrayBuffer(16));
    setU64(head, 0, at);
    head.setUint32(8, phase, true);
    head.setUint32(12, count, true);
    this.writeBlock(BlockKind.CENSUS, [new Uint8Array(head.buffer), rows]);
  }

  /** True while the file is where it was made: not deleted, not moved, its folder not unmounted. */
  get isInPlace(): boolean {
    const there = statSync(this.path, { throwIfNoEntry: false });
    const here = fstatSync(this.fd);
    return there?.ino === here.ino && there.dev === here.dev;
  }

  /** Ends writing. */
  close(): void {
    closeSync(this.fd);
  }

  /** Hands the parts to the kernel, however many writes that takes. */
  #write(parts: readonly Uint8Array[]): void {
    let rest = parts;
    this.#makeRoom?.(parts.reduce((sum, part) => sum + part.byteLength, 0));
    while (rest.length > 0) {
      let written: number;
      try {
        written = writevSync(this.fd, rest);
      } catch (cause) {
        throw fileError('write', this.path, cause);
      }
      this.#bytes += written;
      rest = skipBytes(rest, written);
    }
  }
}

function setU64(view: DataView, offset: number, value: bigint): void {
  const { hi, lo } = splitU64(value);
  view.setUint32(offset, lo, true);
  view.setUint32(offset + 4, hi, true);
}

/** What is left of `parts` once the first `count` bytes are written. */
function skipBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = count;
  for (const part of parts) {
    if (skip >= part.byteLength) {
      skip -= part.byteLength;
      continue;
    }
    rest.push(skip === 0 ? part : part.subarray(skip));
    skip = 0;
  }
  return rest;
}

/** Cuts a span of ring records into pieces of at most `limit` bytes, between records. */
export function splitRecords(span: Uint8Array, limit: number): Uint8Array[] {
  if (span.byteLength <= limit) return span.byteLength === 0 ? [] : [span];
  const view = new DataView(span.buffer, span.byteOffset, span.byteLength);
  const pieces: Uint8Array[] = [];
  let from = 0;
  let at = 0;
  while (at + 8 <= span.byteLength) {
    const next = at + 8 + padded(view.getUint32(at, true) & 0x3fff_ffff);
    if (next - from > limit) {
      if (at === from) throw new RangeError(`A record of ${String(next - at)} bytes is too long.`);
      pieces.push(span.subarray(from, at));
      from = at;
    }
    at = next;
  }
  pieces.push(span.subarray(from));
  return pieces;
}
