/** Moves, repeats, drops and retells whole records of an EVENTS body, which stays a row of whole records. */
import { padded } from '../../src/capture/format.js';
import { LAYOUT } from '../../src/capture/layout.gen.js';
import type { Random } from './random.js';

const HEADER_BYTES = 8;
const { ts, cookie } = LAYOUT.EXCHANGE.fields;

export function mutateRecords(body: Buffer, random: Random): Buffer {
  const records = recordsOf(body);
  if (records.length === 0) return body;
  const at = random.below(records.length);
  const record = records[at]!;
  switch (random.below(7)) {
    case 0:
      records.splice(at, 1 + random.below(10));
      break;
    case 1:
      records.splice(at, 0, ...Array.from({ length: random.pick([1, 3, 500]) }, () => record));
      break;
    case 2:
      records.splice(random.below(records.length), 0, ...records.splice(at, 1));
      break;
    case 3:
      records.reverse();
      break;
    case 4:
      // The kind is what says how the rest is to be read.
      record.writeUInt16LE(random.below(20), HEADER_BYTES + LAYOUT.EXCHANGE.fields.kind.offset);
      break;
    case 5:
      record.writeBigUInt64LE(wild(random), HEADER_BYTES + ts.offset);
      break;
    default:
      // All events of one socket.
      for (const one of records) {
        if (one.length >= HEADER_BYTES + cookie.offset + 8) {
          one.writeBigUInt64LE(7n, HEADER_BYTES + cookie.offset);
        }
      }
  }
  return Buffer.concat(records);
}

function recordsOf(body: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= body.length;) {
    const size = HEADER_BYTES + padded(body.readUInt32LE(at) & 0x3fff_ffff);
    const record = Buffer.from(body.subarray(at, at + size));
    if (record.length >= HEADER_BYTES + 16) records.push(record);
    at += size;
  }
  return records;
}

function wild(random: Random): bigint {
  return random.pick([
    0n,
    1n,
    1n << 53n,
    1n << 63n,
    (1n << 64n) - 1n,
    BigInt(random.below(2 ** 31)),
  ]);
}
