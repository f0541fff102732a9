/** Writes a capture: `name.dhr.partial` while it grows, `name.dhr` once it is whole. */
import { fsync, fsyncSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { BlockWriter } from './block-writer.js';
import { fileError } from './file-error.js';
import { PARTIAL } from './format.js';

/** Writes one capture. What throws, throws DhrishtiError FAILED naming the file. */
export class CaptureWriter extends BlockWriter {
  /** Where the capture will lie once it is whole. */
  readonly file: string;
  #open = true;

  /** Creates `file`.partial (mode 0600, of the user behind sudo) and writes the file header. */
  constructor(file: string) {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw fileError('create', file, { code: 'EISDIR' });
    }
    super(file + PARTIAL);
    this.file = file;
  }

  /** Makes the capture whole: the caller has written END. Flushes it to the disk and gives it its name. */
  finish(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      fsyncSync(this.fd);
      this.#name();
    } catch (cause) {
      throw fileError('finish', this.file, cause);
    }
  }

  /** As `finish`, without keeping the process waiting for the disk. */
  async finishLater(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    try {
      await promisify(fsync)(this.fd);
      this.#name();
    } catch (cause) {
      throw fileError('finish', this.file, cause);
    }
  }

  #name(): void {
    this.close();
    renameSync(this.path, this.file);
  }

  /**
   * Gives up. What holds events stays as `.partial`, because it can be analyzed; what holds none is removed.
   */
  abandon(): void {
    if (!this.#open) return;
    this.#open = false;
    this.close();
    if (!this.holdsEvents) unlinkSync(this.path);
  }

  /** Gives up what can be written again. */
  discard(): void {
    if (!this.#open) return;
    this.#open = false;
    this.close();
    unlinkSync(this.path);
  }
}
