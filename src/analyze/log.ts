/**
 * The events of a capture one after the other, each with the socket and the service it belongs to, for
 * `dhrishti log`. Unlike the pipeline it concludes nothing: it tells what happened in the order of the file.
 *
 * Memory grows with open sockets and processes.
 */
import { splitU64, nanosSince } from '../base/time.js';
import type { U64 } from '../base/time.js';
import type { CensusBody } from '../capture/bodies.js';
import { decodeCensus, decodeJson } from '../capture/bodies.js';
import { BlockKind } from '../capture/blocks.js';
import type { HostBody } from '../capture/blocks.js';
import type { EventLayout } from '../capture/events.js';
import { RecordCursor, kindName, resolveLayout } from '../capture/events.js';
import { Flag, Kind, Role } from '../capture/layout.gen.js';
import type { Block } from '../capture/reader.js';
import { isFailure, tell } from './log-words.js';
import { cookieAt, endpointAt, processAt, roleName } from './normalize.js';
import { Ends } from './ends.js';
import type { Endpoint } from './socket.js';
import { Socket } from './socket.js';
import { Attribution } from './workloads/attribution.js';
import type { TimedWorkloads } from './workloads/containers.js';
import { Containers } from './workloads/containers.js';
import { Processes, processName } from './workloads/processes.js';

/** One event, ready to print. */
export interface LogEntry {
  /** Nanoseconds since the capture's start. */
  atNs: number;
  /** EXCHANGE, CLOSE … */
  event: string;
  /** Cookie of the socket; null for events of processes and cgroups. */
  socket: number | null;
  role: 'client' | 'server' | 'listener' | null;
  /** Owner of the socket, by the names of the report; null where unknown. */
  service: string | null;
  local: { address: string; port: number } | null;
  remote: { address: string; port: number } | null;
  /** True for what `--failed` keeps: events of failed connections, else those that tell a failure by themselves. */
  failed: boolean;
  /** Names of the flags that are set. */
  flags: string[];
  /** What happened, in words. */
  text: string;
}

/** What is known of a socket while it is open. */
interface OpenSocket {
  role: LogEntry['role'];
  socket: Socket;
}

/** Flags that tell units are not told: the words have done the sums. */
const FLAG_NAMES = Object.entries(Flag).filter(
  ([, bit]) => bit !== Flag.MICROS && bit !== Flag.AGE_MILLIS,
);
/** Kinds that carry the socket's endpoint. */
const WITH_ENDPOINT = new Set<number>([Kind.LISTEN, Kind.CONNECT, Kind.ESTABLISHED]);

/** Takes the blocks of a capture in order and gives their events. */
export class EventLog {
  #layout: EventLayout = resolveLayout(null);
  #base: U64 = splitU64('0');
  #cursor = new RecordCursor(this.#layout);
  #hostNetns = 0;
  readonly #workloads: TimedWorkloads[] = [];
  readonly #cgroups = new Map<number, { path: string; unified: boolean; atNs: number }>();
  readonly #processes = new Processes();
  readonly #sockets = new Map<number, OpenSocket>();
  readonly #failed: ReadonlySet<number> | null;
  #containers = new Containers([]);
  #attribution = new Attribution(this.#containers, this.#processes, 0);

  /** @param failed the sockets of failed connections; null where nobody can know them yet. */
  constructor(failed: ReadonlySet<number> | null = null) {
    this.#failed = failed;
  }

  /** The events of one block; all other blocks are remembered for what they tell about names. */
  *take({ kind, body }: Pick<Block, 'kind' | 'body'>): Generator<LogEntry> {
    if (kind === BlockKind.EVENTS) {
      this.#cursor.reset(body);
      while (this.#cursor.next()) yield this.#entry();
    } else if (kind === BlockKind.HOST) {
      this.#noteHost(decodeJson('HOST', body));
    } else if (kind === BlockKind.LAYOUT) {
      this.#layout = resolveLayout(decodeJson('LAYOUT', body));
      this.#cursor = new RecordCursor(this.#layout, this.#base);
    } else if (kind === BlockKind.CENSUS) {
      this.#noteCensus(decodeCensus(body));
    } else {
      this.foresee({ kind, body });
    }
  }

  /**
   * Learns names from a block that comes later in the file. A container's name often arrives after its first
   * connections; whoever has the whole file goes through it with this first.
   */
  foresee({ kind, body }: Pick<Block, 'kind' | 'body'>): void {
    if (kind === BlockKind.HOST) this.#noteHost(decodeJson('HOST', body));
    if (kind !== BlockKind.WORKLOADS) return;
    const workloads = decodeJson('WORKLOADS', body);
    if (workloads === null || this.#workloads.some((known) => known.at === workloads.at)) return;
    const { hi, lo } = splitU64(workloads.at);
    this.#workloads.push({ ...workloads, atNs: nanosSince(hi, lo, this.#base) });
    this.#renewAttribution();
  }

  #noteHost(host: HostBody | null): void {
    if (host === null) return;
    this.#base = splitU64(host.startedMono);
    this.#hostNetns = host.hostNetns;
    this.#cursor = new RecordCursor(this.#layout, this.#base);
    this.#renewAttribution();
  }

  #renewAttribution(): void {
    this.#containers = new Containers(this.#workloads);
    for (const [id, { path, unified, atNs }] of this.#cgroups) {
      this.#containers.noteCgroup(id, path, atNs, unified);
    }
    this.#attribution = new Attribution(this.#containers, this.#processes, this.#hostNetns);
  }

  /** Sockets that were there before the recording: their later events have no addresses of their own. */
  #noteCensus(census: CensusBody | null): void {
    const { at, sizes } = this.#layout;
    if (census?.phase !== 0 || census.rowBytes < (sizes[Kind.CENSUS] ?? Infinity)) return;
    const row = new RecordCursor(this.#layout, this.#base);
    for (let i = 0; i < census.count; i++) {
      row.place(census.rows, i * census.rowBytes);
      const end = endpointAt(row, at.CENSUS);
      this.#open(
        cookieAt(row, at.CENSUS.cookie),
        row.u8(at.CENSUS.role),
        end,
        row.u32(at.CENSUS.pid),
      );
    }
  }

  #open(cookie: number, role: number, end: Endpoint, pid: number): OpenSocket {
    const socket = new Socket(cookie, roleName(role) ?? 'server', end, new Ends(1));
    socket.pid = pid;
    const opened = { role: role === Role.LISTENER ? 'listener' : roleName(role), socket } as const;
    this.#sockets.set(cookie, opened);
    return opened;
  }

  #entry(): LogEntry {
    const event = this.#cursor;
    const { at } = this.#layout;
    const atNs = event.time(at.ACCEPT.ts);
    const flags = event.u16(at.ACCEPT.flags);
    const head = { atNs, event: kindName(event.kind) ?? String(event.kind) };
    const what = {
      failed: isFailure(event, this.#layout),
      flags: FLAG_NAMES.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name),
      text: tell(event, this.#layout),
    };
    if (event.kind === Kind.PROCESS) {
      const process = this.#processes.note(processAt(event, this.#layout));
      return { ...head, ...NO_SOCKET, service: processName(process), ...what };
    }
    if (event.kind === Kind.CGROUP) {
      this.#noteCgroup(atNs);
      return { ...head, ...NO_SOCKET, ...what };
    }
    const cookie = cookieAt(event, at.ACCEPT.cookie);
    const known = this.#socketOf(cookie);
    if (event.kind === Kind.CLOSE) this.#sockets.delete(cookie);
    const whose = known === undefined ? NO_SOCKET : this.#describe(known, atNs);
    const failed = this.#failed?.has(cookie) ?? what.failed;
    return { ...head, ...whose, socket: cookie, ...what, failed };
  }

  /** The socket of the current event, with what the event adds to it. */
  #socketOf(cookie: number): OpenSocket | undefined {
    const event = this.#cursor;
    const { at } = this.#layout;
    const pid = event.u32(at.ACCEPT.pid);
    let known = this.#sockets.get(cookie);
    if (WITH_ENDPOINT.has(event.kind)) {
      const fields =
        event.kind === Kind.LISTEN
          ? at.LISTEN
          : event.kind === Kind.CONNECT
            ? at.CONNECT
            : at.ESTABLISHED;
      const end = endpointAt(event, fields);
      known = this.#open(cookie, event.u8(fields.role), end, pid || (known?.socket.pid ?? 0));
    }
    if (known === undefined) return undefined;
    if (known.socket.pid === 0) known.socket.pid = pid;
    known.socket.process ??= this.#processes.get(known.socket.pid) ?? null;
    if (event.kind === Kind.CLOSE && known.socket.end.localPort === 0) {
      known.socket.end.localPort = event.u16(at.CLOSE.sport);
    }
    return known;
  }

  #noteCgroup(atNs: number): void {
    const event = this.#cursor;
    const fields = this.#layout.at.CGROUP;
    const id = event.u64(fields.id);
    if ((event.u16(fields.flags) & Flag.DIED) !== 0) {
      this.#cgroups.delete(id);
      return;
    }
    const path = event.text(fields.path, 192);
    const unified = event.u32(fields.hierarchy) <= 1;
    this.#cgroups.set(id, { path, unified, atNs });
    this.#containers.noteCgroup(id, path, atNs, unified);
  }

  #describe({ role, socket }: OpenSocket, atNs: number): Pick<LogEntry, keyof typeof NO_SOCKET> {
    const { end } = socket;
    const party = this.#attribution.ofSocket(socket, atNs);
    return {
      socket: socket.cookie,
      role,
      service: party.grade === 'unknown' ? null : party.workload.service,
      local: { address: end.localAddr, port: end.localPort },
      remote: role === 'listener' ? null : { address: end.remoteAddr, port: end.remotePort },
    };
  }
}

const NO_SOCKET = { socket: null, role: null, service: null, local: null, remote: null } as const;
