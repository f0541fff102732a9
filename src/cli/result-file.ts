/** Files that commands write beside what they print: looked at before the work, written whole after it. */
import {
  accessSync,
  constants,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DhrishtiError } from '../base/errors.js';

/**
 * Says it before an hour's analysis, not after it.
 * @param option the one that names the file.
 * @param inputs files that the command reads, and that no result may take the place of.
 * @throws DhrishtiError FAILED where the file cannot be written, USAGE where it is an input.
 */
export function checkWritable(path: string, option: string, inputs: readonly string[]): void {
  const hint = `Name another file with ${option}.`;
  const refuse = (why: string, cause?: unknown): never => {
    throw new DhrishtiError('FAILED', `Cannot write ${path}: ${why}.`, hint, { cause });
  };
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) refuse('it is a folder');
  if (inputs.some((input) => sameFile(input, path))) {
    throw new DhrishtiError('USAGE', `Cannot write ${path}: it is what is read.`, hint);
  }
  const renamed = there?.isFile() !== false;
  const where = renamed ? dirname(resolve(path)) : path;
  try {
    accessSync(where, constants.W_OK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const what = renamed ? `the folder ${where}` : 'it';
    refuse(`${what} ${code === 'ENOENT' ? 'does not exist' : 'is not yours to write to'}`, cause);
  }
}

/** Whether two paths lead to one file; false where one leads nowhere. */
export function sameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

/** A device, a pipe and the like. */
function isSpecial(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}

/** What Node and SQLite say when there is no room. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL']);

function diskFull(path: string, option: string, cause: unknown): DhrishtiError {
  return new DhrishtiError(
    'FAILED',
    `Cannot write ${path}: the disk is full.`,
    `Free some space, or write elsewhere with ${option}.`,
    { cause },
  );
}

/**
 * Makes a file under a passing name and renames it, so that nobody ever sees half of one.
 * @throws DhrishtiError FAILED where the disk is full; else what `make` throws.
 */
export async function whole<T>(
  path: string,
  option: string,
  make: (passing: string) => Promise<T> | T,
): Promise<T> {
  if (isSpecial(path)) {
    throw new DhrishtiError(
      'FAILED',
      `Cannot write ${path}: it is no regular file.`,
      `Name another file with ${option}.`,
    );
  }
  const passing = `${path}.new-${String(process.pid)}`;
  const leftovers = [passing, `${passing}-journal`, `${passing}-wal`, `${passing}-shm`];
  try {
    const made = await make(passing);
    renameSync(passing, path);
    return made;
  } catch (error) {
    const full = FULL.has((error as NodeJS.ErrnoException).code ?? '');
    throw full ? diskFull(path, option, error) : error;
  } finally {
    for (const leftover of leftovers) rmSync(leftover, { force: true });
  }
}

/**
 * Writes a text, whole. A device or pipe is written to as it is: renaming would take its place.
 * @throws DhrishtiError FAILED where it cannot be written.
 */
export async function writeResult(path: string, option: string, text: string): Promise<void> {
  try {
    if (isSpecial(path)) writeFileSync(path, text);
    else await whole(path, option, (passing) => writeFileSync(passing, text));
  } catch (cause) {
    if (cause instanceof DhrishtiError) throw cause;
    const why = (cause as Error).message;
    throw new DhrishtiError(
      'FAILED',
      `Cannot write ${path}: ${why}.`,
      `Name another file with ${option}.`,
      { cause },
    );
  }
}
