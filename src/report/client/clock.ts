/**
 * Times of the capture as the reader chose to see them: since its start, in the reader's own zone, or in
 * UTC. The file itself holds no local time: it is the same for every reader.
 */
import { scaleTime, scaleUtc } from 'd3';
import { clock } from './format.js';

export type Zone = 'start' | 'local' | 'utc';

/** A time axis in words: where its ticks are (seconds since the capture's start), what they say, and its title. */
export interface TimeTicks {
  ticks: { at: number; text: string }[];
  title: string;
}

const pad = (n: number, width = 2): string => String(n).padStart(width, '0');

/** Digits after the second that tell times `step` seconds apart. */
function digitsFor(step: number): number {
  return step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
}

/** The distance from UTC of the reader's zone at a time: `UTC+05:30`. */
export function offsetText(ms: number): string {
  const ahead = -new Date(ms).getTimezoneOffset();
  const away = Math.abs(ahead);
  return `UTC${ahead < 0 ? '−' : '+'}${pad(Math.floor(away / 60))}:${pad(away % 60)}`;
}

/** A date whose UTC fields are those of the zone. */
function inZone(ms: number, zone: Zone): Date {
  return new Date(zone === 'local' ? ms - new Date(ms).getTimezoneOffset() * 60_000 : ms);
}

/** `2026-11-20` in the zone. */
export function dateText(ms: number, zone: Zone): string {
  return inZone(ms, zone).toISOString().slice(0, 10);
}

/** `09:30:05.250` in the zone, with as many digits as times `step` seconds apart need; `09:30` for minutes and more. */
export function timeOfDay(ms: number, zone: Zone, step: number): string {
  const digits = digitsFor(step);
  const text = inZone(ms, zone).toISOString();
  if (step >= 60) return text.slice(11, 16);
  return digits === 0 ? text.slice(11, 19) : text.slice(11, 20 + digits);
}

/** A time given in seconds since the capture's start, in the zone; `step` says how fine it needs to be. */
export function timeText(startedMs: number, zone: Zone, seconds: number, step: number): string {
  if (zone === 'start') return clock(seconds, step);
  return timeOfDay(Math.round(startedMs + seconds * 1000), zone, Math.min(step, 1));
}

function elapsed(seconds: number, digits: number, lengthS: number): string {
  if (lengthS < 600) return seconds.toFixed(digits);
  const whole = Math.round(seconds);
  const rest = pad(whole % 60);
  return lengthS < 3600
    ? `${String(Math.floor(whole / 60))}:${rest}`
    : `${String(Math.floor(whole / 3600))}:${pad(Math.floor(whole / 60) % 60)}:${rest}`;
}

function title(startedMs: number, zone: Zone, [from, to]: readonly [number, number], step: number) {
  if (zone === 'start') {
    const unit = to < 600 ? 's' : to < 3600 ? 'min:s' : 'h:min:s';
    return `time since the start of the capture (${unit})`;
  }
  const [first, last] = [from, to].map((at) => dateText(startedMs + at * 1000, zone));
  const days = first === last ? first : `${first} – ${last}`;
  const name = zone === 'utc' ? 'UTC' : `local time, ${offsetText(startedMs)}`;
  return `${name}, ${days} (${step >= 60 ? 'h:min' : 'h:min:s'})`;
}

/**
 * Ticks at round times of the zone between two times.
 * @param domain seconds since the capture's start.
 * @param most about how many ticks there is room for.
 */
export function timeTicks(
  startedMs: number,
  zone: Zone,
  domain: readonly [number, number],
  most: number,
): TimeTicks {
  const base = zone === 'start' ? 0 : startedMs;
  const scale = zone === 'local' ? scaleTime() : scaleUtc();
  const at = scale
    .domain(domain.map((seconds) => base + seconds * 1000))
    .ticks(most)
    .map((date) => (date.getTime() - base) / 1000);
  const step = Math.max(0.001, at.length > 1 ? (at[1] ?? 0) - (at[0] ?? 0) : 0.001);
  const text = (seconds: number): string =>
    zone === 'start'
      ? elapsed(seconds, digitsFor(step), domain[1])
      : timeOfDay(Math.round(startedMs + seconds * 1000), zone, step);
  return {
    ticks: at.map((seconds) => ({ at: seconds, text: text(seconds) })),
    title: title(startedMs, zone, domain, step),
  };
}
