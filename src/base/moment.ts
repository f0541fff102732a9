/** Moments of a recording, as people write them: since its start, by a clock on the wall, or with a date. */
import { DhrishtiError } from './errors.js';
import { lengthOf } from './time.js';

/** Nanoseconds since the capture's start. */
export interface Since {
  kind: 'since';
  ns: number;
}

/** Nanoseconds since midnight, of a day that is not said, where clocks are `zoneMinutes` ahead of UTC. */
export interface TimeOfDay {
  kind: 'time';
  ns: number;
  zoneMinutes: number;
}

/** Whole milliseconds since 1970, UTC, and the nanoseconds beyond. */
export interface Dated {
  kind: 'date';
  ms: number;
  ns: number;
}

/** A moment with the words in which it was asked for. */
export type Moment = (Since | TimeOfDay | Dated) & { text: string };

const MINUTE_NS = 60e9;
const DATE = /^(\d{4}-\d\d-\d\d)[T ](.+)$/;
const TIME = /^(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Reads `12s`, `1m30s`, `14:03:20`, `14:03:20+02:00` or `2026-11-24T14:03:20Z`. What names no zone is UTC, as is
 * everything that dhrishti writes: the reader's own zone would give each reader another cut.
 * @param name what to call it in an error, for example `--since`.
 * @throws DhrishtiError USAGE.
 */
export function parseMoment(text: string, name: string): Moment {
  const words = text.trim();
  const ns = /^0+s?$/.test(words) ? 0 : lengthOf(words);
  if (ns !== null) return { kind: 'since', ns, text: words };
  const dated = DATE.exec(words);
  const time = timeOf(dated === null ? words : dated[2]!);
  if (time !== null && dated === null) return { kind: 'time', ...time, text: words };
  const dayMs = dated === null ? NaN : dayOf(dated[1]!);
  if (time === null || Number.isNaN(dayMs)) {
    throw new DhrishtiError(
      'USAGE',
      `${name} "${text}" is no moment of a recording.`,
      'Write how long after its start (12s, 1m30s), a time of day (14:03:20, in UTC; 14:03:20+02:00 elsewhere) or a date with it (2026-11-24T14:03:20Z).',
    );
  }
  const wallNs = time.ns - time.zoneMinutes * MINUTE_NS;
  const ms = Math.floor(wallNs / 1e6);
  return { kind: 'date', ms: dayMs + ms, ns: wallNs - ms * 1e6, text: words };
}

/** Milliseconds of a day's midnight, UTC; NaN for a day that is in no calendar. */
function dayOf(date: string): number {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date ? NaN : ms;
}

function timeOf(text: string): { ns: number; zoneMinutes: number } | null {
  const parts = TIME.exec(text);
  if (parts === null) return null;
  const [hours, minutes, seconds] = [parts[1], parts[2], parts[3] ?? '0'].map(Number) as [
    number,
    number,
    number,
  ];
  const zoneMinutes = zoneOf(parts[5]);
  if (hours > 23 || minutes > 59 || seconds > 59 || zoneMinutes === null) return null;
  const fraction = Number((parts[4] ?? '').padEnd(9, '0'));
  return { ns: (hours * 60 + minutes) * MINUTE_NS + seconds * 1e9 + fraction, zoneMinutes };
}

/** Minutes ahead of UTC; null where no zone is so far from it. */
function zoneOf(text = 'Z'): number | null {
  if (text.toUpperCase() === 'Z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
