/** The sockets of failed connections, so that a list of events can be cut down to what led to a verdict. */
import { openCapture } from '../capture/open.js';
import type { OpenCapture } from '../capture/open.js';
import { readFrame } from './frame.js';
import type { Link } from './link.js';
import { FAILURES } from './model.js';
import { analyzeCapture } from './pipeline.js';
import type { PipelineOptions } from './pipeline.js';

/** Failures do not depend on windows, so that these may be wide. */
const OPTIONS: PipelineOptions = { windowNs: 60e9, stepNs: 60e9, staleAfterNs: 30e9 };

/**
 * Cookies of the sockets at both ends, and behind a proxy, of all connections with a verdict that counts as a failure.
 * @throws DhrishtiError NOT_A_CAPTURE, NEWER_CAPTURE or FAILED.
 */
export function failedSockets(path: string): Set<number> {
  const cookies = new Set<number>();
  const note = ({ client, server, upstream }: Link): void => {
    for (const socket of [client, server, upstream?.client, upstream?.server]) {
      if (socket !== null && socket !== undefined) cookies.add(socket.cookie);
    }
  };
  const frame = within(path, ({ reader }) => readFrame(reader));
  within(path, ({ reader, fileBytes }) =>
    analyzeCapture(
      {
        file: { name: path, sha256: '', bytes: fileBytes },
        frame,
        blocks: reader,
        verdict: () => reader.verdict(),
      },
      OPTIONS,
      {
        connection: (row, link) => {
          if (FAILURES.has(row.verdict)) note(link);
        },
        exchange: null,
      },
    ),
  );
  return cookies;
}

function within<T>(path: string, use: (capture: OpenCapture) => T): T {
  const capture = openCapture(path);
  try {
    return use(capture);
  } finally {
    capture.close();
  }
}
