/** Where a recording goes: one capture that grows, or a ring of segments of which the newest are kept. */
import type { BlockWriter } from '../capture/block-writer.js';
import { CaptureWriter } from '../capture/writer.js';

export interface Output {
  /** The capture that it will become. */
  readonly file: string;
  /** Takes the next block. */
  readonly writer: BlockWriter;
  /** Bytes on the disk. */
  readonly bytes: number;
  /** @throws DhrishtiError FAILED when what is written is no longer where it was made. */
  checkPlace(): void;
  /** END is written: makes the capture. Gives its bytes. */
  finish(): number;
  /** Gives up, and leaves what can still be analyzed. */
  abandon(): void;
}

/** One file that holds everything. */
export class SingleFile implements Output {
  readonly file: string;
  readonly writer: CaptureWriter;

  /** @throws DhrishtiError FAILED when the file cannot be made. */
  constructor(file: string) {
    this.file = file;
    this.writer = new CaptureWriter(file);
  }

  get bytes(): number {
    return this.writer.bytesWritten;
  }

  checkPlace(): void {
    this.writer.checkPlace();
  }

  finish(): number {
    this.writer.finish();
    return this.bytes;
  }

  abandon(): void {
    this.writer.abandon();
  }
}
