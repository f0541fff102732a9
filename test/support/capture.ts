/** Makes captures in memory and in files for tests. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { HostBody } from '../../src/capture/blocks.js';
import { encodeFileHeader } from '../../src/capture/format.js';
import type { Block, ByteSource } from '../../src/capture/reader.js';
import { CaptureReader } from '../../src/capture/reader.js';
import type { CaptureVerdict } from '../../src/capture/verdict.js';
import { CaptureWriter } from '../../src/capture/writer.js';

/** Runs `use` with a folder of its own, and removes it. */
export function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'dhr-test-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bytes of a capture that `write` fills. */
export function captureBytes(write: (writer: CaptureWriter) => void): Buffer {
  return withFolder((folder) => {
    const writer = new CaptureWriter(join(folder, 'x.dhr'));
    write(writer);
    writer.finish();
    return readFileSync(writer.file);
  });
}

/** Gives `bytes` in pieces of the given sizes, over and over; a size is at least 1. */
export function chunked(bytes: Uint8Array, sizes: readonly number[]): ByteSource {
  let at = 0;
  let turn = 0;
  return (into) => {
    const size = sizes[turn++ % sizes.length] ?? bytes.length;
    const piece = bytes.subarray(at, at + Math.min(into.length, size));
    into.set(piece);
    at += piece.length;
    return piece.length;
  };
}

export interface PlainBlock {
  kind: number;
  body: string;
}

/** All blocks that can be read, with bodies as hex, and the verdict. */
export function readAll(
  bytes: Uint8Array,
  sizes: readonly number[] = [1 << 20],
): { blocks: PlainBlock[]; verdict: CaptureVerdict } {
  const reader = new CaptureReader(chunked(bytes, sizes), { name: 'x.dhr' });
  const blocks = Array.from(reader, (block: Block) => ({
    kind: block.kind,
    body: Buffer.from(block.body).toString('hex'),
  }));
  return { blocks, verdict: reader.verdict() };
}

/** A HOST body with plain values. */
export function hostBody(over: Partial<HostBody> = {}): HostBody {
  return {
    hostname: 'box',
    kernel: '6.18.0',
    machine: 'x86_64',
    bootId: '00000000-0000-0000-0000-000000000000',
    cpus: 2,
    memoryBytes: 1 << 30,
    recorder: '0.1.0',
    startedMono: '1000000000',
    startedWallMs: 1_750_000_000_000,
    ringBytes: 1 << 20,
    plan: [{ capability: 'lifecycle', hook: 'tp_btf/inet_sock_set_state' }],
    filter: { ports: [], excludePorts: [], containers: [], services: [], netns: [] },
    command: null,
    hostNetns: 4026531840,
    ...over,
  };
}

/** One record as the kernel writes it into the ring: header, event, padding. */
export function ringRecord(event: Uint8Array, flags = 0): Buffer {
  const record = Buffer.alloc(8 + Math.ceil(event.length / 8) * 8);
  record.writeUInt32LE((event.length | flags) >>> 0, 0);
  record.set(event, 8);
  return record;
}

/** Writes `bytes` into a file of `folder` and gives its path. */
export function fileOf(folder: string, name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The header of a capture that another version of dhrishti wrote. */
export function foreignVersion(major: number, minor: number): Buffer {
  const header = Buffer.from(encodeFileHeader());
  header.writeUInt16LE(major, 8);
  header.writeUInt16LE(minor, 10);
  header.writeUInt32LE(crc32(header.subarray(0, 20)), 20);
  return header;
}
