/** The ledger of a capture for who does not want its whole analysis: nothing is stored. */
import type { CaptureReader } from '../capture/reader.js';
import { readFrame } from './frame.js';
import type { LedgerRow } from './model.js';
import { analyzeCapture } from './pipeline.js';

/** Windows of no interest, as long as they may be: they cost memory. */
const STEP_NS = 3600e9;
const STALE_AFTER_NS = 30e9;

/**
 * Reads a capture twice, so that names told late are known from the start.
 * @param frame a reader at the beginning of the capture.
 * @param events another one.
 * @returns null where the recording did not come to its last census.
 */
export function ledgerOf(frame: CaptureReader, events: CaptureReader): LedgerRow[] | null {
  const analysis = analyzeCapture(
    {
      file: { name: '', sha256: '', bytes: 0 },
      frame: readFrame(frame),
      blocks: events,
      verdict: () => events.verdict(),
    },
    { windowNs: STEP_NS, stepNs: STEP_NS, staleAfterNs: STALE_AFTER_NS },
    { connection: () => undefined, exchange: () => undefined },
  );
  return analysis.ledger;
}
