/** Rows of connections, whole, from captures made by hand: pairing, translation, proxies, loss. */
import { describe, expect, it } from 'vitest';
import { Flag, Role } from '../../../src/capture/layout.gen.js';
import { CensusPhase } from '../../../src/capture/blocks.js';
import { analyzed } from '../../support/analysis.js';
import { CaptureBuilder, HOST_NETNS } from '../../support/capture-builder.js';

/** gateway and auth, which listens on 8081. */
function shop(): {
  capture: CaptureBuilder;
  gateway: ReturnType<CaptureBuilder['container']>;
  auth: ReturnType<CaptureBuilder['container']>;
} {
  const capture = new CaptureBuilder();
  const gateway = capture.container('gateway', '10.0.0.2');
  const auth = capture.container('auth', '10.0.0.3');
  capture.listen(auth, 8081);
  return { capture, gateway, auth };
}

describe('a connection between two containers', () => {
  it('is one row that tells all', () => {
    const { capture, gateway, auth } = shop();
    const made = capture.connect(gateway, auth, 8081, 1000);
    made.exchange(1001, 2, { request: 100, response: 300 }).exchange(1005, 2).close(1010);
    const { connections, workloads } = analyzed(capture);
    expect(connections).toEqual([
      {
        id: 1,
        clientWorkload: 1,
        serverWorkload: 2,
        edge: 1,
        clientAddr: '10.0.0.2',
        clientPort: made.clientPort,
        serverAddr: '10.0.0.3',
        serverPort: 8081,
        openedNs: 1000e6,
        establishedNs: 1000.02e6,
        acceptedNs: 1000.06e6,
        closedNs: 1010.08e6,
        verdict: 'ok',
        connState: 'SF',
        errno: null,
        closedBy: 'client',
        bytesSent: 200,
        bytesReceived: 500,
        retransmits: 0,
        rttUs: 50,
        connectUs: 20,
        exchanges: 2,
        paired: true,
        preexisting: false,
        grade: 'cgroup',
        evidence: 'closed by the client',
      },
    ]);
    expect(workloads.map((w) => [w.id, w.kind, w.name, w.service])).toEqual([
      [1, 'container', 'shop-gateway-1', 'gateway'],
      [2, 'container', 'shop-auth-1', 'auth'],
    ]);
  });

  it('has no bytes where neither its end nor a last census was recorded, and this is told', () => {
    const { capture, gateway, auth } = shop();
    capture.connect(gateway, auth, 8081, 1000).exchange(1001, 2);
    capture.connect(gateway, auth, 8081, 1000).exchange(1001, 2).close(1010);
    capture.connect(gateway, auth, 8081, 1002);
    capture.lastCensus = false;
    const { connections, quality } = analyzed(capture);
    const sizes = connections.map(({ exchanges, bytesSent }) => [exchanges, bytesSent === null]);
    expect(sizes.sort()).toEqual([
      [0, true],
      [1, false],
      [1, true],
    ]);
    expect(quality.find(({ name }) => name === 'bytes_unknown')).toEqual({
      name: 'bytes_unknown',
      severity: 'info',
      source: 'analyzer',
      value: 1,
      sentence:
        '1 connection had exchanges, but neither their end nor a last census was recorded, which count ' +
        'their bytes: sums of bytes leave them out.',
    });
  });

  it('is paired through address translation', () => {
    const { capture, gateway, auth } = shop();
    const seen = { address: '172.17.0.1', port: 18081 };
    capture.connect(gateway, auth, 8081, 1000, { seen }).exchange(1001, 2).close(1010);
    const { connections, edges } = analyzed(capture);
    expect(connections.map((c) => [c.serverAddr, c.serverPort, c.paired])).toEqual([
      ['10.0.0.3', 8081, true],
    ]);
    expect(edges.map((e) => [e.client, e.server, e.port])).toEqual([['gateway', 'auth', 8081]]);
  });

  it('is the same row however its events are cut into blocks', () => {
    const build = (): CaptureBuilder => {
      const { capture, gateway, auth } = shop();
      for (let i = 0; i < 20; i++) {
        capture
          .connect(gateway, auth, 8081, 1000 + i)
          .exchange(1001 + i, 2)
          .close(1010 + i);
      }
      return capture;
    };
    const whole = analyzed(build(), { perBlock: 10_000 });
    for (const perBlock of [1, 2, 7]) {
      expect(analyzed(build(), { perBlock }).connections).toEqual(whole.connections);
    }
  });
});

describe('pairing', () => {
  it('falls back to the addresses where the sequence numbers are not unique', () => {
    const capture = new CaptureBuilder();
    const client = capture.process('client');
    const server = capture.process('server');
    const row = (
      cookie: number,
      role: number,
      sport: number,
      dport: number,
      atMs: number,
    ): void => {
      const isServer = role === Role.SERVER;
      capture.event('ESTABLISHED', atMs, {
        cookie,
        role,
        netns: HOST_NETNS,
        saddr: '127.0.0.1',
        daddr: '127.0.0.1',
        sport,
        dport,
        isn_local: isServer ? 2 : 1,
        isn_remote: isServer ? 1 : 2,
      });
      capture.event('ACCEPT', atMs + 0.5, {
        cookie,
        pid: isServer ? server.pid : client.pid,
      });
    };
    row(901, Role.CLIENT, 40001, 80, 1000);
    row(902, Role.CLIENT, 40002, 80, 1000.1);
    row(903, Role.SERVER, 80, 40002, 1000.2);
    row(904, Role.SERVER, 80, 40001, 1000.3);
    const { connections, quality } = analyzed(capture);
    expect(connections.map((c) => [c.clientPort, c.paired]).sort()).toEqual([
      [40001, true],
      [40002, true],
    ]);
    expect(quality.find((q) => q.name === 'ambiguous_pairs')?.value).toBe(1);
  });

  it('keeps one end where the other is on another machine', () => {
    const { capture, gateway } = shop();
    capture
      .connect(gateway, capture.external('192.0.2.7'), 443, 1000)
      .exchange(1001, 2)
      .close(1010);
    const { connections, edges } = analyzed(capture);
    expect(connections.map((c) => [c.paired, c.grade, c.verdict])).toEqual([
      [false, 'address', 'ok'],
    ]);
    expect(edges.map((e) => [e.client, e.server, e.port, e.exchanges, e.serverP95Us])).toEqual([
      ['gateway', '192.0.2.7', 443, 1, null],
    ]);
  });

  it('gives no latency where the client was not seen, but counts and the server time', () => {
    const { capture, auth } = shop();
    const client = capture.external('192.0.2.7');
    capture.connect(client, auth, 8081, 1000).exchange(1001, 4, { serverMs: 3 }).close(1010);
    const { edges } = analyzed(capture);
    expect(edges.map((e) => [e.client, e.exchanges, e.avgUs, e.p95Us])).toEqual([
      ['192.0.2.7', 1, null, null],
    ]);
    expect(edges[0]?.serverP95Us).toBeGreaterThan(2970);
    expect(edges[0]?.serverP95Us).toBeLessThan(3030);
  });
});

describe('sockets from before the recording', () => {
  it('come from the first census and are counted', () => {
    const { capture, gateway, auth } = shop();
    const end = { netns: 0, state: 1, flags: Flag.PREEXISTING | Flag.ACCEPTED };
    const both = [
      [gateway, auth, 40007, 8081, 71, 72, Role.CLIENT],
      [auth, gateway, 8081, 40007, 72, 71, Role.SERVER],
    ] as const;
    for (const [own, other, sport, dport, local, remote, role] of both) {
      const values = {
        ...end,
        pid: own.pid,
        cookie: 800 + local,
        cgroup: own.cgroup,
        netns: own.netns,
        saddr: own.address,
        daddr: other.address,
        sport,
        dport,
        role,
        isn_local: local,
        isn_remote: remote,
      };
      capture.censusRow(values, CensusPhase.START);
      capture.censusRow(values, CensusPhase.END);
    }
    const { connections, quality, edges } = analyzed(capture);
    expect(
      connections.map((c) => [c.preexisting, c.paired, c.openedNs, c.verdict, c.clientPort]),
    ).toEqual([[true, true, null, 'open', 40007]]);
    expect(edges.map((e) => [e.client, e.server, e.open])).toEqual([['gateway', 'auth', 1]]);
    expect(quality.find((q) => q.name === 'preexisting')?.value).toBe(1);
    expect(quality.find((q) => q.name === 'ledger')?.severity).toBe('ok');
  });
});

describe('cookies', () => {
  it('that the kernel counted down from 2^64 stay apart', () => {
    const capture = new CaptureBuilder();
    const [client, server] = [capture.process('client'), capture.process('server')];
    const cookies = [1n, 2n, 3n, 4n].map((n) => (1n << 64n) - n);
    for (const [i, cookie] of cookies.entries()) {
      const role = i % 2 === 0 ? Role.CLIENT : Role.SERVER;
      const [isn_local, isn_remote] = role === Role.CLIENT ? [i + 1, i + 2] : [i + 1, i];
      const tuple = { netns: HOST_NETNS, saddr: '127.0.0.1', daddr: '127.0.0.1' };
      const ports =
        role === Role.CLIENT ? { sport: 4000 + i, dport: 80 } : { sport: 80, dport: 3999 + i };
      const values = { cookie, role, ...tuple, ...ports, isn_local, isn_remote };
      capture.event('ESTABLISHED', 1000 + i, values);
      const { pid } = role === Role.CLIENT ? client : server;
      capture.event('ACCEPT', 1000.5 + i, { cookie, pid });
    }
    expect(analyzed(capture).connections.map((c) => [c.clientPort, c.paired])).toEqual([
      [4000, true],
      [4002, true],
    ]);
  });
});

describe('exchanges', () => {
  it('are one for both ends, with the time of each', () => {
    const { capture, gateway, auth } = shop();
    const made = capture.connect(gateway, auth, 8081, 1000);
    made.exchange(1001, 2, { serverMs: 1.5, totalMs: 3 }).close(1010);
    expect(analyzed(capture).exchanges).toEqual([
      {
        connection: 1,
        startedNs: 1001e6,
        ttfbUs: 2000,
        totalUs: 3000,
        serverUs: 1500,
        requestBytes: 100,
        responseBytes: 200,
        flags: 0,
      },
    ]);
  });

  it('are kept out of percentiles where the ends disagree about the requests', () => {
    const { capture, gateway, auth } = shop();
    const made = capture.connect(gateway, auth, 8081, 1000);
    made.exchange(1001, 2).exchange(1005, 90, { split: true }).exchange(1100, 2).close(1200);
    const { edges, quality } = analyzed(capture);
    expect(edges.map((e) => [e.exchanges, e.flagged])).toEqual([[3, 1]]);
    expect(edges[0]?.p99Us).toBeLessThan(2100);
    expect(quality.find((q) => q.name === 'flagged_exchanges')?.value).toBeCloseTo(1 / 3);
  });

  it('are no exchanges without a response', () => {
    const { capture, gateway, auth } = shop();
    const made = capture.connect(gateway, auth, 8081, 1000);
    made.exchange(1001, 2).exchange(1005, 0, { flags: Flag.NO_RESPONSE, response: 0 });
    made.reset(1010, 'client');
    const { edges, connections, quality } = analyzed(capture);
    expect(edges.map((e) => [e.exchanges, e.flagged])).toEqual([[1, 0]]);
    expect(connections.map((c) => c.exchanges)).toEqual([1]);
    expect(quality.find((q) => q.name === 'unanswered')?.value).toBe(1);
  });

  it('that the end of the recording tells twice count once', () => {
    const { capture, gateway, auth } = shop();
    const made = capture.connect(gateway, auth, 8081, 1000);
    made.exchange(1001, 2).close(1010);
    const again = { cookie: made.clientCookie, offset: 0, age: 8_000_000, ttfb: 2e6, total: 2e6 };
    const flags = Flag.UNFINISHED;
    capture.event('EXCHANGE', 1009, { ...again, flags, request_bytes: 100, response_bytes: 200 });
    const { edges, quality } = analyzed(capture);
    expect(edges.map((e) => e.exchanges)).toEqual([1]);
    expect(quality.find((q) => q.name === 'repeated_exchanges')?.value).toBe(1);
  });

  it('whose events were lost are counted from the kernel’s own total', () => {
    const { capture, gateway, auth } = shop();
    const made = capture.connect(gateway, auth, 8081, 1000);
    made.exchange(1001, 2).exchange(1005, 2, { lostAt: 'client' }).exchange(1009, 2);
    made.close(1020);
    const { edges, quality } = analyzed(capture);
    expect(edges.map((e) => e.exchanges)).toEqual([3]);
    expect(quality.find((q) => q.name === 'lost_exchanges')?.value).toBe(1);
  });

  it('that are read after the connection’s last state still count', () => {
    const { capture, gateway, auth } = shop();
    const made = capture.connect(gateway, auth, 8081, 1000);
    made.exchange(1001, 50).close(1020);
    expect(analyzed(capture).edges.map((e) => e.exchanges)).toEqual([1]);
  });
});

describe('docker-proxy', () => {
  it('is no service: its two hops are one connection', () => {
    const { capture, auth } = shop();
    const load = capture.process('hey');
    const proxy = capture.process('docker-proxy');
    capture.listen(proxy, 18081);
    const first = capture.connect(load, proxy, 18081, 1000);
    const second = capture.connect({ ...proxy, address: '10.0.0.1' }, auth, 8081, 1000.5);
    first.exchange(1001, 4, { serverMs: 3.5 }).close(1010);
    second.exchange(1001.2, 3, { serverMs: 2 }).close(1010.5);
    const { connections, edges, exchanges } = analyzed(capture);
    expect(edges.map((e) => [e.client, e.server, e.port, e.via, e.exchanges])).toEqual([
      ['hey', 'auth', 8081, 'docker-proxy', 1],
    ]);
    expect(connections.map((c) => [c.verdict, c.paired, c.serverAddr])).toEqual([
      ['ok', true, '10.0.0.3'],
    ]);
    expect(exchanges.map((e) => [e.ttfbUs, e.serverUs])).toEqual([[4000, 2000]]);
  });

  it('is found on a port that another of its kind listens on for IPv6', () => {
    const { capture, auth } = shop();
    const load = capture.process('hey');
    const proxy = capture.process('docker-proxy');
    capture.listen(proxy, 18081);
    const other = capture.process('docker-proxy');
    capture.event('LISTEN', 1, {
      pid: other.pid,
      cookie: 888,
      netns: HOST_NETNS,
      sport: 18081,
      role: Role.LISTENER,
    });
    capture.connect(load, proxy, 18081, 1000).exchange(1001, 4).close(1010);
    capture.connect({ ...proxy, address: '10.0.0.1' }, auth, 8081, 1000.5).close(1010.5);
    expect(analyzed(capture).edges.map((e) => [e.client, e.server, e.via])).toEqual([
      ['hey', 'auth', 'docker-proxy'],
    ]);
  });

  it('fails as its second hop failed', () => {
    const { capture } = shop();
    const load = capture.process('hey');
    const proxy = capture.process('docker-proxy');
    capture.listen(proxy, 18081);
    const first = capture.connect(load, proxy, 18081, 1000);
    capture.attempt({ ...proxy, address: '10.0.0.1' }, '10.0.0.3', 8099, 1000.5, 111);
    first.close(1001, 'server');
    const { connections, edges } = analyzed(capture);
    expect(connections.map((c) => [c.verdict, c.errno, c.evidence])).toEqual([
      [
        'refused',
        'ECONNREFUSED',
        'behind docker-proxy: connect ended with ECONNREFUSED after 50 µs',
      ],
    ]);
    expect(edges.map((e) => [e.client, e.server, e.port, e.via])).toEqual([
      ['hey', 'auth', 8099, 'docker-proxy'],
    ]);
  });
});
