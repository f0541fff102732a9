/** How far an analysis has come. It is told block by block; whoever listens has the clock. */

export interface Progress {
  /** What is being done: a word for people. */
  stage: 'Reading' | 'Analyzing' | 'Writing';
  /** Bytes of the file that this stage has passed, of so many. */
  bytes: number;
  ofBytes: number;
  /** Events handed on so far; 0 in stages that do not look at them. */
  events: number;
}

/** The same blocks; `tell` hears where each one begins once the next is asked for. */
export function* passing<B extends { offset: number }>(
  blocks: Iterable<B>,
  tell: (offset: number) => void,
): Generator<B> {
  for (const block of blocks) {
    yield block;
    tell(block.offset);
  }
}
