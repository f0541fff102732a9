/** How much of a capture is there: decided by the reader once it has seen the last byte. */

/** What the reader met on its way. */
export interface ReadState {
  ended: boolean;
  /** Where the file breaks off within a block, else null. */
  tornAt: number | null;
  /** Damaged stretches: how many, and where the first begins. */
  damages: number;
  firstDamageAt: number | null;
  /** Bytes passed over in damaged stretches. */
  skippedBytes: number;
  /** Blocks that the sequence numbers say are missing. */
  missingBlocks: number;
}

/** The worst that was met names the state; `name` names all of it. */
export interface CaptureVerdict extends Readonly<ReadState> {
  readonly state: 'complete' | 'unclosed' | 'torn' | 'damaged';
  /** `complete`, `unclosed`, `torn at byte N`, `damaged block at byte N (skipped)`, or a list of these. */
  readonly name: string;
  /** The same for people who were not there, in one or two sentences. */
  readonly sentence: string;
}

function plural(count: number, word: string): string {
  return `${String(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** Puts what the reader met into words. */
export function toVerdict(met: ReadState): CaptureVerdict {
  const names: string[] = [];
  const sentences: string[] = [];
  if (met.firstDamageAt !== null) {
    const at = String(met.firstDamageAt);
    names.push(
      met.damages === 1
        ? `damaged block at byte ${at} (skipped)`
        : `${String(met.damages)} damaged blocks, first at byte ${at} (skipped)`,
    );
    sentences.push(
      `The file is damaged at byte ${at}: ${plural(met.skippedBytes, 'byte')} could not be read` +
        (met.missingBlocks > 0 ? ` and ${plural(met.missingBlocks, 'block')} are missing.` : '.'),
    );
  }
  if (met.tornAt !== null) {
    names.push(`torn at byte ${String(met.tornAt)}`);
    sentences.push(
      `The file breaks off within the block at byte ${String(met.tornAt)}; all before it was read.`,
    );
  } else if (!met.ended) {
    names.push('unclosed');
    sentences.push('The recording was not ended cleanly, or still runs: there is no END block.');
  }
  if (names.length === 0) {
    names.push('complete');
    sentences.push('The capture is complete.');
  }
  const state =
    met.tornAt !== null
      ? 'torn'
      : met.damages > 0
        ? 'damaged'
        : met.ended
          ? 'complete'
          : 'unclosed';
  return { ...met, state, name: names.join(', '), sentence: sentences.join(' ') };
}
