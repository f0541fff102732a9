/** Rule: connections that one end has closed and the other one's process never does. */
import { formatDuration } from '../../base/time.js';
import { count } from '../words.js';
import type { Draft, Facts } from './facts.js';
import { edgeName } from './facts.js';

export function leaks({ edges, capture }: Facts): Draft[] {
  return edges
    .filter((edge) => edge.leftBehind.count > 0)
    .map((edge) => {
      const { count: n, sinceNs } = edge.leftBehind;
      const longest = formatDuration(capture.durationNs - sinceNs);
      return {
        severity: 'medium',
        kind: 'leak',
        edge: edge.id,
        startNs: sinceNs,
        endNs: capture.durationNs,
        sentence:
          `${edgeName(edge)}: ${count(n, 'connection')} closed by one end and still held open by the other ` +
          `when the capture ended, for up to ${longest}.`,
        evidence: 'a FIN came in, none was sent, and the last census found the socket in a process',
        weight: n,
      };
    });
}
