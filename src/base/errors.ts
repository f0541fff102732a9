/**
 * Every way to fail that a person may see: a code, the exit status that goes with it, and in each
 * error a sentence that says what failed on which object and why, with a hint that says what to do.
 */

/** Error codes and the exit status of each. */
export const EXIT_STATUS = {
  FAILED: 1,
  USAGE: 2,
  CANNOT_RECORD: 3,
  NOT_A_CAPTURE: 4,
  NEWER_CAPTURE: 4,
  STRICT: 5,
  CHECK_FAILED: 6,
} as const;
export type ErrorCode = keyof typeof EXIT_STATUS;

/** An error meant for people. `message` is the sentence; `hint` says what to do about it. */
export class DhrishtiError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, sentence: string, hint: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'DhrishtiError';
    this.code = code;
    this.hint = hint;
  }

  /** The status that the process ends with. */
  get exitStatus(): number {
    return EXIT_STATUS[this.code];
  }
}
