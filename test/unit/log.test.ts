/** Events in words: known events on one side, whole lines on the other. */
import { describe, expect, it } from 'vitest';
import { EventLog } from '../../src/analyze/log.js';
import type { LogEntry } from '../../src/analyze/log.js';
import { BlockKind } from '../../src/capture/blocks.js';
import type { ContainerBody } from '../../src/capture/blocks.js';
import { Flag, Kind, LAYOUT, Role } from '../../src/capture/layout.gen.js';
import { entryText, wanted } from '../../src/cli/log.js';
import { CaptureReader } from '../../src/capture/reader.js';
import { captureBytes, chunked, hostBody, ringRecord } from '../support/capture.js';

type KindName = keyof typeof LAYOUT;
type Values = Record<string, number | bigint | string>;

const START = 1_000_000_000n;

/** An event of a kind; `ms` is its time since the start. Addresses are IPv4 in dots, text is text. */
function event(kind: KindName, ms: number, values: Values): Buffer {
  const { size, fields } = LAYOUT[kind];
  const bytes = Buffer.alloc(size);
  const all: Values = { ...values, ts: START + BigInt(ms) * 1_000_000n, kind: Kind[kind] };
  for (const [name, value] of Object.entries(all)) {
    const field = (fields as Record<string, { offset: number; size: number; count: number }>)[name];
    if (field === undefined) throw new Error(`${kind} has no field ${name}`);
    if (typeof value === 'string' && name.endsWith('addr')) {
      bytes.set([0xff, 0xff, ...value.split('.').map(Number)], field.offset + 10);
    } else if (typeof value === 'string') {
      bytes.write(value, field.offset);
    } else if (field.size === 8) {
      bytes.writeBigInt64LE(BigInt(value), field.offset);
    } else {
      bytes.writeUIntLE(Number(value), field.offset, field.size);
    }
  }
  return bytes;
}

const CLIENT = { saddr: '10.0.0.2', daddr: '10.0.0.3', dport: 80, role: Role.CLIENT, cgroup: 42 };
const SERVER = { saddr: '10.0.0.3', daddr: '10.0.0.2', sport: 80, dport: 4000, cgroup: 43 };

const auth: ContainerBody = {
  id: 'f'.repeat(64),
  name: 'shop-auth-1',
  image: 'shop/auth',
  labels: { 'com.docker.compose.service': 'auth' },
  pid: 77,
  cgroup: '43',
  netns: 9,
  hostNetwork: false,
  networks: [{ name: 'shop', addresses: ['10.0.0.3'] }],
  ports: [],
  state: 'running',
};

const STORY = [
  event('PROCESS', 1, { pid: 5, ppid: 1, comm: 'curl', exe: 'curl' }),
  event('LISTEN', 2, {
    pid: 77,
    cookie: 1,
    ...SERVER,
    dport: 0,
    role: Role.LISTENER,
    backlog: 511,
  }),
  event('CONNECT', 3, { pid: 5, cookie: 2, ...CLIENT }),
  event('ESTABLISHED', 4, { cookie: -3, ...SERVER, role: Role.SERVER }),
  event('ESTABLISHED', 4, { cookie: 2, ...CLIENT, sport: 4000 }),
  event('ACCEPT', 5, { pid: 77, cookie: -3 }),
  event('EXCHANGE', 6, {
    cookie: 2,
    request_bytes: 78,
    response_bytes: 2048,
    age: 2_000_000,
    ttfb: 1_200_000,
    total: 1_500_000,
    flags: Flag.OVERLAP,
  }),
  event('EXCHANGE', 7, {
    cookie: 2,
    age: 5,
    request_bytes: 10,
    flags: Flag.NO_RESPONSE | Flag.AGE_MILLIS,
  }),
  event('RETRANSMIT', 8, { cookie: 2, state: 1 }),
  event('RETRANSMIT', 8, { cookie: 1, daddr: '10.0.0.9', dport: 999, flags: Flag.SYNACK }),
  event('FIN', 9, { cookie: 2, old_state: 1, new_state: 4, flags: Flag.FIN_SENT }),
  event('RESET', 10, { cookie: -3, state: 8, flags: Flag.RST_SENT }),
  event('CLOSE', 11, {
    cookie: 2,
    old_state: 4,
    err: 104,
    bytes_sent: 88,
    bytes_received: 2048,
    srtt_us: 50,
    retransmits: 1,
  }),
  event('CONNECT', 12, { pid: 5, cookie: 4, ...CLIENT, dport: 81 }),
  event('CLOSE', 13, { cookie: 4, old_state: 2, err: 111, sport: 4001 }),
  event('CLOSE', 14, { cookie: 99, old_state: 1 }),
  event('CGROUP', 15, { id: 44, path: '/system.slice/x', flags: Flag.DIED }),
];

function entriesOf(story: readonly Buffer[]): LogEntry[] {
  const bytes = captureBytes((writer) => {
    writer.host(hostBody({ startedMono: String(START) }));
    writer.events(Buffer.concat(story.map((one) => ringRecord(one))));
    // The engine's list may come later than the first connections.
    writer.workloads({ at: String(START + 9_000_000n), what: 'list', containers: [auth] });
  });
  const read = (): CaptureReader => new CaptureReader(chunked(bytes, [64]), { name: 'x' });
  const log = new EventLog();
  for (const block of read()) log.foresee(block);
  return Array.from(read()).flatMap((block) =>
    block.kind === BlockKind.HOST ? [] : Array.from(log.take(block)),
  );
}

describe('log', () => {
  it('tells each event with its service, socket and addresses', () => {
    expect(entriesOf(STORY).map(entryText)).toEqual([
      '    0.001000  curl  process 5 is curl (curl), child of 1',
      '    0.002000  auth  #1  10.0.0.3:80  listens, backlog 511',
      '    0.003000  curl  #2  10.0.0.2:? → 10.0.0.3:80  connects',
      '    0.004000  auth  #-3  10.0.0.3:80 ← 10.0.0.2:4000  handshake done, waits to be accepted',
      '    0.004000  curl  #2  10.0.0.2:4000 → 10.0.0.3:80  connected',
      '    0.005000  auth  #-3  10.0.0.3:80 ← 10.0.0.2:4000  accepted by process 77',
      '    0.006000  curl  #2  10.0.0.2:4000 → 10.0.0.3:80  exchange, 78 B asked at 0.004000, 2 KiB answered, first byte after 1.2 ms, last after 1.5 ms  [OVERLAP]',
      '    0.007000  curl  #2  10.0.0.2:4000 → 10.0.0.3:80  exchange without a response, 10 B asked at 0.002000  [NO_RESPONSE]',
      '    0.008000  curl  #2  10.0.0.2:4000 → 10.0.0.3:80  sent a segment again in ESTABLISHED',
      '    0.008000  auth  #1  10.0.0.3:80  sent SYN-ACK again to 10.0.0.9:999  [SYNACK]',
      '    0.009000  curl  #2  10.0.0.2:4000 → 10.0.0.3:80  sent FIN, ESTABLISHED → FIN_WAIT1  [FIN_SENT]',
      '    0.010000  auth  #-3  10.0.0.3:80 ← 10.0.0.2:4000  sent RST in CLOSE_WAIT  [RST_SENT]',
      '    0.011000  curl  #2  10.0.0.2:4000 → 10.0.0.3:80  closed from FIN_WAIT1, ECONNRESET, 88 B sent, 2 KiB received, 1 segment sent again, round trip 50 µs',
      '    0.012000  curl  #4  10.0.0.2:? → 10.0.0.3:81  connects',
      '    0.013000  curl  #4  10.0.0.2:4001 → 10.0.0.3:81  closed from SYN_SENT, ECONNREFUSED, 0 B sent, 0 B received',
      '    0.014000  -  #99  closed from ESTABLISHED, 0 B sent, 0 B received',
      '    0.015000  -  cgroup 44 removed: /system.slice/x  [DIED]',
    ]);
  });

  it('keeps what --failed and --service ask for', () => {
    const entries = entriesOf(STORY);
    const told = (given: { failed?: boolean; service?: string }): string[] =>
      entries
        .filter((entry) => wanted(entry, given))
        .map((e) => `${String(e.atNs / 1e6)} ${e.event}`);
    expect(told({ failed: true })).toEqual(['10 RESET', '11 CLOSE', '13 CLOSE']);
    expect(told({ failed: true, service: 'auth' })).toEqual(['10 RESET']);
  });

  it('gives a JSON object with the same facts', () => {
    const refused = entriesOf(STORY).find((entry) => entry.text.includes('ECONNREFUSED'));
    expect(JSON.parse(JSON.stringify(refused))).toEqual({
      atNs: 13_000_000,
      event: 'CLOSE',
      socket: 4,
      role: 'client',
      service: 'curl',
      local: { address: '10.0.0.2', port: 4001 },
      remote: { address: '10.0.0.3', port: 81 },
      failed: true,
      flags: [],
      text: 'closed from SYN_SENT, ECONNREFUSED, 0 B sent, 0 B received',
    });
  });

  it('prints no control characters of a name', () => {
    const [entry] = entriesOf([event('PROCESS', 1, { pid: 5, comm: 'a\u001b[2Jb', exe: 'a\nb' })]);
    expect(entryText(entry!)).not.toMatch(/[\u0000-\u001f]/);
  });
});
