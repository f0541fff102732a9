/** Runs the analyzer's stages on bytes in memory, and keeps all rows. */
import { RowChecksum } from '../../src/analyze/checksum.js';
import { digestOf } from '../../src/analyze/digest.js';
import type { Range } from '../../src/analyze/cut/range.js';
import type { Analysis, Connection, EdgeWindow, Exchange } from '../../src/analyze/model.js';
import { readFrame } from '../../src/analyze/frame.js';
import type { PipelineOptions } from '../../src/analyze/pipeline.js';
import { analyzeCapture } from '../../src/analyze/pipeline.js';
import { CaptureReader } from '../../src/capture/reader.js';
import type { CaptureBuilder } from './capture-builder.js';
import { chunked } from './capture.js';
import type { K6Lines } from './k6-lines.js';

export interface Analyzed extends Analysis {
  connections: Connection[];
  exchanges: Exchange[];
  windows: EdgeWindow[];
}

/**
 * Analyzes what a builder built, or bytes. `perBlock`: events in a block of the capture; `k6`: what k6 wrote meanwhile;
 * `range`: only that part.
 */
export function analyzed(
  source: CaptureBuilder | Uint8Array,
  options: Partial<PipelineOptions> & { perBlock?: number; k6?: K6Lines; range?: Range } = {},
): Analyzed {
  const bytes = source instanceof Uint8Array ? source : source.bytes(options.perBlock);
  const open = (): CaptureReader => new CaptureReader(chunked(bytes, [1 << 16]), { name: 'x.dhr' });
  const reader = open();
  const connections: Connection[] = [];
  const exchanges: Exchange[] = [];
  const frame = readFrame(open());
  const { k6, range, ...asked } = options;
  const settings = { windowNs: 10e9, stepNs: 1e9, staleAfterNs: 30e9, ...asked };
  const analysis = analyzeCapture(
    {
      file: { name: 'x.dhr', sha256: '00', bytes: bytes.length },
      frame,
      blocks: reader,
      verdict: () => reader.verdict(),
      range: range ?? null,
      k6: k6 === undefined ? null : { run: k6.run(frame, settings), problem: null },
    },
    settings,
    {
      connection: (row) => connections.push(row),
      exchange: (row) => exchanges.push({ ...row }),
    },
  );
  const checksum = new RowChecksum();
  for (const row of connections) checksum.add(row);
  const digest = digestOf(analysis, checksum);
  connections.sort((a, b) => a.id - b.id);
  const windows: EdgeWindow[] = [];
  analysis.visitWindows((window) => windows.push({ ...window }));
  return { ...analysis, digest, connections, exchanges, windows };
}
