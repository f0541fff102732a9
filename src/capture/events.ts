/**
 * The events inside an EVENTS body, read without an object per event and without BigInt.
 *
 *     const layout = resolveLayout(layoutBody);           // LAYOUT block of the capture; null: this version's
 *     const cursor = new RecordCursor(layout, splitU64(host.startedMono));
 *     cursor.reset(body);                                  // an EVENTS body
 *     while (cursor.next()) {
 *       if (cursor.kind !== Kind.EXCHANGE) continue;
 *       const at = cursor.time(layout.at.EXCHANGE.ts);     // ns since the capture's start
 *       const bytes = cursor.u32(layout.at.EXCHANGE.request_bytes);
 *     }
 *
 * `layout.at.KIND.field` is a number: the field's offset in the event as it was recorded, or -1 where the
 * capture is older than the field, which then reads as 0. Rows of a CENSUS body are read the same way
 * with `cursor.place(bytes, offset)`.
 */
import type { Nanos, U64 } from '../base/time.js';
import { nanosSince, splitU64 } from '../base/time.js';
import type { LayoutBody } from './blocks.js';
import { KIND_MAX, Kind, LAYOUT } from './layout.gen.js';

export type KindName = keyof typeof LAYOUT;

/** Offsets of each field of each kind, as recorded. */
export type FieldOffsets = {
  readonly [K in KindName]: { readonly [F in keyof (typeof LAYOUT)[K]['fields']]: number };
};

/** How the events of one capture are laid out. */
export interface EventLayout {
  readonly at: FieldOffsets;
  /** Recorded bytes of each kind by its number; 0 where the kind is not known to both sides. */
  readonly sizes: readonly number[];
}

const KIND_OFFSET = LAYOUT.CONNECT.fields.kind.offset;
const HEAD_BYTES = 16;
const RECORD_HEADER_BYTES = 8;
const BUSY = 0x8000_0000;
const DISCARD = 0x4000_0000;
const LENGTH_MASK = 0x3fff_ffff;
const TWO_32 = 4_294_967_296;
const MAX_EVENT_BYTES = 64 * 1024;

const NAMES = new Map<number, KindName>(
  (Object.keys(Kind) as KindName[]).map((name) => [Kind[name], name]),
);

/** `EXCHANGE` for 7; undefined for a number of a later version. */
export function kindName(kind: number): KindName | undefined {
  return NAMES.get(kind);
}

/** The LAYOUT body that this version records. */
export function currentLayout(): LayoutBody {
  return { kinds: structuredClone(LAYOUT) };
}

/**
 * Decides where each field that this version knows lies in the recorded events. A field counts as absent
 * where the capture has none of that name, one of another width, or one outside its struct.
 * @param recorded the LAYOUT block, or null to read events of this very version.
 */
export function resolveLayout(recorded: LayoutBody | null): EventLayout {
  const at: Record<string, Record<string, number>> = {};
  const sizes = new Array<number>(KIND_MAX).fill(0);
  for (const [name, known] of Object.entries(LAYOUT)) {
    const kind = recorded === null ? known : recorded.kinds[name];
    const usable =
      kind?.kind === known.kind && kind.size >= HEAD_BYTES && kind.size <= MAX_EVENT_BYTES;
    sizes[known.kind] = usable ? kind.size : 0;
    const offsets: Record<string, number> = {};
    for (const [field, { size, count }] of Object.entries(known.fields)) {
      const was = usable
        ? (kind.fields as LayoutBody['kinds'][string]['fields'])[field]
        : undefined;
      const fits =
        was !== undefined &&
        was.size === size &&
        was.count >= count &&
        Number.isInteger(was.offset) &&
        was.offset >= 0 &&
        was.offset + size * count <= (kind?.size ?? 0);
      offsets[field] = fits ? was.offset : -1;
    }
    at[name] = offsets;
  }
  return { at: at as unknown as FieldOffsets, sizes };
}

const EMPTY = new Uint8Array(0);

/** Walks events and reads their fields; one object for a whole capture. */
export class RecordCursor {
  /** Kind of the current event. */
  kind = 0;
  /** Bytes of the current event. */
  size = 0;
  /** Where the current event begins in the body. */
  offset = 0;
  /** Events of kinds that this version does not know, passed over. */
  unknown = 0;
  /** Records that do not fit their own length or their kind's, passed over. */
  malformed = 0;

  readonly #layout: EventLayout;
  readonly #base: U64;
  #bytes: Uint8Array = EMPTY;
  #view: DataView = new DataView(EMPTY.buffer);
  #next = 0;

  /** @param base the capture's start (HOST.startedMono); times are counted from there. */
  constructor(layout: EventLayout, base: U64 = splitU64(0n)) {
    this.#layout = layout;
    this.#base = base;
  }

  /**
   * Begins at the first record of an EVENTS body.
   * @param view of all of it, where there is one already.
   */
  reset(body: Uint8Array, view?: DataView): void {
    this.#bytes = body;
    this.#view = view ?? new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#next = 0;
  }

  /**
   * Puts the cursor on one struct outside a ring, for example a CENSUS row.
   * @param view of all `bytes`, for callers who go to and fro between several.
   */
  place(bytes: Uint8Array, offset: number, view?: DataView): void {
    if (bytes !== this.#bytes) this.reset(bytes, view);
    this.offset = offset;
    this.size = bytes.byteLength - offset;
    this.kind = this.#view.getUint16(offset + KIND_OFFSET, true);
  }

  /** Moves to the next event of a known kind; false at the end of the body. */
  next(): boolean {
    const view = this.#view;
    const end = view.byteLength;
    while (this.#next + RECORD_HEADER_BYTES <= end) {
      const length = view.getUint32(this.#next, true);
      const size = length & LENGTH_MASK;
      const offset = this.#next + RECORD_HEADER_BYTES;
      if (length >= BUSY || offset + size > end) {
        // Nothing after an impossible length can be trusted to be a record.
        this.malformed++;
        this.#next = end;
        return false;
      }
      this.#next = offset + ((size + 7) & ~7);
      if ((length & DISCARD) !== 0) continue;
      if (size < HEAD_BYTES) {
        this.malformed++;
        continue;
      }
      const kind = view.getUint16(offset + KIND_OFFSET, true);
      const recorded = this.#layout.sizes[kind] ?? 0;
      if (recorded === 0) {
        this.unknown++;
        continue;
      }
      if (size < recorded) {
        this.malformed++;
        continue;
      }
      this.kind = kind;
      this.size = size;
      this.offset = offset;
      return true;
    }
    return false;
  }

  u8(field: number): number {
    return field < 0 ? 0 : this.#view.getUint8(this.offset + field);
  }

  u16(field: number): number {
    return field < 0 ? 0 : this.#view.getUint16(this.offset + field, true);
  }

  u32(field: number): number {
    return field < 0 ? 0 : this.#view.getUint32(this.offset + field, true);
  }

  /** As a signed number: half of a cookie, which then needs no more room than an integer has. */
  i32(field: number): number {
    return field < 0 ? 0 : this.#view.getInt32(this.offset + field, true);
  }

  /**
   * Exact up to 2^53: cgroup ids, byte counts. Times go through `time`. Cookies need care: the kernel counts
   * those that it gives out inside an interrupt down from 2^64.
   */
  u64(field: number): number {
    if (field < 0) return 0;
    const at = this.offset + field;
    return this.#view.getUint32(at + 4, true) * TWO_32 + this.#view.getUint32(at, true);
  }

  /** An absolute time as nanoseconds since the base. */
  time(field: number): Nanos {
    if (field < 0) return 0 as Nanos;
    const at = this.offset + field;
    return nanosSince(
      this.#view.getUint32(at + 4, true),
      this.#view.getUint32(at, true),
      this.#base,
    );
  }

  /** A view of `length` bytes of a field, valid as long as the body; empty where the field is absent. */
  bytes(field: number, length: number): Uint8Array {
    if (field < 0) return EMPTY;
    const at = this.offset + field;
    return this.#bytes.subarray(at, at + length);
  }

  /** A fixed char array up to its first NUL, as UTF-8. */
  text(field: number, length: number): string {
    const bytes = this.bytes(field, length);
    const end = bytes.indexOf(0);
    return TEXT.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}

const TEXT = new TextDecoder();
