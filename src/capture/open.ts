/** Opens a capture that lies in a file. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { DhrishtiError } from '../base/errors.js';
import { PARTIAL } from './format.js';
import type { ByteSource } from './reader.js';
import { CaptureReader } from './reader.js';
import { segmentFolder } from './segments.js';

export interface OpenOptions {
  /** True when the capture still grows. */
  follow?: boolean;
  /** Sees all bytes of the file as they are read, for a digest; a view that holds during the call. */
  onBytes?: (bytes: Uint8Array) => void;
}

/** A capture in a file; `close` it. */
export interface OpenCapture {
  reader: CaptureReader;
  /** Bytes in the file when it was opened. */
  fileBytes: number;
  close: () => void;
}

/**
 * Opens a capture.
 * @throws DhrishtiError FAILED where the file cannot be read; the reader's errors come with its first block.
 */
export function openCapture(path: string, options: OpenOptions = {}): OpenCapture {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw new DhrishtiError('NOT_A_CAPTURE', `${path} is a folder.`, 'Name a .dhr file in it.');
  }
  const source: ByteSource = (into) => {
    let got: number;
    try {
      got = readSync(fd, into);
    } catch (cause) {
      throw cannotRead(path, cause);
    }
    options.onBytes?.(into.subarray(0, got));
    return got;
  };
  return {
    reader: new CaptureReader(source, { name: path, follow: options.follow ?? false }),
    fileBytes: stat.size,
    close: () => {
      closeSync(fd);
    },
  };
}

/** Opens a capture for `use`, and closes it whatever happens. @throws what `openCapture` and `use` throw. */
export function withCapture<T>(
  path: string,
  use: (capture: OpenCapture) => T,
  options: OpenOptions = {},
): T {
  const capture = openCapture(path, options);
  try {
    return use(capture);
  } finally {
    capture.close();
  }
}

function cannotRead(path: string, cause: unknown): DhrishtiError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const partial = path + PARTIAL;
  if (code === 'ENOENT' && existsSync(partial)) {
    return new DhrishtiError(
      'FAILED',
      `There is no ${path}, but its recording still runs or was cut off.`,
      `Use ${partial}: all that is whole in it will be read.`,
      { cause },
    );
  }
  const folder = segmentFolder(path);
  if (code === 'ENOENT' && existsSync(folder)) {
    return new DhrishtiError(
      'FAILED',
      `There is no ${path}, but a flight recorder keeps it in ${folder}, or was cut off.`,
      `Make a capture of that with \`dhrishti snapshot ${path}\`.`,
      { cause },
    );
  }
  const why = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'permission denied' : code;
  const hint =
    code === 'EACCES'
      ? `Captures belong to whoever recorded them: chown it, or use sudo.`
      : 'Look at the name of the file.';
  return new DhrishtiError('FAILED', `Cannot read ${path}: ${why}.`, hint, { cause });
}
