/** `dhrishti export`: a capture's connections, exchanges, edges and windows as files for other tools. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportedTable, Format } from '../analyze/export/export.js';
import type { Analysis } from '../analyze/model.js';
import { DhrishtiError } from '../base/errors.js';
import { packageVersion } from '../base/paths.js';
import { withCapture } from '../capture/open.js';
import type { AnalyzeArguments } from './analyze.js';
import { toSettings } from './analyze.js';
import { withProgress } from './progress.js';
import type { Terminal } from './terminal.js';
import { count } from './terminal.js';

/** Options as commander gives them. */
export interface ExportArguments extends Pick<
  AnalyzeArguments,
  'window' | 'step' | 'staleAfter' | 'since' | 'until'
> {
  format: string;
  out: string;
  quiet?: boolean;
}

const FORMATS: readonly Format[] = ['arrow', 'csv', 'jsonl'];

/** @throws DhrishtiError USAGE. */
export function parseFormat(text: string): Format {
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  throw new DhrishtiError(
    'USAGE',
    `--format "${text}" is not a format.`,
    `Write one of ${FORMATS.join(', ')}.`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file',
  ENOTDIR: 'part of its path is a file',
  EACCES: 'it is not yours to write to',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  EISDIR: 'one of the files to write is a folder there',
  ENOTEMPTY: 'one of the files to write is a folder there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your disk quota is used up',
  EFBIG: 'a file may not grow further',
  SQLITE_FULL: 'the disk is full',
  SQLITE_CANTOPEN: 'it is not yours to write to',
};

/** What keeps the export from being written; null for an error that is about something else. */
function cannotWrite(folder: string, error: unknown): DhrishtiError | null {
  // The analysis wraps what SQLite says of the passing database, with a hint that does not fit here.
  const cause = error instanceof DhrishtiError ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (error instanceof DhrishtiError && !code.startsWith('SQLITE_')) return null;
  const why = REASONS[code] ?? (code.startsWith('SQLITE_') ? (cause as Error).message : undefined);
  if (why === undefined) return null;
  return new DhrishtiError(
    'FAILED',
    `Cannot write into ${folder}: ${why}.`,
    'Name another folder with -o, one that you may write to and with room for the export.',
    { cause: error },
  );
}

/** Reads the beginning of the file, so that what is no capture is told before anything is made. */
function checkCapture(file: string): void {
  withCapture(file, ({ reader }) => reader.next());
}

function toWords({ capture }: Analysis, tables: readonly ExportedTable[]): string {
  const rows = tables.map(({ name, rows }) => `${rows.toLocaleString('en-US')} ${name}`).join(', ');
  return (
    (capture.cut === null ? '' : `Cut: ${capture.cut.words}.\n`) +
    `Capture ${capture.verdict}: ${count(capture.events, 'event')}, ` +
    `${capture.lost.toLocaleString('en-US')} lost.\nExported ${rows}.\n`
  );
}

/** Exports one capture; gives the exit status. */
export async function runExport(
  terminal: Terminal,
  capture: string,
  given: ExportArguments,
): Promise<number> {
  const format = parseFormat(given.format);
  const settings = toSettings({ ...given, exchanges: true });
  const folder = given.out;
  checkCapture(capture);
  let aside: string | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    aside = mkdtempSync(join(folder, '.dhrishti-'));
    const db = join(aside, 'capture.sqlite');
    const { analyze } = await import('../analyze/analyze.js');
    const { exportTables } = await import('../analyze/export/export.js');
    const into = { db, folder, aside, format, version: packageVersion };
    const [analysis, tables] = await withProgress(terminal, given.quiet, async (onProgress) => [
      await analyze({ capture, db, onProgress, ...settings }),
      await exportTables(into),
    ]);
    if (given.quiet !== true) terminal.err(toWords(analysis, tables));
    for (const { path } of tables) await terminal.out(`${path}\n`);
    return 0;
  } catch (error) {
    throw cannotWrite(folder, error) ?? error;
  } finally {
    if (aside !== undefined) rmSync(aside, { recursive: true, force: true });
  }
}
