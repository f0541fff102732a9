/** Sizes in bytes, read from and written for people. */
import { DhrishtiError } from './errors.js';

const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
};

/**
 * Reads a size: `64MiB`, `512k`, `1.5G`, `4096`. `k`, `m` and `g` alone count in 1024s, as in `dd`.
 * @param name what to call it in an error, for example `--buffer`.
 * @throws DhrishtiError USAGE when it is no size or not above zero.
 */
export function parseBytes(text: string, name: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const unit = UNIT_BYTES[(match?.[2] ?? '').toLowerCase()];
  const bytes = match === null || unit === undefined ? NaN : Math.round(Number(match[1]) * unit);
  if (!(bytes > 0) || !Number.isSafeInteger(bytes)) {
    throw new DhrishtiError(
      'USAGE',
      `${name} "${text}" is not a size.`,
      'Write a number above zero and its unit: 512KiB, 64MiB or 1GiB.',
    );
  }
  return bytes;
}

/** A size for people: `812 B`, `4.2 KiB`, `64 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 999.5 || unit === 'GiB') {
      return `${String(Number(value.toPrecision(value < 1000 ? 3 : 6)))} ${unit}`;
    }
    value /= 1024;
  }
  return `${String(bytes)} B`;
}
