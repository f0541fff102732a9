/**
 * Makes one capture of the segments that a flight recorder holds. The first one gives all its blocks. Each
 * later one begins with what its predecessors have told already (its head: all up to its first STATS), which is
 * passed over. Running totals are counted from the first segment's beginning.
 */
import type { StatsBody } from './blocks.js';
import { BlockKind } from './blocks.js';
import type { BlockWriter } from './block-writer.js';
import { decodeJson } from './bodies.js';
import type { OpenCapture } from './open.js';
import { openCapture } from './open.js';
import { CaptureWriter } from './writer.js';

/** Blocks in a segment's head; events and what happens later come behind it. */
const IN_HEAD: ReadonlySet<number> = new Set([
  BlockKind.HOST,
  BlockKind.LAYOUT,
  BlockKind.CLOCK,
  BlockKind.WORKLOADS,
  BlockKind.CENSUS,
]);

/** How `body` reads for somebody who began to count at `base`. */
export function statsSince(base: StatsBody, body: StatsBody): StatsBody {
  const lost: Record<string, number> = {};
  for (const [kind, count] of Object.entries(body.lost)) {
    const since = count - (base.lost[kind] ?? 0);
    if (since > 0) lost[kind] = since;
  }
  const before = new Map(base.programs.map((program) => [program.name, program]));
  return {
    ...body,
    lost,
    programs: body.programs.map((program) => ({
      ...program,
      runs: program.runs - (before.get(program.name)?.runs ?? 0),
      ns: program.ns - (before.get(program.name)?.ns ?? 0),
    })),
    ...(body.measuredNs === undefined
      ? {}
      : { measuredNs: body.measuredNs - (base.measuredNs ?? 0) }),
    cpuUs: body.cpuUs - base.cpuUs,
    eventBytes: body.eventBytes - base.eventBytes,
  };
}

/** Writes the blocks of segments into one capture. */
export class Stitcher {
  readonly #out: BlockWriter;
  #base: StatsBody | null = null;
  #segments = 0;
  /** True once some part of a segment could not be read; a cut at the very end is no damage. */
  damaged = false;

  constructor(out: BlockWriter) {
    this.#out = out;
  }

  /** Writes STATS as running totals since the first segment's beginning. */
  stats(body: StatsBody): void {
    this.#base ??= body;
    this.#out.stats(statsSince(this.#base, body));
  }

  /** Takes the blocks of the next segment; gives way after each, for callers that have other things to do. */
  *take({ reader }: OpenCapture): Generator<void> {
    let inHead = this.#segments++ > 0;
    let missing = 0;
    for (const { kind, body } of reader) {
      missing = this.#skip(reader.verdict().missingBlocks, missing);
      if (inHead && IN_HEAD.has(kind)) continue;
      const head = inHead && kind === BlockKind.STATS;
      inHead = false;
      if (head) continue;
      const stats = kind === BlockKind.STATS ? decodeJson('STATS', body) : null;
      if (stats !== null) this.stats(stats);
      else this.#out.writeBlock(kind as BlockKind, body);
      yield;
    }
    const verdict = reader.verdict();
    if (verdict.damages > 0) this.damaged = true;
    // What was behind the last whole block is missing too, however many blocks that were.
    const cut = verdict.tornAt !== null ? 1 : 0;
    this.#skip(verdict.missingBlocks + cut, missing);
  }

  #skip(missing: number, before: number): number {
    if (missing > before) this.#out.skipBlocks(missing - before);
    return missing;
  }
}

/**
 * Makes the capture `file` of segments, oldest first.
 * @throws DhrishtiError FAILED naming the file that cannot be read or written; then there is no capture.
 */
export function stitchSegments(
  paths: readonly string[],
  file: string,
): { bytes: number; damaged: boolean } {
  const out = new CaptureWriter(file);
  const stitcher = new Stitcher(out);
  try {
    for (const path of paths) {
      const segment = openCapture(path);
      try {
        const blocks = stitcher.take(segment);
        while (blocks.next().done !== true);
      } finally {
        segment.close();
      }
    }
    out.finish();
  } catch (error) {
    out.discard();
    throw error;
  }
  return { bytes: out.bytesWritten, damaged: stitcher.damaged };
}
