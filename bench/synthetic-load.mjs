/**
 * A load that never was, event by event: services that call each other on keep-alive and on short connections, with
 * failures. Seeded: equal arguments give equal events. Each connection is a chain of phases that both
 * its ends go through, and waits in one heap for its next one, so that events come in order of time.
 */
import { Flag, Role } from '../dist/capture/layout.gen.js';
import { Heap } from './heap.mjs';

export const SERVICES = 200;
export const EDGES = 2000;
/** Requests a second of all edges together: what two cores can produce at most. */
export const RATE = 70_000;
/** Busiest edges have so many connections at a time. */
const MAX_POOL = 32;
/** Share of connections that serve one request only; of keep-alive ones, requests before they are opened anew. */
const SHORT = 0.03;
const KEEP_ALIVE = 2000;
/** Shares of attempts that are refused, and of connections that the server resets. */
const REFUSED = 0.01;
const RESET = 0.005;
const RETRANSMIT = 0.0002;

const HOP_NS = 20_000;
const ECONNREFUSED = 111;
const TCP = { SYN_SENT: 2, ESTABLISHED: 1, LAST_ACK: 9, FIN_WAIT2: 5 };

const Phase = { CONNECT: 0, CLIENT_UP: 1, SERVER_UP: 2, ACCEPT: 3, CLIENT: 4, SERVER: 5, END: 6 };

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A service in a container of its own. */
export function service(n) {
  return {
    name: `service-${String(n).padStart(3, '0')}`,
    address: [10, 1, n >> 8, n & 255],
    pid: 1000 + n,
    netns: 4026532000 + n,
    cgroup: 5000 + n,
    port: 8000 + n,
  };
}

class Slot {
  phase = Phase.CONNECT;
  connection = 0;
  left = 0;
  requests = 0;
  offset = 0;
  received = 0;
  startNs = 0;
  ttfbNs = 0;
  refused = false;

  constructor(edge, short) {
    this.edge = edge;
    this.short = short;
  }

  get clientCookie() {
    return 1_000_000 + 2 * this.connection;
  }

  get serverCookie() {
    return 1_000_001 + 2 * this.connection;
  }
}

export class SyntheticLoad {
  #random;
  #emit;
  #slots = [];
  #heap;
  #connections = 0;

  /**
   * @param emit called with kind, time in ns since the start and the event's fields.
   * @param requests a second, of all edges together.
   */
  constructor(seed, emit, requests = RATE) {
    this.#random = seeded(seed);
    this.#emit = emit;
    this.services = Array.from({ length: SERVICES }, (_, n) => service(n));
    this.#makeSlots(requests);
    this.#heap = new Heap(this.#slots.length);
    this.#slots.forEach((_, i) => this.#heap.push(this.#random() * 1e9, i));
  }

  /** Sockets that are established now: their ends as a census has them. */
  *open() {
    for (const slot of this.#slots) {
      if (slot.phase <= Phase.SERVER_UP || slot.phase === Phase.END) continue;
      const end = { bytes_sent: slot.offset, bytes_received: slot.received, state: 1 };
      yield { ...this.#client(slot), ...end, pid: slot.edge.client.pid };
      if (slot.phase > Phase.ACCEPT)
        yield { ...this.#server(slot), ...end, pid: slot.edge.server.pid };
    }
  }

  /** Lets the next thing happen; gives its time. */
  step() {
    const heap = this.#heap;
    const at = heap.least;
    const slot = this.#slots[heap.top];
    heap.replace(at + this.#advance(slot, at));
    return at;
  }

  #makeSlots(requests) {
    const seen = new Set();
    const edges = [];
    while (edges.length < EDGES) {
      const [a, b] = [0, 0].map(() => Math.floor(this.#random() * SERVICES));
      if (a === b || seen.has(a * SERVICES + b)) continue;
      seen.add(a * SERVICES + b);
      edges.push({
        client: this.services[a],
        server: this.services[b],
        weight: (edges.length + 1) ** -0.8,
      });
    }
    const all = edges.reduce((sum, edge) => sum + edge.weight, 0);
    for (const edge of edges) {
      const rate = (requests * edge.weight) / all;
      const pool = Math.min(MAX_POOL, 1 + Math.floor(rate / 20));
      edge.medianNs = 10 ** (5 + 1.5 * this.#random());
      edge.pauseNs = (1e9 * pool) / rate;
      for (let i = 0; i < pool; i++) this.#slots.push(new Slot(edge, this.#random() < SHORT));
    }
  }

  /** What happens to a slot now; gives how long until its next phase. */
  #advance(slot, at) {
    switch (slot.phase) {
      case Phase.CONNECT:
        return this.#connect(slot, at);
      case Phase.CLIENT_UP:
        return this.#clientUp(slot, at);
      case Phase.SERVER_UP:
        this.#emit('ESTABLISHED', at, { ...this.#server(slot), ...this.#isns(slot, true) });
        slot.phase = Phase.ACCEPT;
        return HOP_NS;
      case Phase.ACCEPT:
        this.#emit('ACCEPT', at, { pid: slot.edge.server.pid, cookie: slot.serverCookie });
        slot.phase = Phase.CLIENT;
        return HOP_NS;
      case Phase.CLIENT:
        return this.#clientTurn(slot, at);
      case Phase.SERVER:
        return this.#serverTurn(slot, at);
      default:
        return this.#end(slot, at);
    }
  }

  #connect(slot, at) {
    slot.connection = this.#connections++;
    slot.left = slot.short ? 1 : Math.ceil(KEEP_ALIVE * (0.5 + this.#random()));
    slot.offset = slot.received = slot.requests = 0;
    slot.ttfbNs = 0;
    slot.refused = this.#random() < REFUSED;
    this.#emit('CONNECT', at, { ...this.#client(slot), sport: 0, pid: slot.edge.client.pid });
    slot.phase = Phase.CLIENT_UP;
    return 2 * HOP_NS;
  }

  #clientUp(slot, at) {
    const { edge } = slot;
    if (slot.refused) {
      const end = { err: ECONNREFUSED, old_state: TCP.SYN_SENT, role: Role.CLIENT };
      this.#emit('CLOSE', at, {
        pid: edge.client.pid,
        cookie: slot.clientCookie,
        sport: this.#port(slot),
        ...end,
      });
      slot.phase = Phase.CONNECT;
      return this.#pause(slot);
    }
    this.#emit('ESTABLISHED', at, { ...this.#client(slot), ...this.#isns(slot, false) });
    slot.phase = Phase.SERVER_UP;
    return HOP_NS;
  }

  /** A request leaves: the event tells the turn before. */
  #clientTurn(slot, at) {
    const { edge } = slot;
    if (slot.requests > 0) this.#exchange(slot, at, edge.client.pid, slot.clientCookie, 0);
    if (this.#random() < RETRANSMIT) {
      const far = { daddr: edge.server.address, dport: edge.server.port, sport: this.#port(slot) };
      this.#emit('RETRANSMIT', at, {
        cookie: slot.clientCookie,
        netns: edge.client.netns,
        state: TCP.ESTABLISHED,
        ...far,
      });
    }
    slot.phase = Phase.SERVER;
    return HOP_NS;
  }

  #serverTurn(slot, at) {
    if (slot.requests > 0) {
      this.#exchange(slot, at, slot.edge.server.pid, slot.serverCookie, HOP_NS);
      slot.offset += 200 + (slot.requests & 255);
      slot.received += 1000;
    }
    slot.requests++;
    slot.startNs = at - HOP_NS;
    const bell = this.#random() + this.#random() + this.#random() - 1.5;
    slot.ttfbNs = slot.edge.medianNs * 3 ** bell;
    slot.phase = --slot.left > 0 ? Phase.CLIENT : Phase.END;
    return slot.phase === Phase.CLIENT
      ? Math.max(this.#pause(slot), 1.2 * slot.ttfbNs)
      : 1.3 * slot.ttfbNs;
  }

  #exchange(slot, at, pid, cookie, laterNs) {
    const ttfb = slot.ttfbNs - 2 * laterNs;
    const total = Math.ceil(1.1 * slot.ttfbNs) - 2 * laterNs;
    const age = at - slot.startNs - laterNs;
    this.#emit('EXCHANGE', at, {
      pid,
      cookie,
      flags: age < 2 ** 32 ? 0 : Flag.AGE_MILLIS,
      offset: slot.offset,
      age: age < 2 ** 32 ? age : age / 1e6,
      ttfb,
      total,
      request_bytes: 200 + (slot.requests & 255),
      response_bytes: 1000,
    });
  }

  /** Both ends close, or the server resets. */
  #end(slot, at) {
    const { edge } = slot;
    const client = { pid: edge.client.pid, cookie: slot.clientCookie };
    const server = { pid: edge.server.pid, cookie: slot.serverCookie };
    this.#exchange(slot, at, client.pid, client.cookie, 0);
    this.#exchange(slot, at, server.pid, server.cookie, HOP_NS);
    slot.offset += 200 + (slot.requests & 255);
    slot.received += 1000;
    const reset = this.#random() < RESET;
    const sent = reset ? Flag.RST_RECEIVED : Flag.FIN_SENT;
    const received = reset ? Flag.RST_SENT : Flag.FIN_RECEIVED;
    const kind = reset ? 'RESET' : 'FIN';
    this.#emit(kind, at + 1, { ...client, flags: sent, state: TCP.ESTABLISHED });
    this.#emit(kind, at + 2, { ...server, flags: received, state: TCP.ESTABLISHED });
    if (!reset) {
      this.#emit(kind, at + 3, { ...server, flags: Flag.FIN_SENT });
      this.#emit(kind, at + 4, { ...client, flags: Flag.FIN_RECEIVED });
    }
    const close = { flags: sent | received | Flag.ACCEPTED, srtt_us: 40, exchanges: slot.requests };
    const clientSums = {
      bytes_sent: slot.offset,
      bytes_received: slot.received,
      role: Role.CLIENT,
    };
    const serverSums = {
      bytes_sent: slot.received,
      bytes_received: slot.offset,
      role: Role.SERVER,
    };
    this.#emit('CLOSE', at + 5, {
      ...client,
      ...close,
      ...clientSums,
      flags: reset ? Flag.RST_RECEIVED : close.flags,
      sport: this.#port(slot),
      old_state: TCP.FIN_WAIT2,
    });
    this.#emit('CLOSE', at + 6, {
      ...server,
      ...close,
      ...serverSums,
      flags: (reset ? Flag.RST_SENT : close.flags) | Flag.ACCEPTED,
      sport: edge.server.port,
      old_state: TCP.LAST_ACK,
    });
    slot.phase = Phase.CONNECT;
    return this.#pause(slot);
  }

  #pause({ edge }) {
    return -Math.log(1 - this.#random()) * edge.pauseNs + 10 * HOP_NS;
  }

  /** The client's port: from the usual range. */
  #port({ connection }) {
    return 32768 + (connection % 28000);
  }

  #isns({ connection }, server) {
    const pair = [
      Math.imul(connection, 2_654_435_761) >>> 0,
      Math.imul(connection + 1, 2_246_822_519) >>> 0,
    ];
    return server
      ? { isn_local: pair[1], isn_remote: pair[0] }
      : { isn_local: pair[0], isn_remote: pair[1] };
  }

  #client(slot) {
    const { client, server } = slot.edge;
    return {
      cookie: slot.clientCookie,
      cgroup: client.cgroup,
      netns: client.netns,
      role: Role.CLIENT,
      family: 2,
      saddr: client.address,
      daddr: server.address,
      sport: this.#port(slot),
      dport: server.port,
    };
  }

  #server(slot) {
    const { client, server } = slot.edge;
    return {
      cookie: slot.serverCookie,
      cgroup: server.cgroup,
      netns: server.netns,
      role: Role.SERVER,
      family: 2,
      saddr: server.address,
      daddr: client.address,
      sport: server.port,
      dport: this.#port(slot),
    };
  }
}
