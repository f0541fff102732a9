/**
 * Builds captures from a readable list of what happened, for tests that know the truth. Times are
 * milliseconds since the capture's start. Both ends of a connection are told, as the kernel would.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ContainerBody,
  EndBody,
  NetstatBody,
  StatsBody,
  WorkloadsBody,
} from '../../src/capture/blocks.js';
import { BlockKind, CensusPhase, type PlanRow } from '../../src/capture/blocks.js';
import { currentLayout } from '../../src/capture/events.js';
import { Flag, LAYOUT, Role } from '../../src/capture/layout.gen.js';
import { CaptureWriter } from '../../src/capture/writer.js';
import { hostBody, ringRecord, withFolder } from './capture.js';

/** Absolute time of the capture's start, as HOST tells it. */
export const START_NS = 5_000_000_000_000n;
export const HOST_NETNS = 4026531840;

type KindName = keyof typeof LAYOUT;
type Fields = Record<string, number | string | bigint>;

/** Who opens or serves connections. */
export interface Actor {
  name: string;
  address: string;
  pid: number;
  netns: number;
  cgroup: number;
}

/** Values for one struct; addresses and names as text, 64-bit numbers as bigint where they are large. */
export function encodeEvent(kind: KindName, values: Fields): Buffer {
  const { size, fields } = LAYOUT[kind];
  const bytes = Buffer.alloc(size);
  const layout = fields as Record<string, { offset: number; size: number; count: number }>;
  for (const [name, value] of Object.entries({ kind: LAYOUT[kind].kind, ...values })) {
    const field = layout[name];
    if (field === undefined) throw new Error(`${kind} has no field ${name}`);
    if (typeof value === 'string') {
      const text = name.endsWith('addr') ? addressBytes(value) : Buffer.from(value, 'utf8');
      text.copy(bytes, field.offset, 0, field.count);
    } else if (field.size === 8) {
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), field.offset);
    } else {
      bytes.writeUIntLE((value as number) % 2 ** (8 * field.size), field.offset, field.size);
    }
  }
  return bytes;
}

/** IPv4 as ::ffff:a.b.c.d; of IPv6 only what has all its groups or is `::1`. */
function addressBytes(address: string): Buffer {
  if (address === '::1') return Buffer.from([...Array<number>(15).fill(0), 1]);
  if (address.includes(':')) return Buffer.from(address.replaceAll(':', ''), 'hex');
  return Buffer.from([...Array<number>(10).fill(0), 255, 255, ...address.split('.').map(Number)]);
}

/** Nanoseconds since the capture's start as the kernel's absolute time. */
export function absolute(ms: number): bigint {
  return START_NS + BigInt(Math.round(ms * 1e6));
}

interface Emitted {
  at: bigint;
  bytes: Buffer;
}

/** Collects events, workloads and censuses; `bytes` makes the file. */
export class CaptureBuilder {
  readonly #events: Emitted[] = [];
  readonly #workloads: WorkloadsBody[] = [];
  readonly #containers: ContainerBody[] = [];
  readonly #stats: StatsBody[] = [];
  readonly #netstat: NetstatBody[] = [];
  readonly #census: { phase: number; row: Buffer }[] = [];
  #counter = 0;
  #filler: (() => void) | null = null;
  /** Milliseconds. */
  durationMs = 10_000;
  /** When the censuses were taken, in milliseconds; the last one at the end where this is null. */
  firstCensusMs = 0;
  lastCensusMs: number | null = null;
  /** What the recorder says of its probes; null: little. */
  plan: PlanRow[] | null = null;
  /** False: no last census, as when the recorder was killed. */
  lastCensus = true;

  /** A number that nobody else has. */
  unique(): number {
    return ++this.#counter;
  }

  /** A container that runs from the start, known to the engine. */
  container(service: string, address: string, over: Partial<ContainerBody> = {}): Actor {
    const n = this.unique();
    const actor = { name: service, address, pid: 1000 + n, netns: 4026532000 + n, cgroup: 500 + n };
    this.#containers.push({
      id: n.toString(16).padStart(64, 'a'),
      name: `shop-${service}-1`,
      image: `${service}:1`,
      labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': service },
      pid: actor.pid,
      cgroup: String(actor.cgroup),
      netns: actor.netns,
      hostNetwork: false,
      networks: [{ name: 'shop_default', addresses: [address] }],
      ports: [],
      state: 'running',
      ...over,
    });
    return actor;
  }

  /** A process outside containers, told when it is first seen. */
  process(
    exe: string,
    address = '127.0.0.1',
    over: Partial<{ comm: string; netns: number; atMs: number }> = {},
  ): Actor {
    const actor = {
      name: exe,
      address,
      pid: 1000 + this.unique(),
      netns: over.netns ?? HOST_NETNS,
      cgroup: 1,
    };
    this.event('PROCESS', over.atMs ?? 0, {
      pid: actor.pid,
      cgroup: 1,
      started: actor.pid,
      ppid: 1,
      comm: (over.comm ?? exe).slice(0, 15),
      exe: exe.slice(0, 31),
    });
    return actor;
  }

  /** A peer on another machine: it has no events of its own. */
  external(address: string): Actor {
    return { name: address, address, pid: 0, netns: 0, cgroup: 0 };
  }

  /** Adds one event as it is. */
  event(kind: KindName, atMs: number, values: Fields): void {
    const at = absolute(atMs);
    this.#events.push({ at, bytes: encodeEvent(kind, { ts: at, ...values }) });
  }

  workloads(atMs: number, body: Omit<WorkloadsBody, 'at'>): void {
    this.#workloads.push({ at: String(absolute(atMs)), ...body });
  }

  /** The engine's last word on a container. */
  containerBody(actor: Actor): ContainerBody {
    return this.#containers.find((c) => c.pid === actor.pid)!;
  }

  /** Running totals of lost events at a time. */
  lost(atMs: number, lost: Record<string, number>): void {
    this.#stats.push({
      at: String(absolute(atMs)),
      lost,
      ringBytes: 1 << 20,
      ringHighWater: 0,
      programs: [],
      cpuUs: 0,
      rssBytes: 0,
      eventBytes: 0,
    });
  }

  /** Running totals of what the kernel counts in a network namespace. */
  netstat(atMs: number, netns: number, counters: Record<string, number>): void {
    this.#netstat.push({ at: String(absolute(atMs)), netns, counters });
  }

  listen(actor: Actor, port: number, atMs = 0): number {
    const cookie = this.unique();
    this.event('LISTEN', atMs, {
      pid: actor.pid,
      cookie,
      cgroup: actor.cgroup,
      netns: actor.netns,
      saddr: '0.0.0.0',
      daddr: '0.0.0.0',
      sport: port,
      role: Role.LISTENER,
      backlog: 511,
    });
    this.#row(CensusPhase.END, {
      pid: actor.pid,
      cookie,
      cgroup: actor.cgroup,
      netns: actor.netns,
      saddr: '0.0.0.0',
      daddr: '0.0.0.0',
      sport: port,
      role: Role.LISTENER,
      state: 10,
      comm: actor.name,
    });
    return cookie;
  }

  /**
   * Opens a connection. An end whose actor has no process id lies on another machine and has no events.
   * @param over `seen`: the address and port that the client sees, where they differ from the server's own;
   *     `lostSyns`: so many SYNs are sent again, the first after a second.
   */
  connect(
    client: Actor,
    server: Actor,
    port: number,
    atMs: number,
    over: ConnectOptions = {},
  ): BuiltConnection {
    return new BuiltConnection(this, client, server, port, atMs, over);
  }

  /** A connect that ends in the handshake, `tookMs` later, with an errno or 0 where the client gave up. */
  attempt(
    client: Actor,
    address: string,
    port: number,
    atMs: number,
    errno: number,
    tookMs = 0.05,
    retransmits = 0,
  ): void {
    const cookie = this.unique();
    const end = { cgroup: client.cgroup, netns: client.netns, role: Role.CLIENT };
    this.event('CONNECT', atMs, {
      pid: client.pid,
      cookie,
      ...end,
      saddr: client.address,
      daddr: address,
      dport: port,
    });
    for (let i = 1; i <= retransmits; i++) {
      this.event('RETRANSMIT', atMs + (tookMs * i) / (retransmits + 1), {
        cookie,
        flags: Flag.SYN,
        state: 2,
        daddr: address,
        dport: port,
        netns: client.netns,
      });
    }
    this.event('CLOSE', atMs + tookMs, {
      pid: client.pid,
      cookie,
      err: errno,
      old_state: 2,
      role: Role.CLIENT,
      sport: 40_000 + cookie,
      retransmits,
    });
  }

  /** A row of a census; of the last one where `phase` is not given. */
  censusRow(values: Fields, phase: number = CensusPhase.END): void {
    this.#row(phase, values);
  }

  #row(phase: number, values: Fields): void {
    const ts = phase === CensusPhase.START ? absolute(0) : absolute(this.durationMs);
    this.#census.push({ phase, row: encodeEvent('CENSUS', { ts, ...values }) });
  }

  /** Called when the capture is made, for rows that depend on all that happened. */
  finally(fill: () => void): void {
    const before = this.#filler;
    this.#filler = () => {
      before?.();
      fill();
    };
  }

  /** The bytes of the capture. `perBlock` is how many events go into one EVENTS block. */
  bytes(perBlock = 1000): Buffer {
    this.#filler?.();
    this.#filler = null;
    return withFolder((folder) => {
      const path = join(folder, 'x.dhr');
      this.write(path, perBlock);
      return readFileSync(path);
    });
  }

  /** Writes the capture to `path`. `more` may write events that come after those of the builder. */
  write(path: string, perBlock = 1000, more?: (writer: CaptureWriter) => void): void {
    this.#filler?.();
    this.#filler = null;
    rmSync(path, { force: true });
    const writer = new CaptureWriter(path);
    const startMs = 1_750_000_000_000;
    const plan = this.plan === null ? {} : { plan: this.plan };
    writer.host(hostBody({ startedMono: String(START_NS), startedWallMs: startMs, ...plan }));
    writer.layout(currentLayout());
    writer.clock(START_NS, BigInt(startMs) * 1_000_000n);
    writer.workloads({ at: String(absolute(0)), what: 'list', containers: this.#containers });
    this.#writeCensus(writer, CensusPhase.START);
    const events = this.#events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    for (let i = 0; i < events.length; i += perBlock) {
      const records = events.slice(i, i + perBlock).map(({ bytes }) => ringRecord(bytes));
      writer.writeBlock(BlockKind.EVENTS, Buffer.concat(records));
    }
    more?.(writer);
    for (const body of this.#workloads) writer.workloads(body);
    for (const body of this.#stats) writer.stats(body);
    for (const body of this.#netstat) writer.netstat(body);
    if (this.lastCensus) this.#writeCensus(writer, CensusPhase.END);
    const end: EndBody = { at: String(absolute(this.durationMs)), reason: 'duration' };
    writer.end(end);
    writer.finish();
  }

  #writeCensus(writer: CaptureWriter, phase: number): void {
    const rows = this.#census.filter((r) => r.phase === phase).map((r) => r.row);
    const lastMs = this.lastCensusMs ?? this.durationMs;
    const atMs = phase === CensusPhase.START ? this.firstCensusMs : lastMs;
    writer.census(absolute(atMs), phase, Buffer.concat(rows), rows.length);
  }
}

type ConnectOptions = Partial<{
  accepted: boolean;
  seen: { address: string; port: number };
  lostSyns: number;
  /** How long the handshake took, where it was merely slow. */
  slowMs: number;
}>;

/** Half the time that a handshake takes on this machine, in milliseconds. */
const HOP_MS = 0.02;

/** A connection under construction; each method adds events of both ends. */
export class BuiltConnection {
  readonly clientCookie: number;
  readonly serverCookie: number;
  readonly clientPort: number;
  /** [client's ISN, server's ISN] */
  readonly isns: [number, number];
  readonly #to: CaptureBuilder;
  readonly #client: Actor;
  readonly #server: Actor;
  readonly #port: number;
  #offset = 0;
  #received = 0;
  #exchanges = 0;
  #closed = false;
  #accepted = false;
  #vanished: 'client' | 'server' | null = null;

  constructor(
    to: CaptureBuilder,
    client: Actor,
    server: Actor,
    port: number,
    atMs: number,
    over: ConnectOptions,
  ) {
    this.#to = to;
    this.#client = client;
    this.#server = server;
    this.#port = port;
    this.clientCookie = to.unique();
    this.serverCookie = to.unique();
    this.clientPort = 40_000 + this.clientCookie;
    this.isns = [1_000_000 + to.unique(), 2_000_000 + to.unique()];
    const seen = over.seen ?? { address: server.address, port };
    const [mine, theirs] = this.isns;
    const lost = over.lostSyns ?? 0;
    const upMs = atMs + 1000 * (2 ** lost - 1) + (over.slowMs ?? 0);
    if (client.pid !== 0) {
      const end = {
        cookie: this.clientCookie,
        cgroup: client.cgroup,
        netns: client.netns,
        role: Role.CLIENT,
        saddr: client.address,
        daddr: seen.address,
        dport: seen.port,
      };
      to.event('CONNECT', atMs, { ...end, pid: client.pid });
      for (let i = 1; i <= lost; i++) {
        const { cookie, netns, daddr, dport } = end;
        const syn = { cookie, netns, daddr, dport, flags: Flag.SYN, state: 2 };
        to.event('RETRANSMIT', atMs + 1000 * (2 ** i - 1), syn);
      }
      to.event('ESTABLISHED', upMs + HOP_MS, {
        ...end,
        sport: this.clientPort,
        isn_local: mine,
        isn_remote: theirs,
      });
    }
    if (server.pid !== 0) {
      to.event('ESTABLISHED', upMs + 2 * HOP_MS, {
        ...this.#serverEnd(),
        isn_local: theirs,
        isn_remote: mine,
      });
      if (over.accepted !== false) this.accept(upMs + 3 * HOP_MS);
    }
    to.finally(() => this.#count());
  }

  accept(atMs: number): this {
    this.#accepted = true;
    this.#to.event('ACCEPT', atMs, {
      cookie: this.serverCookie,
      pid: this.#server.pid,
      flags: Flag.DERIVED,
    });
    return this;
  }

  /**
   * One request and its response; the events come out at `atMs` + `totalMs` + 0.01.
   * @param over `flags` for both ends; `serverMs` the server's own time; `pickupMs` until the server read the
   *     request; `lostAt` an end whose event is lost;
   *     `split` makes the server see two requests where the client made one.
   */
  exchange(
    atMs: number,
    ttfbMs: number,
    over: Partial<{
      serverMs: number;
      pickupMs: number;
      totalMs: number;
      request: number;
      response: number;
      flags: number;
      lostAt: 'client' | 'server' | 'both';
      split: boolean;
    }> = {},
  ): this {
    const request = over.request ?? 100;
    const response = over.response ?? 200;
    const totalMs = over.totalMs ?? ttfbMs;
    const outMs = atMs + totalMs + 0.01;
    const common = { flags: over.flags ?? 0, response_bytes: response };
    if (this.#client.pid !== 0 && over.lostAt !== 'client' && over.lostAt !== 'both') {
      this.#to.event('EXCHANGE', outMs, {
        ...common,
        pid: this.#client.pid,
        cookie: this.clientCookie,
        offset: this.#offset,
        age: Math.round((outMs - atMs) * 1e6),
        ttfb: Math.round(ttfbMs * 1e6),
        total: Math.round(totalMs * 1e6),
        request_bytes: request,
      });
    }
    if (this.#server.pid !== 0 && over.lostAt !== 'server' && over.lostAt !== 'both') {
      const serverMs = over.serverMs ?? ttfbMs / 2;
      const pickupMs = over.pickupMs ?? HOP_MS;
      const parts = over.split === true ? [request / 2, request / 2] : [request];
      let offset = this.#offset;
      for (const part of parts) {
        this.#to.event('EXCHANGE', outMs + 0.005, {
          ...common,
          pid: this.#server.pid,
          cookie: this.serverCookie,
          offset,
          age: Math.max(0, Math.round((outMs + 0.005 - atMs - pickupMs) * 1e6)),
          ttfb: Math.round(serverMs * 1e6),
          total: Math.round(serverMs * 1e6),
          request_bytes: part,
        });
        offset += part;
      }
    }
    this.#offset += request;
    if (((over.flags ?? 0) & Flag.NO_RESPONSE) === 0) {
      this.#exchanges++;
      this.#received += response;
    }
    return this;
  }

  /** Closes with FINs in both directions, `by` first; both ends end. */
  close(atMs: number, by: 'client' | 'server' = 'client'): this {
    const other = by === 'client' ? 'server' : 'client';
    this.fin(atMs, by, 'sent').fin(atMs + HOP_MS, other, 'received');
    this.fin(atMs + 2 * HOP_MS, other, 'sent');
    const both = Flag.FIN_SENT | Flag.FIN_RECEIVED;
    this.end(atMs + 3 * HOP_MS, by, { flags: both, old_state: 5 });
    this.end(atMs + 4 * HOP_MS, other, { flags: both, old_state: 9 });
    return this;
  }

  /** One end sends a RST, the other gets it; both end at once. */
  reset(atMs: number, by: 'client' | 'server', unread = 0): this {
    const other = by === 'client' ? 'server' : 'client';
    this.end(atMs, by, { flags: Flag.RST_SENT, unread });
    this.#event('RESET', atMs, by, { flags: Flag.RST_SENT, state: 1 });
    this.#event('RESET', atMs + HOP_MS, other, { flags: Flag.RST_RECEIVED, state: 1 });
    this.end(atMs + HOP_MS, other, { flags: Flag.RST_RECEIVED, err: 104 });
    return this;
  }

  fin(atMs: number, at: 'client' | 'server', what: 'sent' | 'received'): this {
    const flags = what === 'sent' ? Flag.FIN_SENT : Flag.FIN_RECEIVED;
    this.#event('FIN', atMs, at, { flags, old_state: 1, new_state: what === 'sent' ? 4 : 8 });
    return this;
  }

  /** One end's CLOSE, with what the socket counted. */
  end(atMs: number, at: 'client' | 'server', over: Fields = {}): this {
    this.#closed = true;
    const isClient = at === 'client';
    this.#event('CLOSE', atMs, at, {
      role: isClient ? Role.CLIENT : Role.SERVER,
      bytes_sent: isClient ? this.#offset : this.#received,
      bytes_received: isClient ? this.#received : this.#offset,
      srtt_us: 50,
      exchanges: this.#exchanges,
      sport: isClient ? this.clientPort : this.#port,
      old_state: 1,
      ...over,
      // As the kernel does: the last event of a socket sums up what the others told.
      flags: Number(over['flags'] ?? 0) | (!isClient && this.#accepted ? Flag.ACCEPTED : 0),
    });
    return this;
  }

  retransmit(atMs: number, at: 'client' | 'server' = 'client'): this {
    this.#event('RETRANSMIT', atMs, at, { state: 1 });
    return this;
  }

  /** In no census at the end, though nothing closed it; `only` where the other end is there. */
  vanish(only?: 'client' | 'server'): this {
    this.#closed = only === undefined;
    this.#vanished = only ?? null;
    return this;
  }

  #event(
    kind: 'RESET' | 'FIN' | 'CLOSE' | 'RETRANSMIT',
    atMs: number,
    at: 'client' | 'server',
    values: Fields,
  ): void {
    const actor = at === 'client' ? this.#client : this.#server;
    if (actor.pid === 0) return;
    const cookie = at === 'client' ? this.clientCookie : this.serverCookie;
    this.#to.event(kind, atMs, { cookie, ...values });
  }

  #serverEnd(): Fields {
    return {
      cookie: this.serverCookie,
      cgroup: this.#server.cgroup,
      netns: this.#server.netns,
      role: Role.SERVER,
      saddr: this.#server.address,
      daddr: this.#client.address,
      sport: this.#port,
      dport: this.clientPort,
    };
  }

  /** Both ends are in the last census while nothing closed them. */
  #count(): void {
    if (this.#closed) return;
    const [mine, theirs] = this.isns;
    const numbers = { bytes_sent: this.#offset, bytes_received: this.#received, state: 1 };
    if (this.#client.pid !== 0 && this.#vanished !== 'client') {
      this.#to.censusRow({
        ...numbers,
        pid: this.#client.pid,
        cookie: this.clientCookie,
        cgroup: this.#client.cgroup,
        netns: this.#client.netns,
        role: Role.CLIENT,
        saddr: this.#client.address,
        daddr: this.#server.address,
        sport: this.clientPort,
        dport: this.#port,
        isn_local: mine,
        isn_remote: theirs,
      });
    }
    if (this.#server.pid !== 0 && this.#vanished !== 'server') {
      this.#to.censusRow({
        ...numbers,
        ...this.#serverEnd(),
        pid: this.#server.pid,
        bytes_sent: this.#received,
        bytes_received: this.#offset,
        isn_local: theirs,
        isn_remote: mine,
      });
    }
  }
}
