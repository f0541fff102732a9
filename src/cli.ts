#!/usr/bin/env node
/**
 * The command line: what can be asked, and the only place that prints and sets the exit status. Each
 * command's own code is loaded when it is asked for, so that analyzing needs no FFI and recording no SQLite.
 */
import { statSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { DhrishtiError, EXIT_STATUS } from './base/errors.js';
import { packageVersion } from './base/paths.js';
import type { AnalyzeArguments } from './cli/analyze.js';
import type { CheckArguments } from './cli/check.js';
import { DEFAULT_TIMES } from './cli/defaults.js';
import type { DiffArguments } from './cli/diff.js';
import type { ExportArguments } from './cli/export.js';
import type { LogArguments } from './cli/log.js';
import type { RecordArguments } from './cli/record.js';
import type { Terminal } from './cli/terminal.js';

let stdoutClosed = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe may leave when it has seen enough.
  if (error.code !== 'EPIPE') process.exitCode = EXIT_STATUS.FAILED;
  stdoutClosed = true;
});

const terminal: Terminal = {
  out: async (text) => {
    if (stdoutClosed || process.stdout.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'close', 'error']) process.stdout.off(event, done);
        resolve();
      };
      for (const event of ['drain', 'close', 'error']) process.stdout.once(event, done);
    });
  },
  err: (text) => void process.stderr.write(text),
  live: process.stderr.isTTY,
  get columns() {
    return process.stderr.columns || 80;
  },
  interactive: process.stdout.isTTY,
  get closed() {
    return stdoutClosed;
  },
};

/** Values of an option that may be given several times. */
function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

const SINCE =
  'leave out what was before: 12s or 1m30s after the start, 14:03:20 (in UTC; 14:03:20+02:00 elsewhere), or with a date';
const UNTIL = 'leave out what was after';

const program = new Command('dhrishti')
  .description('See every TCP connection between every service on a Linux machine.')
  .version(packageVersion)
  .exitOverride()
  .showHelpAfterError('Run it with --help to see what it takes.');

program
  .command('record')
  .description('record TCP connections into a capture, until Ctrl-C or the end of COMMAND')
  .usage('[options] [-- COMMAND...]')
  .argument('[command...]', 'what to run and record; the exit status is its own')
  .option('-o, --out <file>', 'the capture to write (default: dhrishti-DATE-TIME.dhr)')
  .option('--duration <time>', 'end after this long, for example 30s')
  .option('--max-size <size>', 'end when the capture has grown to this, for example 1GiB')
  .option(
    '--keep <amount...>',
    'keep only the newest part, for example 10m, 256MiB or both; SIGUSR1 or `dhrishti snapshot` makes a capture of it',
  )
  .option('--buffer <size>', "size of the kernel's event buffer", '64MiB')
  .option('--container <name...>', 'only these containers; * stands for anything')
  .option('--service <service...>', 'only containers of these services; * stands for anything')
  .option('--port <port...>', 'only connections with one of these ports at either end')
  .option('--exclude-port <port...>', 'no connections with one of these ports at either end')
  .option('--netns <namespace...>', 'only these network namespaces, by inode or path')
  .option('--with-args', "keep COMMAND's arguments in the capture, which are left out otherwise")
  .option('--quiet', 'say nothing but errors')
  .action(async (command: string[], given: RecordArguments) => {
    if (command.length > 0 && !process.argv.includes('--')) {
      throw new DhrishtiError(
        'USAGE',
        `record does not know what to do with "${command.join(' ')}".`,
        'Write a command to run behind --, and the capture with -o FILE.',
      );
    }
    const { runRecord, toRecordOptions } = await import('./cli/record.js');
    const system = { now: new Date(), inodeOf: (path: string): number => statSync(path).ino };
    process.exitCode = await runRecord(terminal, given, toRecordOptions(given, command, system));
  });

program
  .command('snapshot')
  .description(
    'make a capture of what a flight recorder (record --keep) holds, or held when it was cut off',
  )
  .argument('<capture>', 'the file that the flight recorder was given with -o')
  .option('-o, --out <file>', 'the capture to write, where the recorder was cut off')
  .action(async (capture: string, given: { out?: string }) => {
    const { runSnapshot } = await import('./cli/snapshot.js');
    process.exitCode = await runSnapshot(terminal, capture, given.out);
  });

program
  .command('analyze')
  .description('turn a capture into an SQLite file and one HTML page beside it')
  .argument('<capture...>', 'a .dhr file')
  .option('--db <file>', 'the SQLite file to write')
  .option('--report <file>', 'the HTML page to write')
  .option('--window <time>', 'width of the sliding windows', DEFAULT_TIMES.window)
  .option('--step <time>', 'distance between the starts of two windows', DEFAULT_TIMES.step)
  .option('--stale-after <time>', 'close what was silent for this long', DEFAULT_TIMES.staleAfter)
  .option('--since <moment>', SINCE)
  .option('--until <moment>', UNTIL)
  .option('--k6 <file...>', 'compare with a k6 run: its --out json= file, its summary, or both')
  .option('--exchanges', 'store each exchange in the SQLite file')
  .option('--json', 'print the result as JSON')
  .option('--quiet', 'say nothing but errors, and draw no progress')
  .option('--strict', 'exit with 5 when the capture is not whole or lost events')
  .action(async (captures: string[], given: AnalyzeArguments) => {
    const { runAnalyze } = await import('./cli/analyze.js');
    process.exitCode = await runAnalyze(terminal, captures, given);
  });

program
  .command('check')
  .description('hold assertions against what was recorded; exits with 6 when one does not hold')
  .argument('<capture...>', 'a .dhr file')
  .option(
    '--assert <assertion>',
    "for example 'gateway -> auth p95 < 50ms'; may be repeated",
    collect,
  )
  .option('--assert-file <file>', 'a file of assertions, one a line, # begins a comment', collect)
  .option('--json', 'print the result as JSON')
  .option('--junit <file>', 'write the result as JUnit XML too')
  .option('--strict', 'exit with 5 when a capture is not whole or lost events')
  .action(async (captures: string[], given: CheckArguments) => {
    const { runCheck } = await import('./cli/check.js');
    process.exitCode = await runCheck(terminal, captures, given);
  });

program
  .command('diff')
  .description(
    'compare two captures, or two groups of them, edge by edge, and say what is beyond noise',
  )
  .usage('[options] BEFORE AFTER\n       dhrishti diff [options] --before FILE... --after FILE...')
  .argument('[captures...]', 'two .dhr files')
  .option('--before <file...>', 'several recordings of how it was: their spread is the noise')
  .option('--after <file...>', '… and of how it is')
  .option('--json', 'print the result as JSON')
  .option('--html <file>', 'write the result as an HTML page too')
  .action(async (captures: string[], given: DiffArguments) => {
    const { runDiff } = await import('./cli/diff.js');
    process.exitCode = await runDiff(terminal, captures, given);
  });

program
  .command('log')
  .description('print the events of a capture in words, one a line')
  .argument('<capture>', 'a .dhr file, or the .dhr.partial of a running recording')
  .option('--follow', 'go on while it is being recorded')
  .option('--json', 'print one JSON object a line')
  .option('--service <service>', 'only events of this service')
  .option(
    '--failed',
    'only failed connections, all their events; with --follow errors, resets and attempts that failed',
  )
  .action(async (capture: string, given: LogArguments) => {
    const { runLog } = await import('./cli/log.js');
    process.exitCode = await runLog(terminal, capture, given);
  });

program
  .command('inspect')
  .description('print what a capture holds: header, blocks, counts, verdict')
  .argument('<capture>', 'a .dhr file')
  .option('--json', 'print it as JSON')
  .action(async (capture: string, given: { json?: boolean }) => {
    const { runInspect } = await import('./cli/inspect.js');
    process.exitCode = await runInspect(terminal, capture, given);
  });

program
  .command('export')
  .description('write connections, exchanges, edges and windows as files for other tools')
  .argument('<capture>', 'a .dhr file')
  .requiredOption('--format <format>', 'arrow, csv or jsonl')
  .requiredOption('-o, --out <folder>', 'the folder to write to; it is made where it is missing')
  .option('--window <time>', 'width of the sliding windows', DEFAULT_TIMES.window)
  .option('--step <time>', 'distance between the starts of two windows', DEFAULT_TIMES.step)
  .option('--stale-after <time>', 'close what was silent for this long', DEFAULT_TIMES.staleAfter)
  .option('--since <moment>', SINCE)
  .option('--until <moment>', UNTIL)
  .option('--quiet', 'say nothing but errors, and draw no progress')
  .action(async (capture: string, given: ExportArguments) => {
    const { runExport } = await import('./cli/export.js');
    process.exitCode = await runExport(terminal, capture, given);
  });

program
  .command('doctor')
  .description('say what this machine can record, what it lacks, and how to mend it')
  .option('--json', 'print it as JSON')
  .action(async (given: { json?: boolean }) => {
    const { runDoctor } = await import('./cli/doctor.js');
    process.exitCode = await runDoctor(terminal, given);
  });

/** Says what went wrong; gives the exit status. */
function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its own sentence.
    return error.exitCode === 0 ? 0 : EXIT_STATUS.USAGE;
  }
  if (error instanceof DhrishtiError) {
    terminal.err(`dhrishti: ${error.message}\n${error.hint}\n`);
    return error.exitStatus;
  }
  terminal.err(
    `dhrishti: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT_STATUS.FAILED;
}

/** Resolves once all that was written to the stream is with the system, or nobody reads it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()));
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = complain(error);
  // What has failed may have left sockets or timers open; a failed command must not wait for them.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit();
}
