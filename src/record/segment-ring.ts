/**
 * The newest part of a recording, as a ring of segments on the disk: writing into the newest, dropping the
 * oldest before there would be more than is to be kept.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { BlockWriter } from '../capture/block-writer.js';
import { fileError } from '../capture/file-error.js';
import { giveToOwner } from '../capture/owner.js';
import type { OpenCapture } from '../capture/open.js';
import { openCapture } from '../capture/open.js';
import { segmentFolder, segmentPath } from '../capture/segments.js';
import { stitchSegments } from '../capture/stitch.js';
import { DhrishtiError } from '../base/errors.js';
import { formatBytes } from '../base/bytes.js';
import type { Keep } from './keep.js';
import { isFull, overflows, surplus } from './keep.js';
import type { Output } from './output.js';

/** What of the whole recording lies before a segment. */
export interface Before {
  /** Milliseconds since the recording's start. */
  ms: number;
  events: number;
  lost: number;
}

interface Segment {
  path: string;
  writer: BlockWriter;
  before: Before;
  /** When it began, on the clock of `nowMs`. */
  fromMs: number;
  /** What it began with; 0 until that is written. */
  headBytes: number;
}

const nowMs = (): number => performance.now();

export class SegmentRing implements Output {
  readonly file: string;
  readonly folder: string;
  readonly #keep: Keep;
  /** Oldest first; the last one is written. */
  readonly #segments: Segment[] = [];
  #number = 0;
  #open = true;

  /** @throws DhrishtiError FAILED when the folder cannot be made, or is there already. */
  constructor(file: string, keep: Keep) {
    this.file = file;
    this.folder = segmentFolder(file);
    this.#keep = keep;
    try {
      mkdirSync(this.folder, { mode: 0o700 });
    } catch (cause) {
      throw (cause as NodeJS.ErrnoException).code === 'EEXIST'
        ? new DhrishtiError(
            'FAILED',
            `${this.folder} is there already: a flight recorder writes it, or one was cut off.`,
            `Make a capture of it with \`dhrishti snapshot ${file}\`, or name another file with -o.`,
            { cause },
          )
        : fileError('create', this.folder, cause);
    }
    giveToOwner(this.folder);
    this.begin({ ms: 0, events: 0, lost: 0 });
  }

  get writer(): BlockWriter {
    return this.#newest.writer;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { writer }) => sum + writer.bytesWritten, 0);
  }

  /** What lies before the oldest segment that is kept. */
  get before(): Before {
    return this.#segments[0]!.before;
  }

  get #newest(): Segment {
    return this.#segments.at(-1)!;
  }

  /** Begins a new segment; `headDone` must follow once its head is written. */
  begin(before: Before): void {
    if (this.#segments.length > 0) this.writer.close();
    const path = segmentPath(this.folder, ++this.#number);
    const writer = new BlockWriter(path, (bytes) => {
      this.#makeRoom(bytes);
    });
    this.#segments.push({ path, writer, before, fromMs: nowMs(), headBytes: 0 });
    this.#makeRoom(0);
  }

  /** The newest segment's head is written. */
  headDone(): void {
    this.#newest.headBytes = this.writer.bytesWritten;
  }

  /** True when it is time for a new segment. */
  get isFull(): boolean {
    const { fromMs, writer, headBytes } = this.#newest;
    return isFull(this.#keep, { fromMs, bytes: writer.bytesWritten }, headBytes, nowMs());
  }

  /** Opens all segments but the newest; they stay readable when they are dropped. Close them. */
  openOlder(): OpenCapture[] {
    return this.#segments.slice(0, -1).map(({ path }) => openCapture(path));
  }

  checkPlace(): void {
    if (this.writer.isInPlace) return;
    throw new DhrishtiError(
      'FAILED',
      `${this.writer.path} was deleted or moved while it was recorded, or its folder was unmounted.`,
      `If segments are left in ${this.folder}, \`dhrishti snapshot ${this.file}\` makes a capture of them.`,
    );
  }

  finish(): number {
    this.#close();
    const paths = this.#segments.map(({ path }) => path);
    let bytes: number;
    try {
      ({ bytes } = stitchSegments(paths, this.file));
    } catch (error) {
      if (!(error instanceof DhrishtiError)) throw error;
      throw new DhrishtiError(
        error.code,
        error.message,
        `All that was kept is in ${this.folder}: \`dhrishti snapshot ${this.file}\` makes the capture.`,
        { cause: error },
      );
    }
    rmSync(this.folder, { recursive: true });
    return bytes;
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.writer.close();
  }

  /** Segments with events stay: `dhrishti snapshot` makes a capture of them. */
  abandon(): void {
    if (!this.#open) return;
    this.#close();
    const empty = !this.#segments.some(({ writer }) => writer.holdsEvents);
    if (empty) rmSync(this.folder, { recursive: true, force: true });
  }

  /** Called before any byte is written: what is kept is never more than was asked for. */
  #makeRoom(bytes: number): void {
    const extents = this.#segments.map(({ fromMs, writer }) => ({
      fromMs,
      bytes: writer.bytesWritten,
    }));
    const gone = surplus(this.#keep, extents, bytes, nowMs());
    for (const { path } of this.#segments.splice(0, gone)) rmSync(path, { force: true });
    const newest = extents.at(-1);
    if (newest !== undefined && overflows(this.#keep, newest, bytes)) {
      throw new DhrishtiError(
        'FAILED',
        `--keep ${formatBytes(this.#keep.bytes ?? 0)} is too little for what happens in one moment here.`,
        'Keep more.',
      );
    }
  }
}
