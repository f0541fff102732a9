/**
 * How the two ends of a connection find each other without their numbers, against walks over all sockets; and that the
 * work does not grow with those that are of no use, however a capture was made. Work is counted, not timed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Callers } from '../../src/analyze/correlate/callers.js';
import { Singles } from '../../src/analyze/correlate/singles.js';
import { isInverseTuple } from '../../src/analyze/correlate/tuples.js';
import { Ends } from '../../src/analyze/ends.js';
import { Listeners } from '../../src/analyze/listeners.js';
import { Socket } from '../../src/analyze/socket.js';

const SEED = 20_261_124;
const SERVER = '10.0.0.1';
const ends = new Ends(64);
let cookies = 0;

function client(localAddr: string, localPort: number, openedNs: number, remotePort = 80): Socket {
  const end = { cgroup: 0, netns: 1, localAddr, localPort, remoteAddr: SERVER, remotePort };
  const socket = new Socket(++cookies, 'client', end, ends);
  socket.openedNs = openedNs;
  return socket;
}

function server(remoteAddr: string, remotePort: number, atNs: number, localPort = 80): Socket {
  const end = { cgroup: 0, netns: 2, localAddr: SERVER, localPort, remoteAddr, remotePort };
  const socket = new Socket(++cookies, 'server', end, ends);
  socket.establishedNs = atNs;
  socket.isnLocal = cookies;
  return socket;
}

/** Who called last of those who still call, the slow way. */
function slowly(calling: readonly Socket[], { end, establishedNs }: Socket): Socket | null {
  return (
    calling.findLast(
      ({ end: own, openedNs, retransmits }) =>
        establishedNs - openedNs <= 200e6 &&
        retransmits === 0 &&
        own.remoteAddr === end.localAddr &&
        own.remotePort === end.localPort &&
        own.localAddr === end.remoteAddr &&
        (own.localPort === 0 || own.localPort === end.remotePort),
    ) ?? null
  );
}

const address = fc.constantFrom('10.0.0.2', '10.0.0.3');
const step = fc.oneof(
  fc.record({
    what: fc.constant('call' as const),
    address,
    port: fc.constantFrom(0, 0, 0, 41_000, 41_001),
    remotePort: fc.constantFrom(80, 81),
  }),
  fc.record({
    what: fc.constant('answer' as const),
    address,
    port: fc.constantFrom(41_000, 41_001, 41_002),
    remotePort: fc.constantFrom(80, 81),
  }),
  fc.record({ what: fc.constant('hangUp' as const), pick: fc.nat(20) }),
  fc.record({ what: fc.constant('resend' as const), pick: fc.nat(20) }),
);

describe('callers', () => {
  it('are found as a walk over all of them finds them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(90)), { maxLength: 60 }), (steps) => {
        const callers = new Callers();
        const all: Socket[] = [];
        let calling: Socket[] = [];
        let nowNs = 0;
        for (const [one, laterMs] of steps) {
          nowNs += laterMs * 1e6;
          if (one.what === 'call') {
            const made = client(one.address, one.port, nowNs, one.remotePort);
            all.push(made);
            calling.push(made);
            callers.add(made);
          } else if (one.what === 'answer') {
            const up = server(one.address, one.port, nowNs, one.remotePort);
            const expected = slowly(calling, up);
            expect(callers.callerOf(up)).toBe(expected);
            if (expected !== null) expect(expected.end.localPort).toBe(one.port);
            calling = calling.filter((other) => other !== expected);
          } else {
            const picked = all[one.pick];
            if (picked === undefined) continue;
            if (one.what === 'resend') picked.retransmits++;
            else {
              callers.hangUp(picked);
              calling = calling.filter((other) => other !== picked);
            }
          }
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it.each([
    ['others call the same server', '10.0.9.9', 0, 0],
    ['they had to send again', '10.0.0.2', 0, 1],
    ['they call from another port', '10.0.0.2', 40_000, 0],
  ])('cost nothing where %s', (_, from, port, retransmits) => {
    const callers = new Callers();
    let looks = 0;
    for (let i = 0; i < 10_000; i++) {
      const socket = client(from, port, 0);
      socket.retransmits = retransmits;
      Object.defineProperty(socket, 'openedNs', { get: () => (looks++, 0) });
      callers.add(socket);
    }
    for (let i = 0; i < 10_000; i++) callers.callerOf(server('10.0.0.2', 41_000, 1));
    expect(looks).toBeLessThanOrEqual(10_000);
  });
});

describe('servers without a client', () => {
  it('are found by their tuple as a walk over all of them finds them, oldest first', () => {
    const port = fc.constantFrom(41_000, 41_001, 41_002);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(address, port, fc.boolean()), { maxLength: 40 }),
        address,
        port,
        (made, from, fromPort) => {
          const singles = new Singles();
          let left: Socket[] = [];
          for (const [at, atPort, goes] of made) {
            const socket = server(at, atPort, 0);
            singles.add(socket);
            left.push(socket);
            // A port that is told later must not hide it.
            if (goes) {
              const gone = left[0]!;
              gone.end.remotePort = 7;
              singles.remove(gone);
              left = left.slice(1);
            }
          }
          const asking = client(from, fromPort, 0);
          expect([...singles.inverseServers(asking)]).toEqual(
            left.filter((socket) => isInverseTuple(asking, socket)),
          );
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe('listeners of a namespace', () => {
  it('are as many as their owners, however often each listened', () => {
    const listeners = new Listeners();
    for (let cookie = 1; cookie <= 10_000; cookie++) {
      const end = client('0.0.0.0', cookie % 60_000, 0).end;
      listeners.add(cookie, { ...end, cgroup: cookie % 3 }, 5, null);
      listeners.close(cookie);
    }
    expect(listeners.ownersIn(1)).toBe(3);
    expect([...listeners.in(1)]).toHaveLength(3);
  });
});
