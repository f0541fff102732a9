/** What a rule is: when it fires, in words that docs/findings.md repeats, and the code that decides it. */
import type { Draft, Facts } from './facts.js';

export interface Rule {
  /** The kinds of finding that it gives; people's queries may name them. */
  kinds: readonly string[];
  /** What the reader is told, in a few words. */
  tells: string;
  /** When it fires and when it does not, with its thresholds. */
  when: string;
  /** What to do about it. */
  advice: string;
  /** Looks at all the facts by itself. */
  find: (facts: Facts) => Draft[];
}
