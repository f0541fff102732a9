/** A capture becomes an Analysis without a database: for commands that only judge or compare. */
import { openCapture } from '../capture/open.js';
import type { OpenCapture } from '../capture/open.js';
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
  const frame = within(path, ({ reader }) => readFrame(reader));
  return within(path, ({ reader, fileBytes }) =>
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

function within<T>(path: string, use: (capture: OpenCapture) => T): T {
  const capture = openCapture(path);
  try {
    return use(capture);
  } finally {
    capture.close();
  }
}
