/** A capture becomes an Analysis without a database: for commands that only judge or compare. */
import { withCapture } from '../capture/open.js';
import type { Undigested } from './digest.js';
import { readFrame } from './frame.js';
import type { RowSink } from './metrics/book.js';
import { analyzeCapture } from './pipeline.js';
import type { PipelineOptions } from './pipeline.js';

/**
 * Analyzes the capture at `path`; rows of connections go to `rows`. The file's digest is not taken.
 * @throws DhrishtiError NOT_A_CAPTURE, NEWER_CAPTURE or FAILED.
 */
export function analyzeInMemory(
  path: string,
  options: PipelineOptions,
  rows: RowSink = { connection: () => undefined, exchange: null },
): Undigested {
  const frame = withCapture(path, ({ reader }) => readFrame(reader));
  return withCapture(path, ({ reader, fileBytes }) =>
    analyzeCapture(
      {
        file: { name: path, sha256: '', bytes: fileBytes },
        frame,
        blocks: reader,
        verdict: () => reader.verdict(),
      },
      options,
      rows,
    ),
  );
}
