/**
 * `node bench/synthetic.mjs EVENTS FILE [SEED]`: writes a capture of a synthetic load, as the recorder would, through the
 * recorder's own writer.
 */
import { pathToFileURL } from 'node:url';
import { CensusPhase } from '../dist/capture/blocks.js';
import { currentLayout } from '../dist/capture/events.js';
import { LAYOUT, Role } from '../dist/capture/layout.gen.js';
import { CaptureWriter } from '../dist/capture/writer.js';
import { RATE, SyntheticLoad } from './synthetic-load.mjs';

const START_NS = 5_000_000_000_000;
const START_WALL_MS = 1_750_000_000_000;
/** The recorder drains the ring so often. */
const DRAIN_NS = 50e6;
const SECOND_NS = 1e9;
const RECORD_HEADER_BYTES = 8;

/** Writes structs of all kinds into a buffer, one behind the other. */
class Structs {
  #buffer = Buffer.alloc(1 << 22);
  length = 0;

  /** @param header leave room for the ring's record header and fill it. */
  add(name, at, fields, header = true) {
    const { kind, size, fields: layout } = LAYOUT[name];
    if (header) {
      this.#buffer.writeUInt32LE(size, this.length);
      this.#buffer.writeUInt32LE(0, this.length + 4);
      this.length += RECORD_HEADER_BYTES;
    }
    this.#buffer.fill(0, this.length, this.length + size);
    this.#number(layout.ts, START_NS + Math.floor(at));
    this.#number(layout.kind, kind);
    for (const field in fields) if (field in layout) this.#field(layout[field], fields[field]);
    this.length += size;
  }

  /** What was added since the last call. */
  take() {
    const taken = this.#buffer.subarray(0, this.length);
    this.length = 0;
    return taken;
  }

  #field(where, value) {
    if (typeof value === 'number') this.#number(where, value);
    else if (typeof value === 'string')
      this.#buffer.write(value, this.length + where.offset, where.count - 1);
    else this.#address(where, value);
  }

  #number({ offset, size }, value) {
    const at = this.length + offset;
    if (size === 1) this.#buffer[at] = value;
    else if (size === 2) this.#buffer.writeUInt16LE(value & 0xffff, at);
    else this.#buffer.writeUInt32LE(value >>> 0, at);
    if (size === 8) this.#buffer.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
  }

  #address({ offset }, [a, b, c, d]) {
    const at = this.length + offset;
    this.#buffer[at + 10] = this.#buffer[at + 11] = 255;
    this.#buffer.set([a, b, c, d], at + 12);
  }
}

const host = {
  hostname: 'bench',
  kernel: '6.18',
  machine: 'x86_64',
  bootId: '00000000-0000-4000-8000-000000000000',
  cpus: 2,
  memoryBytes: 2 ** 33,
  recorder: 'dhrishti bench',
  startedMono: String(START_NS),
  startedWallMs: START_WALL_MS,
  ringBytes: 2 ** 24,
  plan: [],
  filter: { ports: [], containers: [], netns: [] },
  command: null,
  hostNetns: 4026531840,
};

function container({ name, address, pid, netns, cgroup }) {
  return {
    id: pid.toString(16).padStart(64, 'b'),
    name: `bench-${name}-1`,
    image: `${name}:1`,
    labels: { 'com.docker.compose.project': 'bench', 'com.docker.compose.service': name },
    pid,
    cgroup: String(cgroup),
    netns,
    hostNetwork: false,
    networks: [{ name: 'bench_default', addresses: [address.join('.')] }],
    ports: [],
    state: 'running',
  };
}

const absolute = (ns) => String(START_NS + Math.floor(ns));

/** Writes a capture of so many events, of a load of so many requests a second; gives its length in nanoseconds. */
export function writeSynthetic(file, events, seed = 1, requests = RATE) {
  const writer = new CaptureWriter(file);
  const structs = new Structs();
  let count = 0;
  const load = new SyntheticLoad(
    seed,
    (kind, at, fields) => {
      structs.add(kind, at, fields);
      count++;
    },
    requests,
  );
  writer.host(host);
  writer.layout(currentLayout());
  const clock = (ns) =>
    writer.clock(BigInt(absolute(ns)), BigInt(START_WALL_MS * 1e6 + Math.floor(ns)));
  clock(0);
  writer.workloads({ at: absolute(0), what: 'list', containers: load.services.map(container) });
  writer.census(BigInt(START_NS), CensusPhase.START, new Uint8Array(0), 0);
  const listeners = load.services.map((s, n) => ({
    cookie: n + 1,
    pid: s.pid,
    cgroup: s.cgroup,
    netns: s.netns,
    sport: s.port,
    role: Role.LISTENER,
    family: 2,
    saddr: [0, 0, 0, 0],
    daddr: [0, 0, 0, 0],
    state: 10,
    backlog: 511,
  }));
  load.services.forEach((s, n) => {
    structs.add('PROCESS', 0, { ...s, started: n + 1, ppid: 1, comm: s.name, exe: s.name });
    structs.add('LISTEN', 0, listeners[n]);
    count += 2;
  });
  let drainedNs = 0;
  let toldNs = 0;
  let bytes = 0;
  let at = 0;
  while (count < events) {
    at = load.step();
    if (at - drainedNs < DRAIN_NS) continue;
    bytes += structs.length;
    writer.events(structs.take());
    drainedNs = at;
    if (at - toldNs < SECOND_NS) continue;
    clock(at);
    writer.stats({
      at: absolute(at),
      lost: {},
      ringBytes: 2 ** 24,
      ringHighWater: 2 ** 18,
      programs: [],
      cpuUs: at / 1e4,
      rssBytes: 6e7,
      eventBytes: bytes,
    });
    toldNs = at;
  }
  writer.events(structs.take());
  const endNs = at + DRAIN_NS;
  let rows = 0;
  for (const row of [...listeners, ...load.open()]) {
    structs.add('CENSUS', endNs, row, false);
    rows++;
  }
  writer.census(BigInt(absolute(endNs)), CensusPhase.END, structs.take(), rows);
  clock(endNs);
  writer.end({ at: absolute(endNs), reason: 'duration' });
  writer.finish();
  return endNs;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [events, file, seed] = process.argv.slice(2);
  writeSynthetic(file, Number(events), Number(seed ?? 1));
}
