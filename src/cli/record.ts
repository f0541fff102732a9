/** `dhrishti record`: runs the recorder and tells how it goes. */
import { formatBytes, parseBytes } from '../base/bytes.js';
import { DhrishtiError } from '../base/errors.js';
import { formatDuration, parseDuration } from '../base/time.js';
import { LEAST_KEEP_BYTES, LEAST_KEEP_MS } from '../capture/segments.js';
import type { Keep } from '../record/keep.js';
import type { RecordOptions, RecordStatus, RecordSummary } from '../record/recorder.js';
import type { Terminal } from './terminal.js';
import { count } from './terminal.js';

/** Options as commander gives them. */
export interface RecordArguments {
  out?: string;
  duration?: string;
  maxSize?: string;
  keep?: string[];
  buffer: string;
  container?: string[];
  service?: string[];
  excludePort?: string[];
  withArgs?: boolean;
  port?: string[];
  netns?: string[];
  quiet?: boolean;
}

/** A name that sorts by time, for recordings that were given none. */
function defaultName(now: Date): string {
  return `dhrishti-${now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}.dhr`;
}

function parsePort(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new DhrishtiError(
      'USAGE',
      `${option} "${text}" is not a port.`,
      `Write numbers from 1 to 65535, for example ${option} 80 443.`,
    );
  }
  return port;
}

/** `4026532101`, as /proc and lsns show it, or a path as in `/run/netns/shop`. */
function parseNetns(text: string, inodeOf: (path: string) => number): number {
  if (/^\d+$/.test(text)) return Number(text);
  try {
    return inodeOf(text);
  } catch (cause) {
    throw new DhrishtiError(
      'USAGE',
      `--netns "${text}" is not a network namespace.`,
      'Write its inode number (see lsns -t net) or a path such as /run/netns/NAME.',
      { cause },
    );
  }
}

/** Values given as `--port 80 443`, as `--port 80 --port 443` or as `--port 80,443`. */
function list(values: readonly string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => value.split(',')).filter((value) => value !== '');
}

/** `10m`, `256MiB`, or one of each: then the less of both is kept. */
function parseKeep(values: readonly string[]): Keep {
  const keep: Keep = {};
  for (const text of values) {
    const isTime = /^[\d.]+\s*(?:ns|us|µs|ms|s|min|m|h)(?:[\d.]|$)/.test(text);
    if (isTime ? keep.ms !== undefined : keep.bytes !== undefined) {
      throw new DhrishtiError(
        'USAGE',
        `--keep is given two ${isTime ? 'times' : 'sizes'}.`,
        'Give one time, one size, or one of each: --keep 10m --keep 1GiB.',
      );
    }
    if (isTime) keep.ms = parseDuration(text, '--keep') / 1e6;
    else keep.bytes = parseBytes(text, '--keep');
  }
  const { bytes = LEAST_KEEP_BYTES, ms = LEAST_KEEP_MS } = keep;
  if (bytes < LEAST_KEEP_BYTES || ms < LEAST_KEEP_MS) {
    throw new DhrishtiError(
      'USAGE',
      `--keep "${values.join(' ')}" is too little.`,
      `Keep at least ${formatBytes(LEAST_KEEP_BYTES)}, or ${formatDuration(LEAST_KEEP_MS * 1e6)}.`,
    );
  }
  return keep;
}

/** @throws DhrishtiError USAGE naming the option that makes no sense. */
export function toRecordOptions(
  given: RecordArguments,
  command: string[],
  system: { now: Date; inodeOf: (path: string) => number },
): RecordOptions {
  const options: RecordOptions = {
    out: given.out ?? defaultName(system.now),
    ringBytes: parseBytes(given.buffer, '--buffer'),
    containers: list(given.container),
    services: list(given.service),
    ports: list(given.port).map((text) => parsePort('--port', text)),
    excludePorts: list(given.excludePort).map((text) => parsePort('--exclude-port', text)),
    netns: list(given.netns).map((text) => parseNetns(text, system.inodeOf)),
    command,
  };
  if (given.withArgs === true) options.withArgs = true;
  if (given.duration !== undefined) {
    options.durationMs = parseDuration(given.duration, '--duration') / 1e6;
  }
  const both = options.ports.find((port) => options.excludePorts.includes(port));
  if (both !== undefined) {
    throw new DhrishtiError(
      'USAGE',
      `Port ${String(both)} is asked for with --port and left out with --exclude-port.`,
      'Give it to one of them.',
    );
  }
  const keep = list(given.keep);
  if (keep.length > 0) {
    if (given.maxSize !== undefined) {
      throw new DhrishtiError(
        'USAGE',
        '--keep and --max-size exclude each other: one drops the oldest part, the other ends the recording.',
        'Give one of them.',
      );
    }
    options.keep = parseKeep(keep);
  }
  if (given.maxSize !== undefined) options.maxBytes = parseBytes(given.maxSize, '--max-size');
  return options;
}

/** The line that a terminal shows while the recording runs. */
export function statusLine(status: RecordStatus): string {
  return [
    formatDuration(Math.floor(status.elapsedMs / 1000) * 1e9),
    count(status.events, 'event'),
    `${Math.round(status.eventsPerS).toLocaleString('en-US')}/s`,
    `${status.lost.toLocaleString('en-US')} lost`,
    formatBytes(status.fileBytes),
  ].join('  ');
}

/** What was recorded, and the command to run next. */
export function summaryText(summary: RecordSummary): string {
  const lost =
    summary.lost === 0
      ? 'none lost'
      : `${count(summary.lost, 'event')} LOST: record again with a larger --buffer`;
  const containers = summary.containers === 0 ? '' : `; ${count(summary.containers, 'container')}`;
  const dropped =
    summary.droppedMs === 0
      ? ''
      : `; ${formatDuration(summary.droppedMs * 1e6)} before that were not kept`;
  return [
    `Recorded ${formatDuration(summary.durationMs * 1e6)}${dropped}: ${count(summary.events, 'event')}, ` +
      `${lost}${containers}; ${formatBytes(summary.fileBytes)} in ${summary.file}`,
    ...summary.notes.map((note) => `Note: ${note}`),
    `Next: dhrishti analyze ${summary.file}`,
    '',
  ].join('\n');
}

/** Records; gives the exit status, which is the recorded command's own where there was one. */
export async function runRecord(
  terminal: Terminal,
  given: RecordArguments,
  options: RecordOptions,
): Promise<number> {
  const { record } = await import('../record/recorder.js');
  // A terminal on which a command draws is the command's: a line updated in place would cross its output.
  const live = terminal.live && given.quiet !== true && options.command.length === 0;
  const line = { shown: false };
  if (live) {
    options.onStart = () => {
      const how = options.keep === undefined ? 'to' : 'the newest part for';
      terminal.err(`Recording ${how} ${options.out}; Ctrl-C ends it.\n`);
    };
    options.onStatus = (status) => {
      line.shown = true;
      terminal.err(`\r\u001b[K${statusLine(status)}`);
    };
  }
  options.onSnapshot = ({ file, error }) => {
    if (line.shown) terminal.err('\r\u001b[K');
    if (error !== undefined) terminal.err(`dhrishti: no snapshot: ${error}\n`);
    else if (given.quiet !== true) terminal.err(`Snapshot: ${file ?? ''}\n`);
  };
  try {
    const summary = await record(options);
    if (line.shown) terminal.err('\r\u001b[K');
    if (given.quiet !== true) terminal.err(summaryText(summary));
    return summary.commandStatus ?? 0;
  } catch (error) {
    if (line.shown) terminal.err('\n');
    throw error;
  }
}
