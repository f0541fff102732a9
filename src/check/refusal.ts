/** The error for an assertion that cannot be understood: it points at the place, and says what would have been valid. */
import { DhrishtiError } from '../base/errors.js';

export interface Refusal {
  /** The assertion. */
  text: string;
  /** Where it came from: `--assert`, or a file with its line. */
  source: string;
  /** Index of the character that is wrong. */
  at: number;
  what: string;
  valid: string;
}

export function refuse({ text, source, at, what, valid }: Refusal): DhrishtiError {
  // What a person pastes may hold tabs and other characters that would move the mark or the cursor.
  const shown = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  const mark = ' '.repeat(Array.from(shown.slice(0, at)).length);
  return new DhrishtiError(
    'USAGE',
    `${source}: ${what}.\n  ${shown}\n  ${mark}^ character ${at + 1}`,
    valid,
  );
}
