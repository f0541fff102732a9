/** One pass over a capture that counts what it holds, for `inspect`. */
import { splitU64 } from '../base/time.js';
import type { HostBody, StatsBody } from './blocks.js';
import { BlockKind } from './blocks.js';
import { decodeCensus, decodeClock, decodeJson } from './bodies.js';
import type { EventLayout } from './events.js';
import { RecordCursor, kindName, resolveLayout } from './events.js';
import type { Block, CaptureReader } from './reader.js';
import type { CaptureVerdict } from './verdict.js';

/** Count and bytes of one kind of block; bytes are those of the bodies. */
export interface BlockCount {
  kind: number;
  name: string;
  count: number;
  bytes: number;
}

/** What a capture holds. Times are nanoseconds since its start. */
export interface CaptureSummary {
  version: string | null;
  host: HostBody | null;
  blocks: BlockCount[];
  /** Events by kind, in the order of the kinds' numbers. */
  events: Record<string, number>;
  eventsTotal: number;
  /** Events of kinds that this version does not know, and records that make no sense. */
  unknownEvents: number;
  malformedRecords: number;
  firstEventNs: number | null;
  lastEventNs: number | null;
  /** Between the first and the last CLOCK block. */
  clockSpanNs: number | null;
  censuses: { phase: 'start' | 'end'; sockets: number }[];
  /** Names of all containers that were told of. */
  containers: string[];
  lost: Record<string, number>;
  lostTotal: number;
  ringHighWaterBytes: number;
  /** Bodies that could not be decoded although their CRC holds. */
  unreadableBodies: number;
  verdict: CaptureVerdict;
}

const BLOCK_NAMES = new Map<number, string>(
  Object.entries(BlockKind).map(([name, kind]) => [kind, name]),
);

class Counter {
  host: HostBody | null = null;
  stats: StatsBody | null = null;
  ringHighWater = 0;
  unreadable = 0;
  firstMono: bigint | null = null;
  lastMono: bigint | null = null;
  first = Number.POSITIVE_INFINITY;
  last = Number.NEGATIVE_INFINITY;
  readonly blocks = new Map<number, BlockCount>();
  readonly events: number[] = [];
  readonly censuses: CaptureSummary['censuses'] = [];
  readonly containers = new Set<string>();
  layout: EventLayout = resolveLayout(null);
  cursor = new RecordCursor(this.layout);

  take({ kind, body }: Block): void {
    const name = BLOCK_NAMES.get(kind) ?? `kind ${String(kind)}`;
    const row = this.blocks.get(kind) ?? { kind, name, count: 0, bytes: 0 };
    row.count++;
    row.bytes += body.byteLength;
    this.blocks.set(kind, row);
    if (!this.#decode(kind, body)) this.unreadable++;
  }

  /** False where the body makes no sense. */
  #decode(kind: number, body: Uint8Array): boolean {
    switch (kind) {
      case BlockKind.HOST:
        this.host = decodeJson('HOST', body) ?? this.host;
        this.#renewCursor();
        return this.host !== null;
      case BlockKind.LAYOUT: {
        const layout = decodeJson('LAYOUT', body);
        if (layout === null) return false;
        this.layout = resolveLayout(layout);
        this.#renewCursor();
        return true;
      }
      case BlockKind.CLOCK: {
        const clock = decodeClock(body);
        this.firstMono ??= clock?.mono ?? null;
        this.lastMono = clock?.mono ?? this.lastMono;
        return clock !== null;
      }
      case BlockKind.EVENTS:
        this.#countEvents(body);
        return true;
      case BlockKind.WORKLOADS: {
        const workloads = decodeJson('WORKLOADS', body);
        for (const container of workloads?.containers ?? []) this.containers.add(container.name);
        return workloads !== null;
      }
      case BlockKind.CENSUS: {
        const census = decodeCensus(body);
        if (census === null) return false;
        this.censuses.push({ phase: census.phase === 0 ? 'start' : 'end', sockets: census.count });
        return true;
      }
      case BlockKind.STATS: {
        const stats = decodeJson('STATS', body);
        if (stats === null) return false;
        this.stats = stats;
        this.ringHighWater = Math.max(this.ringHighWater, stats.ringHighWater);
        return true;
      }
      default:
        return true;
    }
  }

  /** Keeps the counts of the cursor that it replaces. */
  #renewCursor(): void {
    const { unknown, malformed } = this.cursor;
    this.cursor = new RecordCursor(this.layout, splitU64(this.host?.startedMono ?? '0'));
    this.cursor.unknown = unknown;
    this.cursor.malformed = malformed;
  }

  #countEvents(body: Uint8Array): void {
    const { cursor } = this;
    // The head is the same in every kind, so one kind's offset of `ts` serves all.
    const ts = this.layout.at.EXCHANGE.ts;
    cursor.reset(body);
    while (cursor.next()) {
      this.events[cursor.kind] = (this.events[cursor.kind] ?? 0) + 1;
      const time = cursor.time(ts);
      if (time < this.first) this.first = time;
      if (time > this.last) this.last = time;
    }
  }
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** Reads a capture to its end. Throws what the reader throws. */
export function summarize(reader: CaptureReader): CaptureSummary {
  const seen = new Counter();
  for (const block of reader) seen.take(block);
  const events: Record<string, number> = {};
  seen.events.forEach((count, kind) => (events[kindName(kind) ?? String(kind)] = count));
  const lost = seen.stats?.lost ?? {};
  const { version } = reader;
  return {
    version: version === null ? null : `${String(version.major)}.${String(version.minor)}`,
    host: seen.host,
    blocks: [...seen.blocks.values()].sort((a, b) => a.kind - b.kind),
    events,
    eventsTotal: sum(Object.values(events)),
    unknownEvents: seen.cursor.unknown,
    malformedRecords: seen.cursor.malformed,
    firstEventNs: Number.isFinite(seen.first) ? seen.first : null,
    lastEventNs: Number.isFinite(seen.last) ? seen.last : null,
    clockSpanNs:
      seen.firstMono === null || seen.lastMono === null
        ? null
        : Number(seen.lastMono - seen.firstMono),
    censuses: seen.censuses,
    containers: [...seen.containers].sort(),
    lost,
    lostTotal: sum(Object.values(lost)),
    ringHighWaterBytes: seen.ringHighWater,
    unreadableBodies: seen.unreadable,
    verdict: reader.verdict(),
  };
}
