/**
 * A capture file becomes a database and an Analysis: the only place of the analyzer that reads and writes
 * files. What happens in between is pipeline.ts.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { DhrishtiError } from '../base/errors.js';
import type { Moment } from '../base/moment.js';
import { withCapture } from '../capture/open.js';
import { RowChecksum } from './checksum.js';
import { rangeOf } from './cut/range.js';
import { digestOf } from './digest.js';
import type { Undigested } from './digest.js';
import type { Frame } from './frame.js';
import { readFrame } from './frame.js';
import type { Progress } from './progress.js';
import { passing } from './progress.js';
import { readK6 } from './k6-file.js';
import type { Analysis } from './model.js';
import type { K6Input } from './pipeline.js';
import { analyzeCapture } from './pipeline.js';
import { Store } from './store/write.js';

export interface AnalyzeOptions {
  /** Path of the capture. */
  capture: string;
  /** Path of the database to write. */
  db: string;
  windowNs: number;
  stepNs: number;
  staleAfterNs: number;
  /** Store each exchange, not only their statistics. */
  exchanges: boolean;
  /** Only what is in this part of the recording; missing: from its start, to its end. */
  since?: Moment | undefined;
  until?: Moment | undefined;
  /** Hears how far the analysis is, block by block. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Files that k6 wrote: its JSON lines, its summary, or both. */
  k6?: readonly string[];
}

/**
 * Analyzes a capture and writes its database. The file must not be growing meanwhile.
 * @throws DhrishtiError NOT_A_CAPTURE, NEWER_CAPTURE or FAILED; then there is no new database.
 */
export async function analyze(options: AnalyzeOptions): Promise<Analysis> {
  const tell = options.onProgress ?? ignore;
  const digest = createHash('sha256');
  const frame = withCapture(
    options.capture,
    ({ reader, fileBytes: ofBytes }) =>
      readFrame(passing(reader, (bytes) => tell({ stage: 'Reading', bytes, ofBytes, events: 0 }))),
    { onBytes: (bytes) => digest.update(bytes) },
  );
  const sha256 = digest.digest('hex');
  const range = rangeOf(options, frame);
  const k6 = await k6Of(options, frame);
  const store = new Store(options.db, { exchanges: options.exchanges });
  try {
    const checksum = new RowChecksum();
    const undigested = withCapture(options.capture, ({ reader, fileBytes }) =>
      analyzeCapture(
        {
          file: { name: basename(options.capture), sha256, bytes: fileBytes },
          frame,
          blocks: reader,
          verdict: () => reader.verdict(),
          k6,
          range,
          onBlock: (bytes, events) =>
            tell({ stage: 'Analyzing', bytes, ofBytes: fileBytes, events }),
        },
        options,
        {
          connection: (row) => {
            checksum.add(row);
            store.connection(row);
          },
          exchange: store.exchange,
        },
      ),
    );
    checkSomething(undigested);
    const { fileBytes } = undigested.capture;
    tell({ stage: 'Writing', bytes: fileBytes, ofBytes: fileBytes, events: 0 });
    const analysis = { ...undigested, digest: digestOf(undigested, checksum) };
    store.finish(analysis);
    return analysis;
  } catch (error) {
    store.discard();
    throw error;
  }
}

function ignore(): void {
  // Nobody listens.
}

/** A page without a connection would only say that the range was the wrong one. */
function checkSomething({ capture: { cut }, connectionsTotal }: Undigested): void {
  if (cut === null || connectionsTotal > 0) return;
  throw new DhrishtiError(
    'FAILED',
    `Nothing was there from ${cut.words}: no connection was open, or tried.`,
    'Choose a longer range with --since and --until, or look where the events are: `dhrishti log`.',
  );
}

/** A file that is none of k6's costs the comparison, not the analysis. */
async function k6Of(options: AnalyzeOptions, frame: Frame): Promise<K6Input | null> {
  if (options.k6 === undefined || options.k6.length === 0) return null;
  try {
    return { run: await readK6(options.k6, frame, options), problem: null };
  } catch (error) {
    if (!(error instanceof DhrishtiError)) throw error;
    return { run: null, problem: error.message };
  }
}
