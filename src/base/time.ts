/**
 * Time as dhrishti counts it: nanoseconds since the capture's start, in JS numbers (exact up to 104
 * days). Absolute 64-bit times never become one number: the base is subtracted in 32-bit halves first.
 */
import { DhrishtiError } from './errors.js';

/** Nanoseconds, as a length of time or as a time since the capture's start. */
export type Nanos = number & { readonly __unit: 'ns' };

/** Says that a plain number counts nanoseconds. */
export const nanos = (value: number): Nanos => value as Nanos;

const TWO_32 = 4_294_967_296;

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
};

/** A 64-bit time in two halves, for subtraction without BigInt. */
export interface U64 {
  readonly hi: number;
  readonly lo: number;
}

/** Splits an unsigned 64-bit value; also from a decimal string, as JSON bodies carry it. */
export function splitU64(value: bigint | string): U64 {
  const big = BigInt.asUintN(64, BigInt(value));
  return { hi: Number(big >> 32n), lo: Number(big & 0xffff_ffffn) };
}

/** `(hi:lo) - base` in nanoseconds. Negative where the time lies before the base. */
export function nanosSince(hi: number, lo: number, base: U64): Nanos {
  return ((hi - base.hi) * TWO_32 + (lo - base.lo)) as Nanos;
}

/** Nanoseconds of `30s`, `500ms`, `10m`, `1.5h` or `1m30s`; null where it is no length of time above zero. */
export function lengthOf(text: string): Nanos | null {
  const pair = /(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|min|s|m|h)/gy;
  const rest = text.trim();
  let total = 0;
  let end = 0;
  for (let part = pair.exec(rest); part !== null; part = pair.exec(rest)) {
    total += Number(part[1]) * (UNIT_NS[part[2] ?? ''] ?? Number.NaN);
    end = pair.lastIndex;
  }
  if (end === 0 || end !== rest.length) return null;
  return total > 0 && total <= Number.MAX_SAFE_INTEGER ? (Math.round(total) as Nanos) : null;
}

/** A 64-bit time so many whole nanoseconds later. */
export function laterBy({ hi, lo }: U64, ns: number): U64 {
  const carry = Math.floor((lo + ns) / TWO_32);
  return { hi: hi + carry, lo: lo + ns - carry * TWO_32 };
}

/**
 * Reads a length of time as `lengthOf` does.
 * @param name what to call it in an error, for example `--duration`.
 * @throws DhrishtiError USAGE when it is no time, has no unit, or is not above zero.
 */
export function parseDuration(text: string, name: string): Nanos {
  const ns = lengthOf(text);
  if (ns !== null) return ns;
  throw new DhrishtiError(
    'USAGE',
    `${name} "${text}" is not a length of time.`,
    'Write a number above zero and its unit: 500ms, 30s, 10m or 1h.',
  );
}

/** Three significant digits without trailing zeros. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A length of time for people: `812 ns`, `4.2 ms`, `31.5 s`, `2m 05s`, `3h 20m`. */
export function formatDuration(ns: number): string {
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns < 999.5) return `${String(Math.round(ns))} ns`;
  if (ns < 999.5e3) return `${short(ns / 1e3)} µs`;
  if (ns < 999.5e6) return `${short(ns / 1e6)} ms`;
  if (ns < 59.95e9) return `${short(ns / 1e9)} s`;
  const seconds = Math.round(ns / 1e9);
  const pad = (n: number): string => String(n).padStart(2, '0');
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))}m ${pad(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${String(Math.floor(minutes / 60))}h ${pad(minutes % 60)}m`;
}

/** A time since the capture's start as seconds with six decimals, for lists: `12.345678`. */
export function formatOffset(ns: number): string {
  return (ns / 1e9).toFixed(6);
}
