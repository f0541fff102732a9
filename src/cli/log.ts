/** `dhrishti log`: the events of a capture in words, one a line, live with `--follow`. */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { formatEndpoint } from '../base/address.js';
import { formatOffset } from '../base/time.js';
import { failedSockets } from '../analyze/failed.js';
import { EventLog } from '../analyze/log.js';
import type { LogEntry } from '../analyze/log.js';
import { PARTIAL } from '../capture/format.js';
import type { OpenCapture } from '../capture/open.js';
import { openCapture, withCapture } from '../capture/open.js';
import type { Terminal } from './terminal.js';
import { printable } from './terminal.js';

/** Options as commander gives them. */
export interface LogArguments {
  follow?: boolean;
  json?: boolean;
  service?: string;
  failed?: boolean;
}

/** The recorder writes at least every 100 ms. */
const POLL_MS = 100;
/** Lines are handed over in pieces of about this size. */
const PIECE_CHARS = 64 * 1024;

function tuple({ role, local, remote }: LogEntry): string {
  if (local === null) return '';
  // A client's port is often not bound yet when it connects.
  const own = formatEndpoint(local.address, local.port).replace(/:0$/, ':?');
  if (remote === null) return own;
  const arrow = role === 'server' ? '←' : '→';
  return `${own} ${arrow} ${formatEndpoint(remote.address, remote.port)}`;
}

/** One line: time, service, socket, tuple, what happened, and the flags that the words leave out. */
export function entryText(entry: LogEntry): string {
  const parts = [
    formatOffset(entry.atNs).padStart(12),
    entry.service ?? '-',
    entry.socket === null ? '' : `#${String(entry.socket)}`,
    tuple(entry),
    entry.text,
    entry.flags.length > 0 ? `[${entry.flags.join(' ')}]` : '',
  ];
  return printable(parts.filter((part) => part !== '').join('  '));
}

/** True where the options let the event through. */
export function wanted(entry: LogEntry, given: LogArguments): boolean {
  if (given.failed === true && !entry.failed) return false;
  return given.service === undefined || entry.service === given.service;
}

/** `x.dhr` stands for `x.dhr.partial` while that is being recorded. */
function fileToFollow(file: string): string {
  return !existsSync(file) && existsSync(file + PARTIAL) ? file + PARTIAL : file;
}

/** Prints in pieces, and stops when nobody reads any more. */
class Printer {
  #piece = '';
  readonly #terminal: Terminal;
  readonly #given: LogArguments;

  constructor(terminal: Terminal, given: LogArguments) {
    this.#terminal = terminal;
    this.#given = given;
  }

  async print(entries: Iterable<LogEntry>): Promise<void> {
    for (const entry of entries) {
      if (!wanted(entry, this.#given)) continue;
      this.#piece += `${this.#given.json === true ? JSON.stringify(entry) : entryText(entry)}\n`;
      if (this.#piece.length >= PIECE_CHARS) await this.flush();
      if (this.#terminal.closed) return;
    }
  }

  async flush(): Promise<void> {
    if (this.#piece === '') return;
    const piece = this.#piece;
    this.#piece = '';
    await this.#terminal.out(piece);
  }
}

/** Goes on until END is read or nobody reads the output. */
async function follow(terminal: Terminal, capture: OpenCapture, printer: Printer): Promise<void> {
  const log = new EventLog();
  while (!terminal.closed) {
    const block = capture.reader.next();
    if (block !== null) {
      await printer.print(log.take(block));
      continue;
    }
    await printer.flush();
    if (capture.reader.verdict().ended) return;
    await delay(POLL_MS);
  }
}

/** Names first, then the events: the whole file is there. */
async function replay(
  terminal: Terminal,
  file: string,
  printer: Printer,
  given: LogArguments,
): Promise<OpenCapture> {
  const log = new EventLog(given.failed === true ? failedSockets(file) : null);
  withCapture(file, ({ reader }) => {
    for (const block of reader) log.foresee(block);
  });
  const capture = openCapture(file);
  for (const block of capture.reader) {
    if (terminal.closed) break;
    await printer.print(log.take(block));
  }
  return capture;
}

/** Gives the exit status. */
export async function runLog(
  terminal: Terminal,
  file: string,
  given: LogArguments,
): Promise<number> {
  const printer = new Printer(terminal, given);
  let capture: OpenCapture;
  if (given.follow === true) {
    capture = openCapture(fileToFollow(file), { follow: true });
    await follow(terminal, capture, printer);
  } else {
    capture = await replay(terminal, file, printer, given);
  }
  await printer.flush();
  capture.close();
  const verdict = capture.reader.verdict();
  if (verdict.state !== 'complete' && !terminal.closed) terminal.err(`${verdict.sentence}\n`);
  return 0;
}
