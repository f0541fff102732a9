/** Layouts and the cursor over ring records. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import { splitU64 } from '../../src/base/time.js';
import type { LayoutBody } from '../../src/capture/blocks.js';
import { RecordCursor, currentLayout, kindName, resolveLayout } from '../../src/capture/events.js';
import { Flag, KIND_MAX, Kind, LAYOUT, Role } from '../../src/capture/layout.gen.js';
import { splitRecords } from '../../src/capture/block-writer.js';
import { ringRecord } from '../support/capture.js';

const header = readFileSync(join(packageRoot, 'bpf', 'events.h'), 'utf8');

function installed(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Names and numbers of one enum of events.h, read the slow, obvious way. */
function enumOf(name: string, prefix: string): Record<string, number> {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(header)?.[1] ?? '';
  const rows = [...body.matchAll(new RegExp(`${prefix}(\\w+)\\s*=\\s*([^,]+),`, 'g'))];
  return Object.fromEntries(
    rows.map(([, key, value]) => {
      const [one, shift] = (value ?? '').split('<<').map((part) => Number(part));
      return [key ?? '', shift === undefined ? (one ?? NaN) : (one ?? NaN) << shift];
    }),
  );
}

describe('the generated layout', () => {
  it('has the numbers of events.h', () => {
    const { MAX, ...kinds } = enumOf('dhr_kind', 'DHR_KIND_');
    expect({ ...Kind }).toEqual(kinds);
    expect(KIND_MAX).toBe(MAX);
    expect({ ...Role }).toEqual(enumOf('dhr_role', 'DHR_ROLE_'));
    expect({ ...Flag }).toEqual(enumOf('dhr_flag', 'DHR_F_'));
  });

  it('has the sizes that events.h asserts', () => {
    const sizes = [...header.matchAll(/^DHR_SIZE\(dhr_(\w+), (\d+)\);/gm)]
      .map(([, name, size]) => [(name ?? '').toUpperCase(), Number(size)] as const)
      .filter(([name]) => name !== 'HEAD' && name !== 'ENDPOINT');
    expect(Object.entries(LAYOUT).map(([name, { size }]) => [name, size])).toEqual(sizes);
  });

  const tools = ['clang', 'bpftool'].filter((tool) => !installed(tool));
  const inCi = process.env['CI'] === 'true';
  if (tools.length > 0) console.log(`skips the regeneration of the layout: no ${tools.join(', ')}`);
  it.skipIf(tools.length > 0 && !inCi)('is what the compiler makes of events.h', () => {
    const script = join(packageRoot, 'scripts', 'gen-layout.mjs');
    expect(() => execFileSync(process.execPath, [script, '--check'])).not.toThrow();
  });
});

/** An EXCHANGE event with plain values in its fields. */
function exchange(values: { ts: bigint; cookie: bigint; ttfb: number }): Buffer {
  const { size, fields } = LAYOUT.EXCHANGE;
  const event = Buffer.alloc(size);
  event.writeBigUInt64LE(values.ts, fields.ts.offset);
  event.writeUInt16LE(Kind.EXCHANGE, fields.kind.offset);
  event.writeBigUInt64LE(values.cookie, fields.cookie.offset);
  event.writeUInt32LE(values.ttfb, fields.ttfb.offset);
  return event;
}

const BUSY = 0x8000_0000;
const DISCARD = 0x4000_0000;

function walk(body: Uint8Array, layout = resolveLayout(null)): RecordCursor & { seen: number[] } {
  const cursor = new RecordCursor(layout, splitU64(1000n));
  const seen: number[] = [];
  cursor.reset(body);
  while (cursor.next()) seen.push(cursor.u32(layout.at.EXCHANGE.ttfb));
  return Object.assign(cursor, { seen });
}

describe('RecordCursor', () => {
  it('reads the fields of each event', () => {
    const layout = resolveLayout(null);
    const at = layout.at.EXCHANGE;
    const cursor = new RecordCursor(layout, splitU64(2n ** 60n));
    cursor.reset(ringRecord(exchange({ ts: 2n ** 60n + 77n, cookie: 2n ** 40n + 5n, ttfb: 9 })));
    expect(cursor.next()).toBe(true);
    expect([cursor.kind, cursor.size, cursor.offset]).toEqual([
      Kind.EXCHANGE,
      LAYOUT.EXCHANGE.size,
      8,
    ]);
    expect([cursor.time(at.ts), cursor.u64(at.cookie), cursor.u32(at.ttfb)]).toEqual([
      77,
      2 ** 40 + 5,
      9,
    ]);
    expect(cursor.next()).toBe(false);
  });

  it('passes over what it cannot use, and counts it', () => {
    const good = exchange({ ts: 1n, cookie: 2n, ttfb: 3 });
    const later = Buffer.from(good);
    later.writeUInt16LE(KIND_MAX - 1, LAYOUT.EXCHANGE.fields.kind.offset);
    const body = Buffer.concat([
      ringRecord(good),
      ringRecord(good, DISCARD),
      ringRecord(later),
      ringRecord(good.subarray(0, 40)),
      ringRecord(Buffer.alloc(4)),
      ringRecord(good),
    ]);
    const cursor = walk(body);
    expect([cursor.seen, cursor.unknown, cursor.malformed]).toEqual([[3, 3], 1, 2]);
  });

  it('stops at a record that is busy or longer than its block', () => {
    const good = ringRecord(exchange({ ts: 1n, cookie: 2n, ttfb: 3 }));
    const busy = walk(Buffer.concat([good, ringRecord(Buffer.alloc(56), BUSY), good]));
    const long = walk(Buffer.concat([good, good.subarray(0, good.length - 1)]));
    expect([busy.seen, busy.malformed, long.seen, long.malformed]).toEqual([[3], 1, [3], 1]);
  });

  it('never leaves the bytes it was given, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const cursor = walk(bytes);
        expect(cursor.seen.length * 8).toBeLessThanOrEqual(bytes.length);
      }),
      { seed: 20261123, numRuns: 500 },
    );
  });
});

describe('resolveLayout', () => {
  const recorded = (change: (kinds: LayoutBody['kinds']) => void): LayoutBody => {
    const body = currentLayout();
    change(body.kinds);
    return body;
  };

  it('finds fields that have moved, and knows those that are missing', () => {
    const layout = resolveLayout(
      recorded((kinds) => {
        const { EXCHANGE } = kinds;
        if (EXCHANGE === undefined) return;
        EXCHANGE.size = 64;
        EXCHANGE.fields['ttfb'] = { offset: 56, size: 4, count: 1 };
        delete EXCHANGE.fields['response_bytes'];
      }),
    );
    const event = Buffer.alloc(64, 0xff);
    event.writeUInt16LE(Kind.EXCHANGE, 8);
    event.writeUInt32LE(7, 56);
    const cursor = new RecordCursor(layout);
    cursor.reset(ringRecord(event));
    expect(cursor.next()).toBe(true);
    const { ttfb, response_bytes } = layout.at.EXCHANGE;
    expect([cursor.u32(ttfb), cursor.u32(response_bytes), response_bytes]).toEqual([7, 0, -1]);
  });

  it('takes no field for granted that would lie outside its struct or has another width', () => {
    const layout = resolveLayout(
      recorded((kinds) => {
        const fields = kinds['CLOSE']?.fields ?? {};
        fields['err'] = { offset: 63, size: 2, count: 1 };
        fields['unread'] = { offset: -4, size: 4, count: 1 };
        fields['srtt_us'] = { offset: 40, size: 8, count: 1 };
      }),
    );
    const { err, unread, srtt_us, sport } = layout.at.CLOSE;
    expect([err, unread, srtt_us, sport]).toEqual([-1, -1, -1, LAYOUT.CLOSE.fields.sport.offset]);
  });

  it('does not read kinds that the capture does not have or numbers otherwise', () => {
    const layout = resolveLayout(
      recorded((kinds) => {
        delete kinds['RESET'];
        if (kinds['FIN'] !== undefined) kinds['FIN'].kind = 14;
      }),
    );
    expect([layout.sizes[Kind.RESET], layout.sizes[Kind.FIN], layout.sizes[Kind.CLOSE]]).toEqual([
      0, 0, 64,
    ]);
  });

  it('names kinds', () => {
    expect([kindName(7), kindName(15)]).toEqual(['EXCHANGE', undefined]);
  });
});

describe('splitRecords', () => {
  it('cuts between records only', () => {
    const records = [40, 8, 56, 100, 16].map((length) => ringRecord(Buffer.alloc(length, length)));
    const span = Buffer.concat(records);
    const pieces = splitRecords(span, 120);
    expect(Buffer.concat(pieces).equals(span)).toBe(true);
    expect(pieces.map((piece) => piece.length)).toEqual([64, 64, 112, 24]);
  });
});
