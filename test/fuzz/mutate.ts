/**
 * Damaged and hostile captures made of good ones. Some mutations happen below the checksums, which a reader must
 * notice; others happen inside blocks whose checksums are then made right again, so that they reach every
 * stage of the analysis. Equal seeds give equal bytes.
 */
import { BlockKind } from '../../src/capture/blocks.js';
import type { LooseBlock } from './blocks.js';
import { putTogether, takeApart } from './blocks.js';
import { mutateJson } from './mutate-json.js';
import { mutateRecords } from './mutate-records.js';
import { Random } from './random.js';

export interface Mutant {
  bytes: Buffer;
  /** What was done, for people. */
  steps: string[];
  /** True where bytes were changed that a checksum or the order of blocks covers. */
  damaged: boolean;
}

const JSON_KINDS: ReadonlySet<number> = new Set([
  BlockKind.HOST,
  BlockKind.LAYOUT,
  BlockKind.WORKLOADS,
  BlockKind.STATS,
  BlockKind.NETSTAT,
  BlockKind.END,
]);

/** Numbers at which fixed-width arithmetic goes wrong. */
const EDGES = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn];
const WIDE_EDGES = [...EDGES, 1n << 53n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n];

type OnBlocks = (blocks: LooseBlock[], random: Random, corpus: readonly Buffer[]) => string;
type OnBytes = (bytes: Buffer, random: Random, corpus: readonly Buffer[]) => Buffer;

const ON_BLOCKS: readonly OnBlocks[] = [
  function drop(blocks, random) {
    const at = random.below(blocks.length);
    blocks.splice(at, 1 + random.below(3));
    return `drop ${at}`;
  },
  function repeat(blocks, random) {
    const at = random.below(blocks.length);
    const times = random.pick([1, 2, 50]);
    blocks.splice(at, 0, ...Array.from({ length: times }, () => ({ ...blocks[at]! })));
    return `repeat ${at} ${times} times`;
  },
  function swap(blocks, random) {
    const [a, b] = [random.below(blocks.length), random.below(blocks.length)];
    [blocks[a], blocks[b]] = [blocks[b]!, blocks[a]!];
    return `swap ${a} ${b}`;
  },
  function splice(blocks, random, corpus) {
    const others = takeApart(random.pick(corpus));
    const from = random.below(others.length);
    const some = others.slice(from, from + 1 + random.below(5));
    blocks.splice(random.below(blocks.length + 1), 0, ...some);
    return `splice ${some.length}`;
  },
  function rename(blocks, random) {
    const block = random.pick(blocks);
    block.kind = random.pick([...Object.values(BlockKind), 0, 10, 0xffff_ffff]);
    return `kind ${block.kind}`;
  },
  function shorten(blocks, random) {
    const block = random.pick(blocks);
    block.body = block.body.subarray(0, random.below(block.body.length + 1));
    return `shorten to ${block.body.length}`;
  },
  function lengthen(blocks, random) {
    const block = random.pick(blocks);
    block.body = Buffer.concat([block.body, random.bytes(random.pick([1, 7, 100, 5000]))]);
    return `lengthen to ${block.body.length}`;
  },
  function edge(blocks, random) {
    const block = random.pick(blocks);
    const width = random.pick([1, 2, 4, 8]);
    if (block.body.length < width) return 'nothing';
    const at = random.below(block.body.length - width + 1);
    const value = BigInt.asUintN(8 * width, random.pick(WIDE_EDGES));
    for (let i = 0; i < width; i++) block.body[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    return `edge ${value} at ${at}`;
  },
  function flip(blocks, random) {
    const block = random.pick(blocks);
    for (let i = 0; i < 1 + random.below(20) && block.body.length > 0; i++) {
      block.body[random.below(block.body.length)]! ^= 1 << random.below(8);
    }
    return 'flip';
  },
  function json(blocks, random) {
    const some = blocks.filter(({ kind }) => JSON_KINDS.has(kind));
    if (some.length === 0) return 'nothing';
    const block = random.pick(some);
    block.body = mutateJson(block.body, random);
    return `json of kind ${block.kind}`;
  },
  function records(blocks, random) {
    const some = blocks.filter(({ kind }) => kind === BlockKind.EVENTS);
    if (some.length === 0) return 'nothing';
    const block = random.pick(some);
    block.body = mutateRecords(block.body, random);
    return 'records';
  },
];

const ON_BYTES: readonly OnBytes[] = [
  function cut(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length));
  },
  function flip(bytes, random) {
    const changed = Buffer.from(bytes);
    for (let i = 0; i < 1 + random.below(30); i++) {
      changed[random.below(changed.length)]! ^= 1 << random.below(8);
    }
    return changed;
  },
  function remove(bytes, random) {
    const at = random.below(bytes.length);
    const size = random.pick([1, 8, 24, 1000]);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length);
    return Buffer.concat([
      bytes.subarray(0, at),
      random.bytes(random.pick([1, 8, 300])),
      bytes.subarray(at),
    ]);
  },
  function duplicate(bytes, random) {
    const from = random.below(bytes.length);
    const piece = bytes.subarray(from, from + random.pick([24, 500, 10_000]));
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
  function graft(bytes, random, corpus) {
    const other = random.pick(corpus);
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length)),
      other.subarray(random.below(other.length)),
    ]);
  },
  function noise(_, random) {
    return random.bytes(random.below(2000));
  },
];

/** The mutant with this number. */
export function mutantOf(corpus: readonly Buffer[], seed: number): Mutant {
  const random = new Random(seed);
  const steps: string[] = [];
  const blocks = takeApart(random.pick(corpus));
  const below = random.chance(0.35);
  const rounds = below && random.chance(0.7) ? 0 : 1 + random.below(4);
  for (let i = 0; i < rounds && blocks.length > 0; i++) {
    steps.push(random.pick(ON_BLOCKS)(blocks, random, corpus));
  }
  const whole = putTogether(blocks);
  let bytes = whole;
  for (let i = below ? 1 + random.below(3) : 0; i > 0 && bytes.length > 0; i--) {
    const mutation = random.pick(ON_BYTES);
    steps.push(`bytes: ${mutation.name}`);
    bytes = mutation(bytes, random, corpus);
  }
  return { bytes, steps, damaged: !bytes.equals(whole) };
}
