/**
 * The command that is recorded: started with the recorder's own terminal, given the signals that the
 * recorder gets, and its end noticed with its status.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import { constants } from 'node:os';
import { DhrishtiError } from '../base/errors.js';

/** A command under way. */
export interface RunningCommand {
  /** The executable's name, without folder and arguments. */
  readonly name: string;
  /** Its exit status once it has ended; 128 + number where a signal ended it, as shells say it. */
  readonly ended: Promise<number>;
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts a command with the terminal, standard streams and environment of the recorder.
 * @throws DhrishtiError USAGE when it cannot be started.
 */
export async function startCommand(command: readonly string[]): Promise<RunningCommand> {
  const [executable = '', ...args] = command;
  const child: ChildProcess = spawn(executable, args, { stdio: 'inherit' });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no such command' : (error.code ?? 'failed');
      reject(
        new DhrishtiError(
          'USAGE',
          `The command ${executable} cannot be started: ${why}.`,
          'Check its name and PATH; write it after `--`.',
          { cause: error },
        ),
      );
    });
  });
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (status, signal) => {
      resolve(status ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
  return {
    name: basename(executable),
    ended,
    signal: (name) => {
      child.kill(name);
    },
  };
}
