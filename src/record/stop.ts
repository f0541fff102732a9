/**
 * What ends a recording: a signal, the duration, the size, the end of the command, or a caller. Listens from
 * the first moment, so that no signal finds the process without an answer and leaves half a file.
 */
import type { EndBody } from '../capture/blocks.js';
import type { RunningCommand } from './command.js';

/** Why a recording ended, and with which status its command did. */
export interface Ending {
  reason: EndBody['reason'];
  status?: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Collects the reasons to end; the first one counts. `dispose` it. */
export class Stop {
  /** Settles with the first reason to end; rejects when the recording cannot go on. */
  readonly ending: Promise<Ending>;
  #end!: (ending: Ending) => void;
  #fail!: (error: unknown) => void;
  #command: RunningCommand | undefined;
  #signals = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What SIGUSR1 asks for. */
  onSnapshot: () => void = () => undefined;
  readonly #abort: AbortSignal | undefined;

  constructor(abort?: AbortSignal) {
    this.ending = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    // A failure may come before anybody waits for it; whoever records waits for it in the end.
    this.ending.catch(() => undefined);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    // Listened to by every recording: otherwise Node would open its debugger on it.
    process.on('SIGUSR1', this.#onUser);
    this.#abort = abort;
    abort?.addEventListener('abort', this.#onAbort);
    if (abort?.aborted === true) this.#onAbort();
  }

  /** Ends the recording, unless something has already. */
  end(ending: Ending): void {
    this.#end(ending);
  }

  /** The recording cannot go on. */
  fail(error: unknown): void {
    this.#fail(error);
  }

  /** Ends the recording after this many milliseconds. */
  after(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#end({ reason: 'duration' });
    }, ms);
  }

  /** From now on signals are the command's first, and its end ends the recording. */
  follow(command: RunningCommand): void {
    this.#command = command;
    void command.ended.then((status) => {
      this.#end({ reason: 'command-ended', status });
    });
  }

  /** Gives signals back to the process. */
  dispose(): void {
    clearTimeout(this.#timer);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    process.off('SIGUSR1', this.#onUser);
    this.#abort?.removeEventListener('abort', this.#onAbort);
  }

  /**
   * The terminal has given SIGINT to the command already; other signals are passed on, and its end ends the
   * recording. A second signal, or one without a command, ends it now.
   */
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#signals++;
    if (this.#command && this.#signals === 1) {
      if (signal !== 'SIGINT') this.#command.signal(signal);
    } else {
      this.#end({ reason: 'signal' });
    }
  };

  readonly #onUser = (): void => {
    this.onSnapshot();
  };

  readonly #onAbort = (): void => {
    this.#end({ reason: 'signal' });
  };
}
