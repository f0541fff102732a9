import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, formatEndpoint } from '../../src/base/address.js';
import { formatBytes, parseBytes } from '../../src/base/bytes.js';
import { DhrishtiError } from '../../src/base/errors.js';
import { packageRoot, packageVersion } from '../../src/base/paths.js';
import {
  formatDuration,
  formatOffset,
  nanosSince,
  parseDuration,
  splitU64,
} from '../../src/base/time.js';

/** The sentence of the DhrishtiError that `run` throws. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DhrishtiError) return `${error.code}: ${error.message} ${error.hint}`;
    throw error;
  }
  return 'nothing was thrown';
}

describe('lengths of time', () => {
  it.each([
    ['30s', 30e9],
    ['500ms', 5e8],
    ['10m', 600e9],
    ['10min', 600e9],
    ['1.5h', 5400e9],
    ['1m30s', 90e9],
    ['250us', 250e3],
    ['7 s', 7e9],
  ])('reads %s', (text, ns) => expect(parseDuration(text, '--duration')).toBe(ns));

  it.each(['', '30', 's', '-3s', '0s', '3 parsecs', '1s later', '99999999999h'])(
    'refuses %j',
    (text) =>
      expect(refusal(() => parseDuration(text, '--duration'))).toBe(
        `USAGE: --duration "${text}" is not a length of time. ` +
          'Write a number above zero and its unit: 500ms, 30s, 10m or 1h.',
      ),
  );

  it.each([
    [0, '0 ns'],
    [812, '812 ns'],
    [4_216_000, '4.22 ms'],
    [999_600, '1 ms'],
    [31.5e9, '31.5 s'],
    [125e9, '2m 05s'],
    [12_000e9, '3h 20m'],
    [-1500, '-1.5 µs'],
  ])('writes %d ns as %s', (ns, text) => expect(formatDuration(ns)).toBe(text));

  it('writes times since the start with microseconds', () => {
    expect(formatOffset(12_345_678_901)).toBe('12.345679');
  });
});

describe('64-bit times', () => {
  it('subtracts in halves what BigInt subtracts', () => {
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const within = fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n });
    fc.assert(
      fc.property(u64, within, (base, distance) => {
        const time = base + distance;
        fc.pre(time >= 0n && time < 2n ** 64n);
        const { hi, lo } = splitU64(time);
        expect(nanosSince(hi, lo, splitU64(String(base)))).toBe(Number(distance));
      }),
      { seed: 20261123, numRuns: 500 },
    );
  });
});

describe('sizes', () => {
  it.each([
    ['64MiB', 67_108_864],
    ['512k', 524_288],
    ['1.5G', 1_610_612_736],
    ['4096', 4096],
    ['10 kB', 10_000],
  ])('reads %s', (text, bytes) => expect(parseBytes(text, '--buffer')).toBe(bytes));

  it.each(['', '0', '-1', '64 furlongs', 'MiB', '1e9GiB'])('refuses %j', (text) =>
    expect(refusal(() => parseBytes(text, '--buffer'))).toBe(
      `USAGE: --buffer "${text}" is not a size. ` +
        'Write a number above zero and its unit: 512KiB, 64MiB or 1GiB.',
    ),
  );

  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [4300, '4.2 KiB'],
    [67_108_864, '64 MiB'],
    [5_000_000_000_000, '4656.61 GiB'],
  ])('writes %d as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('addresses', () => {
  it.each([
    ['00000000000000000000ffff7f000001', '127.0.0.1'],
    ['00000000000000000000000000000001', '::1'],
    ['00000000000000000000000000000000', '::'],
    ['fd000000000000000000000000000001', 'fd00::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ])('writes %s as %s', (hex, text) =>
    expect(formatAddress(Buffer.from(`ff${hex}`, 'hex'), 1)).toBe(text),
  );

  it('puts a port behind either family', () => {
    expect([formatEndpoint('10.0.0.1', 80), formatEndpoint('fd00::1', 80)]).toEqual([
      '10.0.0.1:80',
      '[fd00::1]:80',
    ]);
  });
});

describe('paths', () => {
  it('finds the package that the tests run in', () => {
    const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
    expect((JSON.parse(text) as { name: string; version: string }).version).toBe(packageVersion);
    expect(text).toContain('"name": "dhrishti"');
  });
});

describe('errors', () => {
  it('carry their exit status', () => {
    const status = (['FAILED', 'USAGE', 'CANNOT_RECORD', 'NEWER_CAPTURE', 'STRICT'] as const).map(
      (code) => new DhrishtiError(code, 'It failed.', 'Do this.').exitStatus,
    );
    expect(status).toEqual([1, 2, 3, 4, 5]);
  });
});
