/** When the container engine said nothing, so that containers may have come and gone without a name. */
import { formatDuration } from '../../base/time.js';
import type { TimedWorkloads } from './containers.js';

export interface Silence {
  fromNs: number;
  /** When the engine gave its next whole list, or the capture ended. */
  toNs: number;
  sentence: string;
}

/**
 * The engine's silences, in order of time.
 * @param bodies in order of time.
 */
export function silences(bodies: readonly TimedWorkloads[], endNs: number): Silence[] {
  const found: Silence[] = [];
  // A container was named at some time.
  let listed = false;
  let from: TimedWorkloads | null = null;
  const end = (toNs: number, answered: boolean): void => {
    if (from === null) return;
    // Of a cut, names that were told outside of it count, silences do not.
    const inside = { ...from, atNs: Math.max(0, from.atNs) };
    const last = answered && toNs <= endNs;
    const until = Math.min(toNs, endNs);
    if (inside.atNs <= endNs && toNs >= 0)
      found.push({
        fromNs: inside.atNs,
        toNs: until,
        sentence: sentenceOf(inside, until, listed, last),
      });
    from = null;
  };
  for (const body of bodies) {
    if (body.what === 'gap' || body.reason !== undefined) from ??= body;
    else if (body.what === 'list') {
      end(body.atNs, true);
      listed ||= body.containers.length > 0;
    }
  }
  end(endNs, false);
  return found;
}

function sentenceOf(
  { atNs, reason }: TimedWorkloads,
  toNs: number,
  listed: boolean,
  answered: boolean,
): string {
  const why = (reason ?? 'no container engine answered').replace(/\.$/, '');
  if (!listed && !answered) return `Containers have no names: ${why}.`;
  const until = answered ? formatDuration(toNs) : 'the end';
  return (
    `The container engine was silent from ${formatDuration(atNs)} to ${until} (${why}): ` +
    'containers that came and went meanwhile have no names.'
  );
}
