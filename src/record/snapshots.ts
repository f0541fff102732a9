/** Snapshots of a flight recorder, one after the other as they are asked for. */
import { resolve } from 'node:path';
import { DhrishtiError } from '../base/errors.js';
import type { Flight } from './flight.js';
import { writeNote } from './flight-note.js';
import type { RecordOptions } from './options.js';

export class Snapshots {
  readonly #folder: string;
  readonly #flight: Flight;
  readonly #tell: RecordOptions['onSnapshot'];
  #tried = 0;
  #waiting = false;
  #ended = false;
  #last: Promise<void> = Promise.resolve();

  /** Leaves the note in `folder` that `dhrishti snapshot` looks for. */
  constructor(folder: string, flight: Flight, tell: RecordOptions['onSnapshot']) {
    this.#folder = folder;
    this.#flight = flight;
    this.#tell = tell;
    writeNote(folder, { snapshots: 0 });
  }

  /** The recording ends: what has begun is finished, nothing new begins. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#last;
  }

  /** Makes one. Who asks while one is waited for already is served by that. */
  request(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#last = this.#last.then(() => this.#make());
  }

  /** A snapshot that fails is told and is no reason to end the recording. */
  async #make(): Promise<void> {
    this.#waiting = false;
    if (this.#ended) return;
    let outcome: { file?: string; error?: string };
    try {
      outcome = { file: resolve(await this.#flight.snapshot()) };
    } catch (error) {
      outcome = {
        error:
          error instanceof DhrishtiError
            ? `${error.message} ${error.hint}`
            : String(error instanceof Error ? error.message : error),
      };
    }
    try {
      writeNote(this.#folder, { snapshots: ++this.#tried, ...outcome });
    } catch {
      // The disk is full: the next drain ends the recording and says so.
    }
    this.#tell?.(outcome);
  }
}
