/** Takes a capture apart into blocks and puts blocks together again, with every checksum and number right. */
import {
  encodeBlockHeader,
  encodeFileHeader,
  BLOCK_HEADER_BYTES,
  padded,
} from '../../src/capture/format.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { crc32 } from 'node:zlib';
import { chunked } from '../support/capture.js';

export interface LooseBlock {
  kind: number;
  body: Buffer;
}

export function takeApart(capture: Uint8Array): LooseBlock[] {
  const reader = new CaptureReader(chunked(capture, [1 << 20]), { name: 'x.dhr' });
  return Array.from(reader, ({ kind, body }) => ({ kind, body: Buffer.from(body) }));
}

export function putTogether(blocks: readonly LooseBlock[]): Buffer {
  const parts: Uint8Array[] = [encodeFileHeader()];
  for (const [sequence, { kind, body }] of blocks.entries()) {
    const whole = Buffer.alloc(padded(body.length));
    body.copy(whole);
    const header = Buffer.alloc(BLOCK_HEADER_BYTES);
    encodeBlockHeader(new DataView(header.buffer, header.byteOffset, header.length), {
      kind,
      length: body.length,
      crc: crc32(whole),
      sequence,
    });
    parts.push(header, whole);
  }
  return Buffer.concat(parts);
}

/**
 * True for a capture with every checksum and number right and not a byte besides. Pieces of two captures may make one by
 * chance, where they begin alike; nobody could tell.
 */
export function isWhole(capture: Uint8Array): boolean {
  return putTogether(takeApart(capture)).equals(capture);
}
