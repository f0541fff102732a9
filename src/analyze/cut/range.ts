/**
 * Which part of a capture `--since` and `--until` mean. What lies outside of the recording is no error at the far
 * side: a cut ends with the recording at the latest.
 */
import { DhrishtiError } from '../../base/errors.js';
import type { Moment } from '../../base/moment.js';
import { formatDuration } from '../../base/time.js';
import type { Frame } from '../frame.js';
import type { Cut } from '../model.js';
import { WallClock } from '../wall.js';

/** A part of a recording, in nanoseconds since its start. */
export interface Range {
  sinceNs: number;
  /** Infinity: to its end. */
  untilNs: number;
}

export interface Asked {
  since?: Moment | undefined;
  until?: Moment | undefined;
}

/** How a cut is told; null where there is none. `lengthNs` is the cut's own. */
export function cutOf(range: Range | null, whole: Frame, lengthNs: number): Cut | null {
  if (range === null) return null;
  const { sinceNs } = range;
  const untilNs = sinceNs + lengthNs;
  const recordedNs = Math.max(whole.endNs, untilNs);
  const from = sinceNs === 0 ? 'the start' : formatDuration(sinceNs);
  const words = `${from} to ${formatDuration(untilNs)} of a recording of ${formatDuration(recordedNs)}`;
  return { sinceNs, untilNs, recordedNs, words };
}

const DAY_MS = 86_400_000;

/**
 * The range asked for; null where that is the whole capture.
 * @throws DhrishtiError USAGE where it is empty, backwards, or not of this recording.
 */
export function rangeOf({ since, until }: Asked, frame: Frame): Range | null {
  const sinceNs = since === undefined ? 0 : Math.round(momentNs(since, frame, 0));
  const untilNs = until === undefined ? Infinity : Math.round(momentNs(until, frame, sinceNs));
  const endNs = frame.endNs > 0 ? frame.endNs : Infinity;
  if (since !== undefined && sinceNs >= endNs) throw outside('--since', since, 'after', frame);
  if (until !== undefined && untilNs <= 0) throw outside('--until', until, 'before', frame);
  if (sinceNs >= untilNs) {
    throw new DhrishtiError(
      'USAGE',
      `--since ${since?.text ?? ''} is not before --until ${until?.text ?? ''}.`,
      'Name the earlier moment with --since and the later one with --until.',
    );
  }
  const whole = sinceNs <= 0 && untilNs >= endNs;
  return whole
    ? null
    : { sinceNs: Math.max(0, sinceNs), untilNs: untilNs >= endNs ? Infinity : untilNs };
}

/** Nanoseconds since the capture's start. A time of day is the first one of the recording that is later than `afterNs`. */
function momentNs(moment: Moment, frame: Frame, afterNs: number): number {
  if (moment.kind === 'since') return moment.ns;
  const clock = new WallClock(frame.startedWallMs, frame.clocks);
  if (moment.kind === 'date') return clock.atNs(moment);
  const zoneMs = moment.zoneMinutes * 60_000;
  const midnightMs = Math.floor((frame.startedWallMs + zoneMs) / DAY_MS) * DAY_MS - zoneMs;
  const on = (day: number): number => clock.atNs({ ms: midnightMs + day * DAY_MS, ns: moment.ns });
  const days = [-1, 0, 1, ...Array.from({ length: daysOf(frame) }, (_, day) => day + 2)].map(on);
  const inside = days.find((ns) => ns > afterNs && ns <= frame.endNs);
  if (inside !== undefined) return inside;
  const distance = (ns: number): number => Math.max(0, afterNs - ns, ns - frame.endNs);
  return days.reduce((near, ns) => (distance(ns) < distance(near) ? ns : near));
}

/** Midnights that a recording may have seen; no recording goes on for years. */
function daysOf({ endNs }: Frame): number {
  return Math.min(1000, Math.floor(endNs / 1e6 / DAY_MS));
}

function outside(
  option: string,
  { text }: Moment,
  side: 'before' | 'after',
  frame: Frame,
): DhrishtiError {
  const utc = (ns: number): string =>
    `${new Date(frame.startedWallMs + ns / 1e6).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
  const edge = side === 'before' ? 'start' : 'end';
  return new DhrishtiError(
    'USAGE',
    `${option} ${text} lies ${side} the ${edge} of the recording, ` +
      `which is ${formatDuration(frame.endNs)} long: ${utc(0)} to ${utc(frame.endNs)}.`,
    'Choose a moment within it.',
  );
}
