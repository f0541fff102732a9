/** Why a capture cannot be written, and what to do about it. */
import { DhrishtiError } from '../base/errors.js';

const REASONS: Readonly<Record<string, [why: string, hint: string]>> = {
  EEXIST: [
    'it is there already: another recording writes it, or one was cut off',
    'Analyze it or remove it, or name another file with -o.',
  ],
  EACCES: ['permission denied', 'Name a folder that you may write to with -o.'],
  EPERM: ['the system does not permit it', 'Name a folder that you may write to with -o.'],
  EROFS: ['the file system is read-only', 'Name a folder that you may write to with -o.'],
  ENOENT: ['its folder does not exist', 'Make the folder, or name another file with -o.'],
  ENOTDIR: ['part of its path is a file', 'Name another file with -o.'],
  EISDIR: ['it is a folder', 'Name a file with -o, for example capture.dhr.'],
  ENOSPC: ['the disk is full', 'Free some space; what was written so far can be analyzed.'],
  EDQUOT: ['your disk quota is used up', 'Free some space; what was written can be analyzed.'],
  EFBIG: [
    'the file may not grow further',
    'Raise the limit (ulimit -f) or record with --max-size.',
  ],
};

/** `what` is the verb: `create`, `write`, `finish`. `cause` is Node's error. */
export function fileError(what: string, file: string, cause: unknown): DhrishtiError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const [why, hint] = REASONS[code] ?? [code, 'Name another file with -o, or look at its disk.'];
  return new DhrishtiError('FAILED', `Cannot ${what} ${file}: ${why}.`, hint, { cause });
}
