/**
 * A capture of very many exchanges whose times are all known: several edges, each with a distribution of its own. The
 * same seed gives the same capture. Each connection has one exchange after the other, as real ones do.
 */
import { BlockKind } from '../../src/capture/blocks.js';
import { Flag, Kind, LAYOUT } from '../../src/capture/layout.gen.js';
import type { CaptureWriter } from '../../src/capture/writer.js';
import { Random } from '../fuzz/random.js';
import type { Actor, BuiltConnection } from './capture-builder.js';
import { CaptureBuilder, START_NS } from './capture-builder.js';

const SECOND = 1e9;
const TWO_32 = 4_294_967_296;

/** How the times of an edge fall. */
export interface Pattern {
  /** Name of the client's service, and of the distribution. */
  name: string;
  connections: number;
  /** Mean of what lies between two exchanges of a connection, ns. */
  pauseNs: number;
  /** From request to first response byte at the client, ns. */
  ttfbNs: (random: Random) => number;
  /** The server is on another machine: its end has no events. */
  clientOnly?: boolean;
  /** Nothing begins in this time, seconds. */
  silence?: readonly [from: number, to: number];
}

/** What was put into an edge, in order of the starts. Times are ns, and those of the server NaN where it has none. */
export interface Known {
  startNs: number[];
  ttfbNs: number[];
  serverNs: number[];
  /** Kept out of all percentiles. */
  flagged: boolean[];
  /** From connect to the end of the handshake, µs; one a connection. */
  connectUs: number[];
}

/** Normally distributed with deviation 1, by the sum of twelve. */
function bell(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}

/** Together about 6,000 exchanges a second. */
export const PATTERNS: readonly Pattern[] = [
  {
    name: 'log-normal',
    connections: 12,
    pauseNs: 3e6,
    ttfbNs: (random) => 5e6 * Math.exp(0.8 * bell(random)),
    silence: [60, 85],
  },
  {
    name: 'bimodal',
    connections: 32,
    pauseNs: 1e6,
    ttfbNs: (random) => (random.chance(0.9) ? 1e6 : 300e6) * (0.9 + 0.2 * random.next()),
  },
  {
    name: 'heavy-tail',
    connections: 24,
    pauseNs: 2e6,
    ttfbNs: (random) => Math.min(100e9, 2e6 * (1 - random.next()) ** (-1 / 1.1)),
  },
  { name: 'constant', connections: 10, pauseNs: 2.7e6, ttfbNs: () => 7.3e6 },
  {
    name: 'tiny',
    connections: 2,
    pauseNs: 1e6,
    ttfbNs: (random) => 1000 + 2000 * random.next(),
    clientOnly: true,
  },
  { name: 'least', connections: 1, pauseNs: 5e6, ttfbNs: () => 1000, clientOnly: true },
  {
    name: 'minutes',
    connections: 40,
    pauseNs: 2e9,
    ttfbNs: (random) => (30 + 90 * random.next()) * SECOND,
  },
  // A few in a window: one, two, three, and often none.
  {
    name: 'sparse',
    connections: 1,
    pauseNs: 5e9,
    ttfbNs: (random) => 1e4 * 10 ** (6 * random.next()),
  },
];

/** One exchange is `flagged` in so many, and then its times are wild. */
const FLAGGED = 0.02;

/** The exchanges of all edges as columns, to be sorted by when their events come out. */
class Exchanges {
  readonly outNs: number[] = [];
  readonly startNs: number[] = [];
  readonly ttfbNs: number[] = [];
  readonly serverNs: number[] = [];
  readonly connection: number[] = [];
  readonly flagged: boolean[] = [];

  add(connection: number, start: number, ttfb: number, server: number, flagged: boolean): number {
    const age = ttfb + 10_000;
    // Long ages are told in milliseconds.
    const out = start + (age < TWO_32 ? age : Math.ceil(age / 1e6) * 1e6);
    this.outNs.push(out);
    this.startNs.push(start);
    this.ttfbNs.push(ttfb);
    this.serverNs.push(server);
    this.connection.push(connection);
    this.flagged.push(flagged);
    return out;
  }
}

/** A length of time as an event has it: microseconds where nanoseconds find no room. */
function representable(ns: number): number {
  return ns < TWO_32 ? Math.round(ns) : Math.round(ns / 1000) * 1000;
}

/** EXCHANGE records, poked into one buffer: millions of objects would take longer than all that is tested. */
class Records {
  readonly #struct = LAYOUT.EXCHANGE.fields;
  readonly #bytes: Buffer;
  readonly #recordBytes = 8 + Math.ceil(LAYOUT.EXCHANGE.size / 8) * 8;
  #length = 0;

  constructor(records: number) {
    this.#bytes = Buffer.alloc(records * this.#recordBytes);
  }

  /** Two more may find no room. */
  get full(): boolean {
    return this.#length + 2 * this.#recordBytes > this.#bytes.length;
  }

  add(cookie: number, pid: number, at: number, age: number, ttfb: number, rest: Rest): void {
    const bytes = this.#bytes;
    const from = this.#length;
    this.#length += this.#recordBytes;
    bytes.fill(0, from, this.#length);
    bytes.writeUInt32LE(LAYOUT.EXCHANGE.size, from);
    const event = from + 8;
    const field = this.#struct;
    const absolute = Number(START_NS) + at;
    const wide = ttfb >= TWO_32;
    const flags = (wide ? Flag.MICROS : 0) | (age >= TWO_32 ? Flag.AGE_MILLIS : 0) | rest.flags;
    bytes.writeUInt32LE(absolute % TWO_32, event + field.ts.offset);
    bytes.writeUInt32LE(Math.floor(absolute / TWO_32), event + field.ts.offset + 4);
    bytes.writeUInt16LE(Kind.EXCHANGE, event + field.kind.offset);
    bytes.writeUInt16LE(flags, event + field.flags.offset);
    bytes.writeUInt32LE(pid, event + field.pid.offset);
    bytes.writeUInt32LE(cookie, event + field.cookie.offset);
    bytes.writeUInt32LE(rest.offset, event + field.offset.offset);
    bytes.writeUInt32LE(age >= TWO_32 ? age / 1e6 : age, event + field.age.offset);
    bytes.writeUInt32LE(wide ? ttfb / 1e3 : ttfb, event + field.ttfb.offset);
    bytes.writeUInt32LE(wide ? ttfb / 1e3 : ttfb, event + field.total.offset);
    bytes.writeUInt32LE(REQUEST_BYTES, event + field.request_bytes.offset);
    bytes.writeUInt32LE(1, event + field.response_bytes.offset);
  }

  /** What was added since the last call. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }
}

function byStart(known: Known): Known {
  const { startNs } = known;
  const order = [...startNs.keys()].sort((a, b) => startNs[a]! - startNs[b]!);
  const sorted = <T>(values: T[]): T[] => order.map((i) => values[i]!);
  return {
    startNs: sorted(startNs),
    ttfbNs: sorted(known.ttfbNs),
    serverNs: sorted(known.serverNs),
    flagged: sorted(known.flagged),
    connectUs: known.connectUs,
  };
}

interface Rest {
  offset: number;
  flags: number;
}

const REQUEST_BYTES = 100;

interface Opened {
  pattern: number;
  built: BuiltConnection;
  client: Actor;
  server: Actor;
}

/** Makes such captures. */
export class KnownTimes {
  /** What each pattern's edge, from `pattern.name` to `server-of-NAME`, must show. */
  readonly known: Known[];
  readonly #builder = new CaptureBuilder();
  readonly #exchanges = new Exchanges();
  readonly #opened: Opened[] = [];
  readonly #random: Random;
  readonly #seconds: number;

  constructor(seed: number, seconds: number) {
    this.#random = new Random(seed);
    this.#seconds = seconds;
    this.#builder.durationMs = seconds * 1000;
    this.known = PATTERNS.map((pattern, n) => this.#make(pattern, n));
  }

  /** Exchanges of all edges. */
  get count(): number {
    return this.#exchanges.outNs.length;
  }

  /** Writes the capture through the recorder's own writer. */
  write(path: string): void {
    this.#builder.write(path, 1000, (writer) => this.#writeExchanges(writer));
  }

  #make(pattern: Pattern, n: number): Known {
    const builder = this.#builder;
    const random = this.#random;
    const client = builder.container(pattern.name, `10.0.${n}.2`);
    const server =
      pattern.clientOnly === true
        ? builder.external(`192.0.2.${n + 1}`)
        : builder.container(`server-of-${pattern.name}`, `10.0.${n}.3`);
    const known: Known = { startNs: [], ttfbNs: [], serverNs: [], flagged: [], connectUs: [] };
    for (let i = 0; i < pattern.connections; i++) {
      const slowMs = Math.round(2e4 * 20 ** random.next()) / 1e6;
      const built = builder.connect(client, server, 8000, i, { slowMs });
      known.connectUs.push(slowMs * 1e3 + 20);
      this.#opened.push({ pattern: n, built, client, server });
      this.#converse(pattern, this.#opened.length - 1, known);
    }
    return byStart(known);
  }

  /** One connection's exchanges, from shortly after its opening to the end. */
  #converse(pattern: Pattern, connection: number, known: Known): void {
    const random = this.#random;
    const silence = pattern.silence ?? [0, 0];
    let at = Math.round(1e9 + pattern.pauseNs * random.next());
    for (;;) {
      if (at >= silence[0] * SECOND && at < silence[1] * SECOND) at = silence[1] * SECOND;
      const flagged = random.chance(FLAGGED);
      const ttfb = representable(
        flagged ? 1000 * 10 ** (6 * random.next()) : pattern.ttfbNs(random),
      );
      const served = representable(ttfb * (0.2 + 0.7 * random.next()));
      const server = pattern.clientOnly === true ? NaN : Math.max(1000, served);
      if (at + ttfb + 2e6 > this.#seconds * SECOND) return;
      const out = this.#exchanges.add(connection, at, ttfb, server, flagged);
      known.startNs.push(at);
      known.ttfbNs.push(ttfb);
      known.serverNs.push(server);
      known.flagged.push(flagged);
      at = Math.round(out - Math.log(1 - random.next()) * pattern.pauseNs);
    }
  }

  #writeExchanges(writer: CaptureWriter): void {
    const { outNs, startNs, ttfbNs, serverNs, connection, flagged } = this.#exchanges;
    const order = Uint32Array.from(outNs.keys()).sort((a, b) => outNs[a]! - outNs[b]!);
    const records = new Records(2000);
    const offsets = new Uint32Array(this.#opened.length);
    for (const at of order) {
      const of = connection[at]!;
      const { built, client, server } = this.#opened[of]!;
      const rest = { offset: offsets[of]!, flags: flagged[at]! ? Flag.OVERLAP : 0 };
      offsets[of]! += REQUEST_BYTES;
      const age = outNs[at]! - startNs[at]!;
      records.add(built.clientCookie, client.pid, outNs[at]!, age, ttfbNs[at]!, rest);
      if (!Number.isNaN(serverNs[at]!))
        records.add(built.serverCookie, server.pid, outNs[at]!, age, serverNs[at]!, rest);
      if (records.full) writer.writeBlock(BlockKind.EVENTS, records.take());
    }
    writer.writeBlock(BlockKind.EVENTS, records.take());
  }
}
