/**
 * Reads a capture block by block from any source of bytes, in bounded memory, and salvages all that is
 * whole. The algorithm is described in FORMAT.md, "Reading".
 */
import { crc32 } from 'node:zlib';
import { BlockKind } from './blocks.js';
import type { BlockHeader } from './format.js';
import {
  BLOCK_HEADER_BYTES,
  FILE_HEADER_BYTES,
  MAJOR,
  MAX_FILE_HEADER_BYTES,
  SYNC_BYTES,
  decodeBlockHeader,
  padded,
} from './format.js';
import { hasMagic, newerCapture, notACapture } from './identify.js';
import type { CaptureVerdict, ReadState } from './verdict.js';
import { toVerdict } from './verdict.js';

/** One block. `body` is a view that holds until the next block is read. */
export interface Block {
  /** One of BlockKind, or a number of a later version. */
  kind: number;
  body: Uint8Array;
  /** Where its header begins in the file. */
  offset: number;
}

/** Fills the start of `into` and says with how many bytes; 0 when there are no more (yet). */
export type ByteSource = (into: Uint8Array) => number;

export interface ReaderOptions {
  /** What to call the capture in errors. */
  name: string;
  /** True when the capture still grows: the end of the source is then never taken for a cut. */
  follow?: boolean;
}

/** What is read at once stays in the processor's cache until it is passed over. */
const FIRST_BUFFER_BYTES = 256 * 1024;
/** How far into a file that is no capture its refusal looks. */
const IDENTIFY_BYTES = 64;

/** Yields the blocks of one capture in order, then its verdict. */
export class CaptureReader {
  readonly #source: ByteSource;
  readonly #name: string;
  readonly #follow: boolean;
  #version: { major: number; minor: number } | null = null;
  #buffer = Buffer.alloc(FIRST_BUFFER_BYTES);
  /** The unread bytes are #buffer[#start, #end); #start lies at #offset in the file. */
  #start = 0;
  #end = 0;
  #offset = 0;
  #sourceEnded = false;
  #headerRead = false;
  /** In a damaged stretch, looking for the next header. */
  #scanning = false;
  #expected = 0;
  readonly #met: ReadState = {
    ended: false,
    tornAt: null,
    damages: 0,
    firstDamageAt: null,
    skippedBytes: 0,
    missingBlocks: 0,
  };

  constructor(source: ByteSource, options: ReaderOptions) {
    this.#source = source;
    this.#name = options.name;
    this.#follow = options.follow ?? false;
  }

  /** The format's version; null until the first block was asked for, or where the header is damaged. */
  get version(): { major: number; minor: number } | null {
    return this.#version;
  }

  /** What can be said of the capture from what was read so far; final once `next` gave null. */
  verdict(): CaptureVerdict {
    return toVerdict({ ...this.#met });
  }

  /** All blocks that are left. */
  *[Symbol.iterator](): Generator<Block> {
    for (let block = this.next(); block !== null; block = this.next()) yield block;
  }

  /**
   * The next whole block, or null at the end; with `follow`, null means "nothing new yet".
   * @throws DhrishtiError NOT_A_CAPTURE or NEWER_CAPTURE, before the first block.
   */
  next(): Block | null {
    if (!this.#headerRead && !this.#readFileHeader()) return null;
    for (;;) {
      if (this.#scanning && !this.#scan()) return null;
      if (!this.#fill(BLOCK_HEADER_BYTES)) {
        if (!this.#follow && this.#available > 0) this.#tear();
        return null;
      }
      const header = decodeBlockHeader(this.#unread(), 0);
      if (header === null) {
        this.#damage(1);
        continue;
      }
      if (!this.#fill(BLOCK_HEADER_BYTES + padded(header.length))) {
        if (this.#follow) return null;
        if (!this.#laterHeaderInBuffer()) {
          this.#tear();
          return null;
        }
        this.#damage(SYNC_BYTES.length);
        continue;
      }
      const block = this.#take(header);
      if (block !== null) return block;
    }
  }

  get #available(): number {
    return this.#end - this.#start;
  }

  #unread(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Passes over `count` unread bytes. */
  #consume(count: number): void {
    this.#start += count;
    this.#offset += count;
  }

  /** The block whose header and body are in the buffer, or null where it is damaged or misplaced. */
  #take(header: BlockHeader): Block | null {
    const from = this.#start + BLOCK_HEADER_BYTES;
    const size = padded(header.length);
    const bodyHolds = crc32(this.#buffer.subarray(from, from + size)) === header.crc;
    // A number that was passed already belongs to another capture, or to a stretch that was copied twice.
    if (!bodyHolds || header.sequence < this.#expected) {
      this.#damage(SYNC_BYTES.length);
      return null;
    }
    const missing = header.sequence - this.#expected;
    if (missing > 0) {
      this.#met.missingBlocks += missing;
      if (this.#met.firstDamageAt === null) this.#noteDamage();
    }
    this.#expected = header.sequence + 1;
    const block = {
      kind: header.kind,
      body: this.#buffer.subarray(from, from + header.length),
      offset: this.#offset,
    };
    if (header.kind === BlockKind.END) this.#met.ended = true;
    this.#consume(BLOCK_HEADER_BYTES + size);
    return block;
  }

  /** Reads until `count` bytes are unread; false where the source has no more. */
  #fill(count: number): boolean {
    while (this.#available < count) {
      if (this.#sourceEnded) return false;
      this.#makeRoom();
      const got = this.#source(this.#buffer.subarray(this.#end));
      if (got === 0) {
        this.#sourceEnded = !this.#follow;
        return false;
      }
      this.#end += got;
    }
    return true;
  }

  /** Moves the unread bytes to the front; doubles the buffer only once it is full of them. */
  #makeRoom(): void {
    if (this.#end < this.#buffer.length) return;
    const unread = this.#unread();
    const target =
      unread.length * 2 > this.#buffer.length
        ? Buffer.alloc(this.#buffer.length * 2)
        : this.#buffer;
    unread.copy(target);
    this.#end = unread.length;
    this.#start = 0;
    this.#buffer = target;
  }

  /** False where the header is not there yet, or the file ends within it. */
  #readFileHeader(): boolean {
    if (!this.#fill(FILE_HEADER_BYTES)) {
      const start = this.#unread();
      if (this.#follow) return false;
      if (!hasMagic(start)) throw notACapture(this.#name, start);
      this.#tear();
      this.#headerRead = true;
      return true;
    }
    if (!hasMagic(this.#unread())) {
      this.#fill(IDENTIFY_BYTES);
      throw notACapture(this.#name, this.#unread().subarray(0, IDENTIFY_BYTES));
    }
    const start = this.#unread();
    const length = start.readUInt32LE(12);
    const crcHolds = start.readUInt32LE(20) === crc32(start.subarray(0, 20));
    const version = { major: start.readUInt16LE(8), minor: start.readUInt16LE(10) };
    if (crcHolds && version.major > MAJOR) {
      throw newerCapture(this.#name, version.major, version.minor);
    }
    this.#headerRead = true;
    if (!crcHolds || length < FILE_HEADER_BYTES || length > MAX_FILE_HEADER_BYTES) {
      this.#damage(FILE_HEADER_BYTES);
      return true;
    }
    this.#version = version;
    if (this.#fill(length)) this.#consume(length);
    else this.#tear();
    return true;
  }

  /** Notes a damaged stretch that begins here, and begins to look for its end `skip` bytes on. */
  #damage(skip: number): void {
    this.#noteDamage();
    this.#skip(skip);
    this.#scanning = true;
  }

  #noteDamage(): void {
    this.#met.damages++;
    this.#met.firstDamageAt ??= this.#offset;
  }

  #skip(count: number): void {
    this.#met.skippedBytes += count;
    this.#consume(count);
  }

  /** The rest of the file is a block that was cut. */
  #tear(): void {
    this.#met.tornAt = this.#offset;
    this.#consume(this.#available);
  }

  /** Passes over bytes up to the next header that holds; false where the source ends before one. */
  #scan(): boolean {
    for (;;) {
      const at = this.#unread().indexOf(SYNC_BYTES);
      if (at < 0) {
        this.#skip(Math.max(0, this.#available - (SYNC_BYTES.length - 1)));
        if (this.#fill(SYNC_BYTES.length)) continue;
      } else {
        this.#skip(at);
        if (this.#fill(BLOCK_HEADER_BYTES)) {
          if (decodeBlockHeader(this.#unread(), 0) !== null) break;
          this.#skip(1);
          continue;
        }
      }
      if (!this.#follow) this.#skip(this.#available);
      return false;
    }
    this.#scanning = false;
    return true;
  }

  /** True where another block begins behind the one that does not fit: bytes are missing within it. */
  #laterHeaderInBuffer(): boolean {
    const unread = this.#unread();
    let at = unread.indexOf(SYNC_BYTES, SYNC_BYTES.length);
    while (at >= 0 && decodeBlockHeader(unread, at) === null) {
      at = unread.indexOf(SYNC_BYTES, at + 1);
    }
    return at >= 0;
  }
}
