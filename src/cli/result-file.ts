/** Files that a command writes beside what it prints. */
import { writeFileSync } from 'node:fs';
import { DhrishtiError } from '../base/errors.js';

/** Writes a result. @param option the one that named the file. @throws DhrishtiError FAILED where it cannot be written. */
export function writeResult(file: string, text: string, option: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new DhrishtiError(
      'FAILED',
      `Cannot write ${file}: ${(cause as Error).message}.`,
      `Name another file with ${option}.`,
      { cause },
    );
  }
}
