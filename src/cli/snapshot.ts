/** `dhrishti snapshot`: asks a flight recorder for a capture, or makes one of what a cut one has left. */
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { DhrishtiError } from '../base/errors.js';
import { formatBytes } from '../base/bytes.js';
import { SEGMENTS, listSegments, segmentFolder } from '../capture/segments.js';
import { stitchSegments } from '../capture/stitch.js';
import { readNote, type FlightNote } from '../record/flight-note.js';
import type { Terminal } from './terminal.js';

const ASK_EVERY_MS = 50;

/** Prints the name of the capture; gives the exit status. */
export async function runSnapshot(
  terminal: Terminal,
  given: string,
  out: string | undefined,
): Promise<number> {
  const path = given.replace(/\/+$/, '');
  const file = path.endsWith(SEGMENTS) ? path.slice(0, -SEGMENTS.length) : path;
  const folder = segmentFolder(file);
  const note = readNote(folder);
  if (note !== null && out !== undefined) {
    throw new DhrishtiError(
      'USAGE',
      `The flight recorder of ${file} is running, and names its snapshots itself.`,
      'Leave --out away.',
    );
  }
  const made = note === null ? recover(terminal, folder, out ?? file) : await ask(folder, note);
  terminal.err(`Next: dhrishti analyze ${made}\n`);
  await terminal.out(`${made}\n`);
  return 0;
}

/** Asks the recorder that is running, and waits for what becomes of it. */
async function ask(folder: string, before: FlightNote): Promise<string> {
  try {
    process.kill(before.pid, 'SIGUSR1');
  } catch (cause) {
    throw new DhrishtiError(
      'FAILED',
      `The recorder (process ${String(before.pid)}) cannot be asked: it belongs to somebody else.`,
      'Use sudo, or be who started it.',
      { cause },
    );
  }
  for (;;) {
    await pause(ASK_EVERY_MS);
    const note = readNote(folder);
    if (note === null) {
      throw new DhrishtiError(
        'FAILED',
        `The recorder (process ${String(before.pid)}) ended before it made the snapshot.`,
        'Look for the capture that it made at its end, or run this again.',
      );
    }
    if (note.snapshots === before.snapshots) continue;
    if (note.file !== undefined) return note.file;
    throw new DhrishtiError('FAILED', note.error ?? 'The recorder made no snapshot.', 'Try again.');
  }
}

/** Makes the capture that a recorder which is gone did not come to. */
function recover(terminal: Terminal, folder: string, out: string): string {
  const paths = listSegments(folder);
  if (paths.length === 0) {
    throw new DhrishtiError(
      'FAILED',
      `No flight recorder keeps anything there: there is no ${folder}.`,
      'Name the file that was given to `dhrishti record --keep … -o FILE`.',
    );
  }
  const { bytes, damaged } = stitchSegments(paths, out);
  // What could not be read may be worth another look with other tools.
  if (damaged) terminal.err(`Some of ${folder} could not be read: it stays.\n`);
  else rmSync(folder, { recursive: true });
  terminal.err(`The recorder was cut off; it had kept ${formatBytes(bytes)}.\n`);
  return out;
}
