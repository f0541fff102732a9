/**
 * Everything in a capture that is no event: host, layout, workloads, census, statistics. It is little and is read
 * before the events, because names and the last census come later in the file than the
 * connections they explain.
 */
import type { U64 } from '../base/time.js';
import { nanosSince, splitU64 } from '../base/time.js';
import type { CensusBody, ClockBody } from '../capture/bodies.js';
import { decodeCensus, decodeClock, decodeJson } from '../capture/bodies.js';
import type {
  EndBody,
  HostBody,
  LayoutBody,
  NetstatBody,
  StatsBody,
  WorkloadsBody,
} from '../capture/blocks.js';
import { BlockKind, CensusPhase } from '../capture/blocks.js';
import type { EventLayout } from '../capture/events.js';
import { RecordCursor, resolveLayout } from '../capture/events.js';
import { Kind, Role } from '../capture/layout.gen.js';
import { cookieAt, endpointAt, roleName } from './normalize.js';
import type { ClockPair } from './wall.js';
import type { Endpoint } from './socket.js';
import { BlockTimes, OUTSIDE_NS, believableEnd, roughly } from './span.js';
import type { TimedWorkloads } from './workloads/containers.js';

/** One socket in one process, as a census found it. */
export interface CensusRow {
  cookie: number;
  role: 'client' | 'server' | 'listener';
  end: Endpoint;
  pid: number;
  comm: string;
  ownerCgroup: number;
  state: number;
  isnLocal: number;
  isnRemote: number;
  bytesSent: number;
  bytesReceived: number;
  flags: number;
  /** Exchanges that the kernel had counted on this socket by then. */
  exchanges: number;
}

/** STATS with its time counted from the capture's start. */
export interface TimedStats extends StatsBody {
  atNs: number;
}

/** NETSTAT with its time counted from the capture's start. */
export interface TimedNetstat extends NetstatBody {
  atNs: number;
}

export interface Frame {
  host: HostBody | null;
  layout: EventLayout;
  /** Absolute time that all times count from. */
  base: U64;
  startedWallMs: number;
  /** The capture's clock and the wall clock side by side, in order. */
  clocks: ClockPair[];
  /** Latest time that these blocks tell and that is believable. */
  endNs: number;
  /** Events outside of these times are damaged or crafted. */
  earliestNs: number;
  latestNs: number;
  workloads: TimedWorkloads[];
  stats: TimedStats[];
  netstat: TimedNetstat[];
  firstCensus: CensusRow[];
  /** What happened before is known as far as that census shows it; -Infinity where there is none. */
  firstCensusNs: number;
  /** Null where the recording did not come to it. */
  lastCensus: CensusRow[] | null;
  /** Sockets that were opened later need not be in that census. */
  lastCensusNs: number;
  end: EndBody | null;
  /** Blocks whose checksum holds and whose body makes no sense: passed over. */
  unreadable: number;
}

interface Body {
  kind: number;
  body: Uint8Array;
}

/** Reads the frame from the blocks of a capture, in order. Bodies that make no sense are passed over. */
export function readFrame(blocks: Iterable<Body>): Frame {
  let host: HostBody | null = null;
  let layout: LayoutBody | null = null;
  let end: EndBody | null = null;
  const workloads: WorkloadsBody[] = [];
  const stats: StatsBody[] = [];
  const netstat: NetstatBody[] = [];
  const censuses: CensusBody[] = [];
  const clocks: ClockBody[] = [];
  let blockTimes: BlockTimes | null = null;
  let unreadable = 0;
  const sound = <T>(body: T | null): T | null => {
    if (body === null) unreadable++;
    return body;
  };
  const add = <T>(list: T[], body: T | null): void => {
    if (sound(body) !== null) list.push(body!);
  };
  for (const { kind, body } of blocks) {
    if (kind === BlockKind.EVENTS) (blockTimes ??= new BlockTimes(resolveLayout(layout))).add(body);
    else if (kind === BlockKind.HOST) host ??= sound(decodeJson('HOST', body));
    else if (kind === BlockKind.LAYOUT) layout ??= sound(decodeJson('LAYOUT', body));
    else if (kind === BlockKind.WORKLOADS) add(workloads, decodeJson('WORKLOADS', body));
    else if (kind === BlockKind.STATS) add(stats, decodeJson('STATS', body));
    else if (kind === BlockKind.NETSTAT) add(netstat, decodeJson('NETSTAT', body));
    // The reader's bodies only hold until the next block; a census' rows are read later.
    else if (kind === BlockKind.CENSUS) add(censuses, decodeCensus(new Uint8Array(body)));
    else if (kind === BlockKind.CLOCK) add(clocks, decodeClock(body));
    else if (kind === BlockKind.END) end ??= sound(decodeJson('END', body));
  }
  // A damaged HOST costs the names of things, not the capture: time then counts from the first clock, or event.
  const start = host?.startedMono ?? clocks[0]?.mono;
  const base = start === undefined ? (blockTimes?.first ?? splitU64(0n)) : splitU64(start);
  const since = (at: string | bigint): number => {
    const { hi, lo } = splitU64(at);
    return nanosSince(hi, lo, base);
  };
  const timeOf = (phase: number): number | null => {
    const found = censuses.find((census) => census.phase === phase);
    return found === undefined ? null : since(found.at);
  };
  const events = resolveLayout(layout);
  const startedWallMs = host?.startedWallMs ?? Number((clocks[0]?.wall ?? 0n) / 1_000_000n);
  const startedWall = BigInt(Math.round(startedWallMs)) * 1_000_000n;
  const longest = believableEnd([
    ...[
      ...clocks.map(({ mono }) => mono),
      ...stats,
      ...censuses,
      ...(end === null ? [] : [end]),
    ].map((record) => since(typeof record === 'bigint' ? record : record.at)),
    ...(blockTimes?.times ?? []).map((ns) => ns - roughly(base)),
  ]);
  const believable = ({ atNs }: { atNs: number }): boolean => atNs <= longest;
  const timed = <T extends { at: string }>(bodies: readonly T[]): (T & { atNs: number })[] =>
    bodies.map((body) => ({ ...body, atNs: since(body.at) }));
  const timedStats = timed(stats).filter(believable);
  const timedClocks = clocks
    .map(({ mono, wall }) => ({ atNs: since(mono), wallNs: Number(wall - startedWall) }))
    .filter(believable);
  const lastNs = Math.max(0, timedStats.at(-1)?.atNs ?? 0, timedClocks.at(-1)?.atNs ?? 0);
  const toldNs = end === null ? Infinity : since(end.at);
  return {
    host,
    layout: events,
    base,
    startedWallMs,
    clocks: timedClocks,
    endNs: toldNs <= longest ? Math.max(0, toldNs) : lastNs,
    earliestNs: -OUTSIDE_NS,
    latestNs: longest + OUTSIDE_NS,
    workloads: timed(workloads).sort((a, b) => a.atNs - b.atNs),
    stats: timedStats,
    netstat: timed(netstat)
      .filter(believable)
      .sort((a, b) => a.atNs - b.atNs),
    firstCensus: readCensus(censuses, CensusPhase.START, events) ?? [],
    firstCensusNs: timeOf(CensusPhase.START) ?? -Infinity,
    lastCensus: readCensus(censuses, CensusPhase.END, events),
    lastCensusNs: timeOf(CensusPhase.END) ?? Infinity,
    end,
    unreadable,
  };
}

function readCensus(
  bodies: readonly CensusBody[],
  phase: number,
  layout: EventLayout,
): CensusRow[] | null {
  const found = bodies.filter((body) => body.phase === phase);
  if (found.length === 0) return null;
  const at = layout.at.CENSUS;
  const cursor = new RecordCursor(layout);
  const rows: CensusRow[] = [];
  for (const { rows: bytes, rowBytes, count } of found) {
    for (let i = 0; i < count && rowBytes >= layout.sizes[Kind.CENSUS]!; i++) {
      cursor.place(bytes, i * rowBytes);
      const number = cursor.u8(at.role);
      const role = number === Role.LISTENER ? 'listener' : roleName(number);
      if (role === null) continue;
      rows.push({
        cookie: cookieAt(cursor, at.cookie),
        role,
        end: endpointAt(cursor, at),
        pid: cursor.u32(at.pid),
        comm: cursor.text(at.comm, 16),
        ownerCgroup: cursor.u64(at.owner_cgroup),
        state: cursor.u8(at.state),
        isnLocal: cursor.u32(at.isn_local),
        isnRemote: cursor.u32(at.isn_remote),
        bytesSent: cursor.u64(at.bytes_sent),
        bytesReceived: cursor.u64(at.bytes_received),
        flags: cursor.u16(at.flags),
        exchanges: cursor.u32(at.exchanges),
      });
    }
  }
  return rows;
}
