import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockKind } from '../../src/capture/blocks.js';
import { DhrishtiError } from '../../src/base/errors.js';
import { BLOCK_HEADER_BYTES, FILE_HEADER_BYTES, padded } from '../../src/capture/format.js';
import type { PlainBlock } from '../support/capture.js';
import { captureBytes, readAll } from '../support/capture.js';

const SEED = 20261123;
const run = { seed: SEED, numRuns: 200 };

const kinds = Object.values(BlockKind).filter((kind) => kind !== BlockKind.END);
const block = fc.record({
  kind: fc.constantFrom(...kinds),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ minLength: 900, maxLength: 1200 }),
  ),
});
const blocks = fc.array(block, { maxLength: 12 });
const chunkSizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });

type Blocks = { kind: BlockKind; body: Uint8Array }[];

const END = { kind: BlockKind.END, body: Buffer.from('{}') };
const withEnd = (list: Blocks): Blocks => [...list, END];
const plain = (list: Blocks): { kind: number; body: string }[] =>
  list.map(({ kind, body }) => ({ kind, body: Buffer.from(body).toString('hex') }));
const same = (a: PlainBlock, b: PlainBlock): boolean => a.kind === b.kind && a.body === b.body;
const encode = (list: Blocks): Buffer =>
  captureBytes((writer) => {
    for (const { kind, body } of list) writer.writeBlock(kind, body);
  });
/** Where each block begins, and behind them where the last one ends. */
const starts = (list: Blocks): number[] =>
  list.reduce(
    (at, { body }) => [...at, (at.at(-1) ?? 0) + BLOCK_HEADER_BYTES + padded(body.length)],
    [FILE_HEADER_BYTES],
  );

describe(`capture codec (seed ${String(SEED)})`, () => {
  it('gives back what was written, whatever the chunks', () => {
    fc.assert(
      fc.property(blocks, chunkSizes, (list, sizes) => {
        const all = withEnd(list);
        const read = readAll(encode(all), sizes);
        expect(read.blocks).toEqual(plain(all));
        expect(read.verdict.name).toBe('complete');
      }),
      run,
    );
  });

  it('salvages every whole block before a cut and says where the file breaks off', () => {
    fc.assert(
      fc.property(blocks, chunkSizes, fc.nat(), (list, sizes, at) => {
        const all = withEnd(list);
        const bytes = encode(all);
        const cut = 8 + (at % (bytes.length - 8));
        const read = readAll(bytes.subarray(0, cut), sizes);
        const edges = starts(all);
        const whole = edges.filter((edge) => edge <= cut).length - 1;
        expect(read.blocks).toEqual(plain(all).slice(0, Math.max(0, whole)));
        const clean = edges.includes(cut);
        const tornAt = whole < 0 ? 0 : (edges[whole] ?? 0);
        expect(read.verdict.name).toBe(clean ? 'unclosed' : `torn at byte ${String(tornAt)}`);
      }),
      run,
    );
  });

  it('names one flipped byte and loses no block but the one that holds it', () => {
    fc.assert(
      fc.property(
        blocks,
        chunkSizes,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (list, sizes, at, xor) => {
          const all = withEnd(list);
          const bytes = encode(all);
          const flipped = at % bytes.length;
          bytes[flipped] = (bytes[flipped] ?? 0) ^ xor;
          if (flipped < 8) {
            expect(() => readAll(bytes, sizes)).toThrow(DhrishtiError);
            return;
          }
          const edges = starts(all);
          const hit = edges.filter((edge) => edge <= flipped).length - 1;
          const read = readAll(bytes, sizes);
          expect(read.blocks).toEqual(plain(all).filter((_, i) => i !== hit));
          const where = hit < 0 ? 0 : edges[hit];
          expect(read.verdict.name).toContain(`damaged block at byte ${String(where)} (skipped)`);
        },
      ),
      run,
    );
  });

  it('finds its way again when bytes are missing or added', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.integer({ min: -40, max: 40 }), (list, at, change) => {
        const all = withEnd(list);
        const bytes = encode(all);
        const where = FILE_HEADER_BYTES + (at % (bytes.length - FILE_HEADER_BYTES));
        const rest = bytes.subarray(Math.min(bytes.length, where + Math.max(0, -change)));
        const added = Buffer.alloc(Math.max(0, change), 0x89);
        const read = readAll(Buffer.concat([bytes.subarray(0, where), added, rest]), [97]);
        const edges = starts(all);
        const untouched = plain(all).filter((_, i) => {
          const [from, to] = [edges[i] ?? 0, edges[i + 1] ?? 0];
          return to <= where || from >= where + Math.max(0, -change);
        });
        expect(read.blocks.filter((b) => untouched.some((u) => same(u, b)))).toEqual(untouched);
        expect(read.blocks.filter((b) => !plain(all).some((w) => same(w, b)))).toEqual([]);
      }),
      run,
    );
  });

  it('never crashes on bytes that only begin like a capture', () => {
    fc.assert(
      fc.property(blocks, fc.uint8Array({ maxLength: 400 }), chunkSizes, (list, noise, sizes) => {
        const bytes = encode(list);
        const read = readAll(Buffer.concat([bytes, noise]), sizes);
        expect(read.blocks.slice(0, list.length)).toEqual(plain(list));
      }),
      run,
    );
  });
});
