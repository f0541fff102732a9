/** Writer and reader on files: names, modes, refusals, bodies. The bytes themselves: test/property. */
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DhrishtiError } from '../../src/base/errors.js';
import { BlockKind, CensusPhase } from '../../src/capture/blocks.js';
import { decodeCensus, decodeClock, decodeJson } from '../../src/capture/bodies.js';
import { fileError } from '../../src/capture/file-error.js';
import { FILE_HEADER_BYTES, MAX_BODY_BYTES } from '../../src/capture/format.js';
import { openCapture } from '../../src/capture/open.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { CaptureWriter } from '../../src/capture/writer.js';
import {
  captureBytes,
  chunked,
  fileOf,
  foreignVersion,
  hostBody,
  readAll,
  ringRecord,
  withFolder,
} from '../support/capture.js';

/** Code, sentence and hint of what `run` throws, with `folder` written as DIR. */
function refusal(run: () => unknown, folder = '\0'): string[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof DhrishtiError)) throw error;
    return [error.code, error.message, error.hint].map((text) => text.replaceAll(folder, 'DIR'));
  }
  return [];
}

const EVENT = ringRecord(Buffer.alloc(24, 1));

describe('CaptureWriter', () => {
  it('grows as .partial, readable by its owner alone, and is renamed when whole', () =>
    withFolder((folder) => {
      const writer = new CaptureWriter(join(folder, 'x.dhr'));
      writer.events(EVENT);
      const partial = readdirSync(folder);
      const { mode, size } = statSync(writer.path);
      expect([partial, mode & 0o777, size]).toEqual([
        ['x.dhr.partial'],
        0o600,
        writer.bytesWritten,
      ]);
      writer.finish();
      expect(readdirSync(folder)).toEqual(['x.dhr']);
    }));

  it('keeps what it has when it gives up, unless it has no events', () =>
    withFolder((folder) => {
      const empty = new CaptureWriter(join(folder, 'empty.dhr'));
      empty.host(hostBody());
      empty.abandon();
      const some = new CaptureWriter(join(folder, 'some.dhr'));
      some.events(EVENT);
      some.abandon();
      expect(readdirSync(folder)).toEqual(['some.dhr.partial']);
    }));

  it('does not overwrite what another recording left', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr.partial', 'something');
      expect(refusal(() => new CaptureWriter(join(folder, 'x.dhr')), folder)).toEqual([
        'FAILED',
        'Cannot create DIR/x.dhr.partial: it is there already: another recording writes it, or one was cut off.',
        'Analyze it or remove it, or name another file with -o.',
      ]);
      expect(readFileSync(join(folder, 'x.dhr.partial'), 'utf8')).toBe('something');
    }));

  it('says why a file cannot be made', () =>
    withFolder((folder) => {
      mkdirSync(join(folder, 'sub.dhr'));
      const sentences = ['nowhere/x.dhr', 'sub.dhr'].map(
        (name) => refusal(() => new CaptureWriter(join(folder, name)), folder)[1],
      );
      expect(sentences).toEqual([
        'Cannot create DIR/nowhere/x.dhr.partial: its folder does not exist.',
        'Cannot create DIR/sub.dhr: it is a folder.',
      ]);
    }));

  it('says that the disk is full, and what becomes of the capture', () => {
    const error = fileError('write', 'x.dhr.partial', { code: 'ENOSPC' });
    expect([error.code, error.message, error.hint]).toEqual([
      'FAILED',
      'Cannot write x.dhr.partial: the disk is full.',
      'Free some space; what was written so far can be analyzed.',
    ]);
  });

  it('writes no body that a reader would refuse', () =>
    withFolder((folder) => {
      const writer = new CaptureWriter(join(folder, 'x.dhr'));
      const body = new Uint8Array(MAX_BODY_BYTES + 1);
      expect(() => writer.writeBlock(BlockKind.STATS, body)).toThrow(RangeError);
      writer.abandon();
    }));

  it('writes the header that FORMAT.md describes', () => {
    const bytes = captureBytes(() => undefined);
    const expected = Buffer.from('894448520d0a1a0a010000001800000000000000', 'hex');
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(crc32(expected));
    expect(bytes.toString('hex')).toBe(Buffer.concat([expected, crc]).toString('hex'));
  });

  it('writes a block as FORMAT.md describes', () => {
    const bytes = captureBytes((writer) => {
      writer.writeBlock(BlockKind.HOST, Buffer.from('ab'));
      writer.writeBlock(BlockKind.END, [Buffer.from('{'), Buffer.from('}')]);
    });
    const body = Buffer.from('7b7d000000000000', 'hex');
    const head = Buffer.alloc(24);
    [0x4b4c4289, 9, 2, crc32(body), 1].forEach((word, i) => head.writeUInt32LE(word, i * 4));
    head.writeUInt32LE(crc32(head.subarray(0, 20)), 20);
    const last = bytes.subarray(FILE_HEADER_BYTES + 32);
    expect(last.toString('hex')).toBe(Buffer.concat([head, body]).toString('hex'));
  });
});

describe('bodies', () => {
  it('come back as they were written', () => {
    const rows = Buffer.alloc(3 * 136, 7);
    const host = hostBody({ hostname: 'bücher' });
    const bytes = captureBytes((writer) => {
      writer.host(host);
      writer.clock(2n ** 63n + 1n, 1_700_000_000_000_000_001n);
      writer.census(5n, CensusPhase.END, rows, 3);
      writer.end({ at: '9', reason: 'signal' });
    });
    const reader = new CaptureReader(chunked(bytes, [1000]), { name: 'x' });
    const bodies = Array.from(reader, (block) => block.body.slice());
    const [hostBytes, clock, census, end] = bodies as [Buffer, Buffer, Buffer, Buffer];
    expect(decodeJson('HOST', hostBytes)).toEqual(host);
    expect(decodeClock(clock)).toEqual({ mono: 2n ** 63n + 1n, wall: 1_700_000_000_000_000_001n });
    expect(decodeCensus(census)).toMatchObject({ at: 5n, phase: 1, count: 3, rowBytes: 136 });
    expect(decodeJson('END', end)).toEqual({ at: '9', reason: 'signal' });
  });

  it('give null where they make no sense', () => {
    const text = (value: string): Buffer => Buffer.from(value);
    const census = Buffer.alloc(40);
    census.writeUInt32LE(1_000_000, 12);
    expect([
      decodeJson('END', text('{')),
      decodeJson('END', text('[]')),
      decodeJson('HOST', text('{}')),
      decodeJson('HOST', text(JSON.stringify(hostBody({ startedMono: 'soon' })))),
      decodeJson('LAYOUT', text('{}')),
      decodeJson('LAYOUT', text('{"kinds": {"FIN": {"kind": 5, "size": 32}}}')),
      decodeJson('WORKLOADS', text('{"at": "1", "containers": [null]}')),
      decodeJson('STATS', text('{"at": "1", "lost": {"FIN": "many"}, "programs": []}')),
      decodeJson('NETSTAT', text('{"at": -1, "counters": {}}')),
      decodeClock(Buffer.alloc(15)),
      decodeCensus(Buffer.alloc(3)),
      decodeCensus(census),
    ]).toEqual(Array(12).fill(null));
  });
});

describe('refusals', () => {
  it.each([
    ['', 'an empty file'],
    ['<!DOCTYPE html><html>', 'an HTML page'],
    ['{"a": 1}', 'JSON text'],
    ['hello\n', 'text'],
    [Buffer.from('d4c3b2a10200040000000000', 'hex'), 'a packet capture (pcap)'],
    [Buffer.from('0a0d0d0a1c0000004d3c2b1a', 'hex'), 'a packet capture (pcapng)'],
    ['SQLite format 3\0and more of it behind', 'an SQLite database'],
    [Buffer.from('1f8b080000000000', 'hex'), 'a gzip archive: unpack it first'],
    [Buffer.alloc(64), 'binary data of another format'],
    [Buffer.from('894448520a1a0a0100', 'hex'), 'a capture that was spoilt by a copy in text mode'],
    [
      Buffer.from('efbfbd4448520d0a1a0a', 'hex'),
      'a capture that was spoilt by a copy in text mode',
    ],
  ])('says what %j is', (content, what) => {
    const [code, sentence] = refusal(() => readAll(Buffer.from(content), [5]));
    expect([code, sentence]).toEqual([
      'NOT_A_CAPTURE',
      `x.dhr is not a dhrishti capture: it is ${what}.`,
    ]);
  });

  it('names both versions of a capture from the future', () => {
    expect(refusal(() => readAll(foreignVersion(3, 7)))).toEqual([
      'NEWER_CAPTURE',
      'x.dhr has format version 3.7; this dhrishti reads versions up to 1.',
      'Analyze it with the version of dhrishti that recorded it, or a newer one.',
    ]);
  });

  it('reads a newer minor version with a longer header and kinds that it does not know', () => {
    const bytes = captureBytes((writer) => {
      writer.writeBlock(4711 as BlockKind, Buffer.from('new'));
      writer.end({ at: '1', reason: 'signal' });
    });
    const header = Buffer.alloc(32);
    header.set(bytes.subarray(0, 20));
    header.writeUInt16LE(9, 10);
    header.writeUInt32LE(32, 12);
    header.writeUInt32LE(crc32(header.subarray(0, 20)), 20);
    const read = readAll(Buffer.concat([header, bytes.subarray(24)]));
    expect([read.blocks.map((block) => block.kind), read.verdict.name]).toEqual([
      [4711, BlockKind.END],
      'complete',
    ]);
  });

  it('points to the .partial of a recording that still runs', () =>
    withFolder((folder) => {
      fileOf(folder, 'x.dhr.partial', '');
      expect(refusal(() => openCapture(join(folder, 'x.dhr')), folder)).toEqual([
        'FAILED',
        'There is no DIR/x.dhr, but its recording still runs or was cut off.',
        'Use DIR/x.dhr.partial: all that is whole in it will be read.',
      ]);
      expect(refusal(() => openCapture(join(folder, 'y.dhr')), folder)[1]).toBe(
        'Cannot read DIR/y.dhr: no such file.',
      );
      expect(refusal(() => openCapture(folder), folder)[1]).toBe('DIR is a folder.');
    }));
});

describe('verdicts', () => {
  const three = captureBytes((writer) => {
    for (const text of ['one', 'two', 'three']) {
      writer.writeBlock(BlockKind.STATS, Buffer.from(text));
    }
    writer.end({ at: '1', reason: 'signal' });
  });

  it('counts the blocks that are missing', () => {
    const bytes = Buffer.from(three);
    bytes.fill(0xff, 24 + 30, 24 + 32 + 10);
    const { verdict } = readAll(bytes);
    expect(verdict).toMatchObject({ state: 'damaged', damages: 1, missingBlocks: 2 });
    expect(verdict.sentence).toBe(
      'The file is damaged at byte 24: 64 bytes could not be read and 2 blocks are missing.',
    );
  });

  it('notices a block that was cut out cleanly', () => {
    const without = Buffer.concat([three.subarray(0, 56), three.subarray(88)]);
    expect(readAll(without).verdict).toMatchObject({ state: 'damaged', missingBlocks: 1 });
  });

  it('does not take two captures in one file for one', () => {
    const read = readAll(Buffer.concat([three, three]));
    expect([read.blocks.length, read.verdict.state]).toEqual([4, 'damaged']);
  });

  it('tells damage and a cut together', () => {
    const bytes = Buffer.from(three.subarray(0, three.length - 1));
    bytes[24 + 24] = 0xff;
    const { verdict } = readAll(bytes);
    expect([verdict.state, verdict.name]).toEqual([
      'torn',
      `damaged block at byte 24 (skipped), torn at byte ${String(24 + 3 * 32)}`,
    ]);
  });
});

describe('following', () => {
  it('waits at the end of what is there and goes on when there is more', () =>
    withFolder((folder) => {
      const writer = new CaptureWriter(join(folder, 'x.dhr'));
      const capture = openCapture(writer.path, { follow: true });
      const kinds = (): number[] => Array.from(capture.reader, (block) => block.kind);
      expect(kinds()).toEqual([]);
      writer.host(hostBody());
      expect(kinds()).toEqual([BlockKind.HOST]);
      writer.events(EVENT);
      writer.end({ at: '1', reason: 'signal' });
      writer.finish();
      expect(kinds()).toEqual([BlockKind.EVENTS, BlockKind.END]);
      expect(capture.reader.verdict().name).toBe('complete');
      capture.close();
    }));

  it('does not take half a block for a cut', () =>
    withFolder((folder) => {
      const whole = captureBytes((writer) => writer.events(EVENT));
      const path = fileOf(folder, 'x.dhr.partial', whole.subarray(0, 50));
      const capture = openCapture(path, { follow: true });
      expect(capture.reader.next()).toBeNull();
      writeFileSync(path, whole);
      expect(capture.reader.next()?.kind).toBe(BlockKind.EVENTS);
      capture.close();
    }));
});
