/** How connections end: each way, made by hand, against the verdict that a person would give. */
import { describe, expect, it } from 'vitest';
import { Flag } from '../../../src/capture/layout.gen.js';
import type { Connection } from '../../../src/analyze/model.js';
import { analyzed } from '../../support/analysis.js';
import type { Actor, BuiltConnection } from '../../support/capture-builder.js';
import { CaptureBuilder } from '../../support/capture-builder.js';

type Scene = (capture: CaptureBuilder, client: Actor, server: Actor) => unknown;
type Expected = Pick<Connection, 'verdict' | 'connState' | 'errno' | 'closedBy'>;

/** Connects at 1 s; the server listens on 8081. */
function open(capture: CaptureBuilder, client: Actor, server: Actor): BuiltConnection {
  return capture.connect(client, server, 8081, 1000);
}

const CASES: [what: string, scene: Scene, expected: Expected][] = [
  [
    'closed by the client',
    (c, a, b) => open(c, a, b).exchange(1001, 2).close(1010, 'client'),
    { verdict: 'ok', connState: 'SF', errno: null, closedBy: 'client' },
  ],
  [
    'closed by the server',
    (c, a, b) => open(c, a, b).exchange(1001, 2).close(1010, 'server'),
    { verdict: 'ok', connState: 'SF', errno: null, closedBy: 'server' },
  ],
  [
    'both closed before they heard of each other',
    (c, a, b) => {
      const both = { flags: Flag.FIN_SENT | Flag.FIN_RECEIVED };
      open(c, a, b)
        .fin(1010, 'client', 'sent')
        .fin(1010.001, 'server', 'sent')
        .fin(1010.02, 'client', 'received')
        .fin(1010.021, 'server', 'received')
        .end(1010.1, 'client', both)
        .end(1010.1, 'server', both);
    },
    { verdict: 'ok', connState: 'SF', errno: null, closedBy: 'both' },
  ],
  [
    'good, and 9 ms long',
    (c, a, b) => open(c, a, b).exchange(1000.1, 1).close(1009),
    { verdict: 'ok', connState: 'SF', errno: null, closedBy: 'client' },
  ],
  [
    'the client closed, and its kernel did not wait for the other FIN',
    (c, a, b) =>
      open(c, a, b)
        .fin(1010, 'client', 'sent')
        .end(1010.02, 'client', { flags: Flag.FIN_SENT, old_state: 5 })
        .fin(1010.02, 'server', 'received')
        .fin(1010.03, 'server', 'sent')
        .end(1010.04, 'server', { flags: Flag.FIN_SENT | Flag.FIN_RECEIVED, old_state: 9 }),
    { verdict: 'ok', connState: 'SF', errno: null, closedBy: 'client' },
  ],
  [
    'a process wrote once more after a clean end',
    (c, a, b) => {
      const both = Flag.FIN_SENT | Flag.FIN_RECEIVED;
      open(c, a, b)
        .fin(1010, 'client', 'sent')
        .fin(1010.02, 'server', 'received')
        .fin(1010.03, 'server', 'sent')
        .end(1010.04, 'client', { flags: both, old_state: 5 })
        .end(1010.05, 'server', { flags: both, old_state: 9, err: 32 });
    },
    { verdict: 'ok', connState: 'SF', errno: null, closedBy: 'client' },
  ],
  [
    'reset by the client',
    (c, a, b) => open(c, a, b).exchange(1001, 2).reset(1010, 'client', 7),
    { verdict: 'reset_by_client', connState: 'RSTO', errno: 'ECONNRESET', closedBy: 'client' },
  ],
  [
    'reset by the server',
    (c, a, b) => open(c, a, b).exchange(1001, 2).reset(1010, 'server'),
    { verdict: 'reset_by_server', connState: 'RSTR', errno: 'ECONNRESET', closedBy: 'server' },
  ],
  [
    'no answer to what was sent',
    (c, a, b) => open(c, a, b).end(9000, 'client', { err: 110 }).end(9000, 'server', { err: 110 }),
    { verdict: 'timeout', connState: 'S1', errno: 'ETIMEDOUT', closedBy: null },
  ],
  [
    'idle in a pool',
    (c, a, b) => open(c, a, b).exchange(1001, 2),
    { verdict: 'open', connState: 'S1', errno: null, closedBy: null },
  ],
  [
    'idle in a pool for longer than --stale-after',
    (c, a, b) => {
      c.durationMs = 100_000;
      open(c, a, b).exchange(1001, 2);
    },
    { verdict: 'open', connState: 'S1', errno: null, closedBy: null },
  ],
  [
    'silent for long, and nobody holds it at the end',
    (c, a, b) => {
      c.durationMs = 100_000;
      open(c, a, b).exchange(1001, 2).vanish();
    },
    { verdict: 'stale', connState: 'S1', errno: null, closedBy: null },
  ],
  [
    'taken by no process',
    (c, a, b) =>
      c
        .connect(a, b, 8081, 1000, { accepted: false })
        .fin(3000, 'client', 'sent')
        .fin(3000.02, 'server', 'received')
        .end(3000.03, 'client', { flags: Flag.FIN_SENT, old_state: 5 })
        .end(9000, 'server', { flags: Flag.FIN_RECEIVED, old_state: 8 }),
    { verdict: 'never_accepted', connState: 'S2', errno: null, closedBy: 'client' },
  ],
  [
    'taken by no process, to the end of the capture',
    (c, a, b) => c.connect(a, b, 8081, 1000, { accepted: false }).vanish('server'),
    { verdict: 'never_accepted', connState: 'S1', errno: null, closedBy: null },
  ],
  [
    'refused',
    (c, a) => c.attempt(a, '10.0.0.3', 8081, 1000, 111),
    { verdict: 'refused', connState: 'REJ', errno: 'ECONNREFUSED', closedBy: null },
  ],
  [
    'no answer to the SYN',
    (c, a) => c.attempt(a, '10.0.0.3', 8081, 1000, 110, 7000, 2),
    { verdict: 'timeout', connState: 'S0', errno: 'ETIMEDOUT', closedBy: null },
  ],
  [
    'no path to the host',
    (c, a) => c.attempt(a, '10.0.0.3', 8081, 1000, 113, 3000),
    { verdict: 'unreachable', connState: 'S0', errno: 'EHOSTUNREACH', closedBy: null },
  ],
  [
    'given up by the application',
    (c, a) => c.attempt(a, '10.0.0.3', 8081, 1000, 0, 500),
    { verdict: 'cancelled', connState: 'S0', errno: null, closedBy: null },
  ],
];

describe('verdicts', () => {
  it.each(CASES)('%s', (_, scene, expected) => {
    const capture = new CaptureBuilder();
    const client = capture.container('gateway', '10.0.0.2');
    const server = capture.container('auth', '10.0.0.3');
    capture.listen(server, 8081);
    scene(capture, client, server);
    const { connections } = analyzed(capture);
    expect(
      connections.map(({ verdict, connState, errno, closedBy }) => ({
        verdict,
        connState,
        errno,
        closedBy,
      })),
    ).toEqual([expected]);
  });

  it('decides the same from the end that is on this machine alone', () => {
    const capture = new CaptureBuilder();
    const server = capture.container('auth', '10.0.0.3');
    const client = capture.external('192.0.2.7');
    capture.listen(server, 8081);
    open(capture, client, server).exchange(1001, 2).close(1010);
    open(capture, client, server).exchange(1001, 2).reset(1010, 'client');
    open(capture, client, server).exchange(1001, 2).reset(1010, 'server');
    expect(analyzed(capture).connections.map((c) => c.verdict)).toEqual([
      'ok',
      'reset_by_client',
      'reset_by_server',
    ]);
  });
});
