/**
 * Where a flight recorder ends one segment and begins the next. The list of sockets takes a moment to read, and
 * events go on meanwhile: they belong to the next segment. So a socket in the list is older than the
 * segment, unless one of these events opened it.
 */
import { RecordCursor, resolveLayout } from '../capture/events.js';
import { Flag, Kind, LAYOUT, Role } from '../capture/layout.gen.js';
import type { CensusRows } from './kernel.js';

const { cookie: COOKIE, flags: FLAGS } = LAYOUT.CENSUS.fields;
const ROW_BYTES = LAYOUT.CENSUS.size;
const layout = resolveLayout(null);

/** Cookies of the sockets that the events in `span` (records of the ring) open. */
export function openedIn(span: Uint8Array): Set<bigint> {
  const opened = new Set<bigint>();
  const view = new DataView(span.buffer, span.byteOffset, span.byteLength);
  const cursor = new RecordCursor(layout);
  cursor.reset(span);
  while (cursor.next()) {
    const { CONNECT, ESTABLISHED } = layout.at;
    const add = (field: number): void => {
      opened.add(view.getBigUint64(cursor.offset + field, true));
    };
    if (cursor.kind === Kind.CONNECT) add(CONNECT.cookie);
    // A client's ESTABLISHED goes on with what its CONNECT began.
    if (cursor.kind === Kind.ESTABLISHED && cursor.u8(ESTABLISHED.role) === Role.SERVER) {
      add(ESTABLISHED.cookie);
    }
  }
  return opened;
}

/**
 * Exchanges that sockets hold, as records of the ring. Those of sockets that tell an exchange in `span` are left
 * out: the same one may be told there, and whole.
 */
export function turnRecords(turns: readonly Buffer[], span: Uint8Array): Buffer {
  const told = new Set<bigint>();
  const view = new DataView(span.buffer, span.byteOffset, span.byteLength);
  const cursor = new RecordCursor(layout);
  const { cookie } = layout.at.EXCHANGE;
  cursor.reset(span);
  while (cursor.next()) {
    if (cursor.kind === Kind.EXCHANGE) told.add(view.getBigUint64(cursor.offset + cookie, true));
  }
  const parts: Buffer[] = [];
  for (const turn of turns) {
    if (told.has(turn.readBigUInt64LE(cookie))) continue;
    const header = Buffer.alloc(8);
    header.writeUInt32LE(turn.length);
    parts.push(header, turn);
  }
  return Buffer.concat(parts);
}

/**
 * The list of sockets that a segment begins with.
 * @param held rows by process, from the census; they know the owner best.
 * @param recorded rows of all sockets being recorded, whether a process holds them or not.
 * @param opened cookies of sockets whose opening is in the segment itself.
 */
export function firstCensus(
  held: CensusRows,
  recorded: CensusRows,
  opened: ReadonlySet<bigint>,
): CensusRows {
  const known = new Set<bigint>();
  const rows = Buffer.from(held.rows);
  for (let at = 0; at < rows.length; at += ROW_BYTES) known.add(markOlder(rows, at, opened));
  const more: Buffer[] = [];
  for (let at = 0; at < recorded.rows.length; at += ROW_BYTES) {
    const row = Buffer.from(recorded.rows.subarray(at, at + ROW_BYTES));
    if (!known.has(markOlder(row, 0, opened))) more.push(row);
  }
  return { rows: Buffer.concat([rows, ...more]), count: held.count + more.length };
}

/** Marks the row at `at` as older than the segment, unless it was opened in it. Gives its cookie. */
function markOlder(rows: Buffer, at: number, opened: ReadonlySet<bigint>): bigint {
  const cookie = rows.readBigUInt64LE(at + COOKIE.offset);
  if (!opened.has(cookie)) {
    const flags = rows.readUInt16LE(at + FLAGS.offset);
    rows.writeUInt16LE(flags | Flag.PREEXISTING, at + FLAGS.offset);
  }
  return cookie;
}
