/** Writes a capture: `name.dhr.partial` while it grows, `name.dhr` once it is whole. */
import {
  chmodSync,
  constants,
  copyFileSync,
  fsync,
  fsyncSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { BlockWriter } from './block-writer.js';
import { DhrishtiError } from '../base/errors.js';
import { fileError } from './file-error.js';
import { PARTIAL } from './format.js';
import { giveToOwner } from './owner.js';

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

  /**
   * Looks whether the file is still where it was made. If not, puts a copy of it there where that can be done.
   * @throws DhrishtiError FAILED when it was not; the capture cannot go on.
   */
  checkPlace(): void {
    if (this.isInPlace) return;
    let hint = 'What was recorded is lost: record again, to another folder.';
    try {
      copyFileSync(`/proc/self/fd/${String(this.fd)}`, this.path, constants.COPYFILE_EXCL);
      chmodSync(this.path, 0o600);
      giveToOwner(this.path);
      hint = `All that was recorded until now was put into ${this.path} again: analyze that.`;
    } catch {
      // The folder is gone too, or full: then there is nothing to be done.
    }
    this.#open = false;
    this.close();
    throw new DhrishtiError(
      'FAILED',
      `${this.path} was deleted or moved while it was recorded, or its folder was unmounted.`,
      hint,
    );
  }

  /** Makes the capture whole: the caller has written END. Flushes it to the disk and gives it its name. */
  finish(): void {
    if (!this.#open) return;
    this.checkPlace();
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
