/**
 * The note that a flight recorder leaves beside its segments, so that `dhrishti snapshot` finds the process and
 * hears what became of its wish.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileError } from '../capture/file-error.js';

const NOTE = 'recorder.json';

export interface FlightNote {
  pid: number;
  /** Start of the process, in ticks since boot: tells a reused process id from its former owner. */
  started: string;
  /** Snapshots tried so far, and what became of the last one. */
  snapshots: number;
  file?: string;
  error?: string;
}

/** Start of a process in ticks since boot; empty where there is none. */
export function startOfProcess(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The name before it may hold anything; field 22 is the 20th behind its closing bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Writes the note of this process; never half of it. @throws DhrishtiError FAILED */
export function writeNote(folder: string, note: Omit<FlightNote, 'pid' | 'started'>): void {
  const { pid } = process;
  const path = join(folder, NOTE);
  const whole: FlightNote = { pid, started: startOfProcess(pid), ...note };
  try {
    writeFileSync(`${path}.new`, JSON.stringify(whole), { mode: 0o644 });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw fileError('write', path, cause);
  }
}

/** The note in a folder; null where there is none, or its process is gone. */
export function readNote(folder: string): FlightNote | null {
  let note: FlightNote;
  try {
    note = JSON.parse(readFileSync(join(folder, NOTE), 'utf8')) as FlightNote;
  } catch {
    return null;
  }
  const started = startOfProcess(note.pid);
  return started !== '' && started === note.started ? note : null;
}
