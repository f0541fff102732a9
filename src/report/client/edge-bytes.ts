/** The bytes of an edge as far as they are known. */
import type { EdgeView } from '../data.js';

/**
 * Bytes sent and received in the whole capture; null where nobody counted them: the kernel tells them when a connection
 * closes, and in the last census, which a torn capture lacks.
 */
export function bytesOf({ bytesSent, bytesReceived, exchanges }: EdgeView): number | null {
  const all = bytesSent + bytesReceived;
  return all === 0 && exchanges > 0 ? null : all;
}
