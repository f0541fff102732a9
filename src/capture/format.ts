/**
 * The bytes of a capture: the file header and the header of a block. FORMAT.md is the specification;
 * writer.ts and reader.ts share this page, so that neither knows an offset the other does not.
 */
import { crc32 } from 'node:zlib';

/** Like PNG's: a byte > 0x7f, then `\r\n`, so that a copy in text mode does not pass for a capture. */
export const MAGIC: Uint8Array = Uint8Array.of(0x89, 0x44, 0x48, 0x52, 0x0d, 0x0a, 0x1a, 0x0a);

export const MAJOR = 1;
export const MINOR = 0;

/** Ending of a capture's name while it is being written. */
export const PARTIAL = '.partial';

/** Bytes of the file header that every version shares. */
export const FILE_HEADER_BYTES = 24;
/** A header that claims more than this is damaged. */
export const MAX_FILE_HEADER_BYTES = 4096;

/** First bytes of every block: `89 42 4c 4b`, read as a little-endian u32. */
export const SYNC = 0x4b4c4289;
export const SYNC_BYTES: Uint8Array = Uint8Array.of(0x89, 0x42, 0x4c, 0x4b);

export const BLOCK_HEADER_BYTES = 24;
/** A body is never longer: readers may allocate this much and no more. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Header of a block, decoded. */
export interface BlockHeader {
  kind: number;
  /** Bytes of the body, without padding. */
  length: number;
  /** CRC-32 of the body and its padding. */
  crc: number;
  /** Position of the block in the file, from 0: tells how many blocks a damaged stretch held. */
  sequence: number;
}

/** Bytes that a body takes in the file. */
export function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** The file header of this version. */
export function encodeFileHeader(): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(8, MAJOR, true);
  view.setUint16(10, MINOR, true);
  view.setUint32(12, FILE_HEADER_BYTES, true);
  view.setUint32(20, crc32(bytes.subarray(0, 20)), true);
  return bytes;
}

/** Writes a block header into `target`, which holds BLOCK_HEADER_BYTES. */
export function encodeBlockHeader(target: DataView, header: BlockHeader): void {
  target.setUint32(0, SYNC, true);
  target.setUint32(4, header.kind, true);
  target.setUint32(8, header.length, true);
  target.setUint32(12, header.crc, true);
  target.setUint32(16, header.sequence, true);
  const bytes = new Uint8Array(target.buffer, target.byteOffset, 20);
  target.setUint32(20, crc32(bytes), true);
}

/** Reads the block header at `offset`; null where there is none that holds. */
export function decodeBlockHeader(bytes: Uint8Array, offset: number): BlockHeader | null {
  if (offset + BLOCK_HEADER_BYTES > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, BLOCK_HEADER_BYTES);
  if (view.getUint32(0, true) !== SYNC) return null;
  if (view.getUint32(20, true) !== crc32(bytes.subarray(offset, offset + 20))) return null;
  const length = view.getUint32(8, true);
  if (length > MAX_BODY_BYTES) return null;
  return {
    kind: view.getUint32(4, true),
    length,
    crc: view.getUint32(12, true),
    sequence: view.getUint32(16, true),
  };
}
