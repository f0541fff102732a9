/** Recording for real inside a test: everything between start and end of `traffic` is in the capture. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record, type RecordOptions, type RecordSummary } from '../../src/record/recorder.js';

/** A folder of the test's own under the system's temporary folder, and how to remove it. */
export function scratchFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'dhrishti-test-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Records while `traffic` runs, then ends the recording. */
export async function recordWhile(
  options: Partial<RecordOptions> & { out: string },
  traffic: () => Promise<void>,
): Promise<RecordSummary> {
  const end = new AbortController();
  let started!: () => void;
  const recording = new Promise<void>((resolve) => {
    started = resolve;
  });
  const summary = record({
    ringBytes: 64 * 1024 * 1024,
    containers: [],
    ports: [],
    excludePorts: [],
    services: [],
    netns: [],
    command: [],
    ...options,
    onStart: started,
    signal: end.signal,
  });
  // A recording that cannot start must fail the test, not leave it waiting.
  await Promise.race([recording, summary]);
  try {
    await traffic();
  } finally {
    end.abort();
  }
  return await summary;
}
