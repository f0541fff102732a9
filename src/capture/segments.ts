/**
 * Where a flight recorder keeps the newest part of what it records: a folder beside the capture that it will
 * become, one file a segment. FORMAT.md, "Segments", says what is in them.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Ending of the folder's name, behind the name of the capture. */
export const SEGMENTS = '.segments';

/** Less is no recording: the list of sockets that each segment begins with needs room too. */
export const LEAST_KEEP_BYTES = 16 * 1024 * 1024;
export const LEAST_KEEP_MS = 10_000;

/** The folder of the capture called `file`. */
export function segmentFolder(file: string): string {
  return file + SEGMENTS;
}

/** Path of segment `number`, counted from 1. */
export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.dhr`);
}

/** Paths of the segments in a folder, oldest first; none where there is no such folder. */
export function listSegments(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d{8}\.dhr$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
