/** Captures that begin and end in the middle of a recording, as a flight recorder's snapshots do. */
import { describe, expect, it } from 'vitest';
import { TcpState } from '../../../src/analyze/socket.js';
import { CensusPhase } from '../../../src/capture/blocks.js';
import { Flag, Role } from '../../../src/capture/layout.gen.js';
import { analyzed } from '../../support/analysis.js';
import { CaptureBuilder, HOST_NETNS } from '../../support/capture-builder.js';

const CLIENT = { cgroup: 1, netns: HOST_NETNS, role: Role.CLIENT };
const ADDRESSES = { saddr: '127.0.0.1', daddr: '127.0.0.1', sport: 40_000, dport: 8080 };

/** A client's socket that was there when the capture began. */
function withOldClient(state: number, more: Record<string, number> = {}): CaptureBuilder {
  const capture = new CaptureBuilder();
  const { pid } = capture.process('client');
  capture.censusRow(
    { pid, cookie: 7, ...CLIENT, ...ADDRESSES, state, flags: Flag.PREEXISTING, ...more },
    CensusPhase.START,
  );
  return capture;
}

describe('the beginning of a snapshot', () => {
  it('takes no event for a stray whose socket was gone when the first census was taken', () => {
    const doubts = (firstCensusMs: number): string[] => {
      const capture = new CaptureBuilder();
      capture.firstCensusMs = firstCensusMs;
      capture.event('EXCHANGE', 10, { cookie: 5 });
      capture.event('CLOSE', 11, { cookie: 5, role: Role.CLIENT });
      const { quality } = analyzed(capture);
      return quality.filter(({ severity }) => severity === 'warning').map(({ name }) => name);
    };
    expect(doubts(50)).toEqual([]);
    expect(doubts(0)).not.toEqual([]);
  });

  it("counts of an old socket's exchanges its own", () => {
    const capture = withOldClient(TcpState.ESTABLISHED, {
      exchanges: 100,
      isn_local: 3,
      isn_remote: 4,
    });
    // Over before the capture began, and told when the next one began.
    capture.event('EXCHANGE', 5, {
      cookie: 7,
      offset: 0,
      age: 900e6,
      ttfb: 1e6,
      total: 1e6,
      request_bytes: 10,
    });
    capture.event('EXCHANGE', 20, {
      cookie: 7,
      offset: 10,
      age: 15e6,
      ttfb: 1e6,
      total: 1e6,
      request_bytes: 10,
    });
    capture.event('CLOSE', 30, {
      cookie: 7,
      role: Role.CLIENT,
      old_state: TcpState.LAST_ACK,
      exchanges: 102,
    });
    const { connections, quality } = analyzed(capture);
    expect(connections).toMatchObject([
      { exchanges: 1, preexisting: true, openedNs: null, establishedNs: null, verdict: 'ok' },
    ]);
    // Nobody told who the server is; but no exchange is missing.
    const doubts = quality.filter(({ severity }) => severity === 'warning');
    expect(doubts.map(({ name }) => name)).toEqual(['unknown_owner']);
  });

  it('knows an attempt to connect that is older', () => {
    const capture = withOldClient(TcpState.SYN_SENT);
    const ended = { cookie: 7, role: Role.CLIENT, old_state: TcpState.SYN_SENT, err: 110 };
    capture.event('CLOSE', 500, ended);
    expect(analyzed(capture).connections).toMatchObject([
      {
        verdict: 'timeout',
        preexisting: true,
        openedNs: null,
        evidence: 'connect ended with ETIMEDOUT of an attempt older than the recording',
      },
    ]);
  });

  it('joins an older attempt with the server that accepts it', () => {
    const capture = withOldClient(TcpState.SYN_SENT);
    const server = capture.process('server');
    capture.listen(server, 8080);
    const isns = { isn_local: 3, isn_remote: 4 };
    capture.event('ESTABLISHED', 100, { cookie: 7, ...CLIENT, ...ADDRESSES, ...isns });
    capture.event('ESTABLISHED', 100.1, {
      ...{ cookie: 8, ...CLIENT, role: Role.SERVER, saddr: '127.0.0.1', daddr: '127.0.0.1' },
      ...{ sport: 8080, dport: 40_000, isn_local: 4, isn_remote: 3 },
    });
    expect(analyzed(capture).connections).toMatchObject([
      { paired: true, preexisting: true, openedNs: null, establishedNs: 100e6 },
    ]);
  });
});

describe('the end of a snapshot', () => {
  it('misses nothing that was opened while the last census was taken', () => {
    const verdict = (lastCensusMs: number | null): string | undefined => {
      const capture = new CaptureBuilder();
      const client = capture.process('client');
      const server = capture.process('server');
      capture.listen(server, 8080);
      capture.lastCensusMs = lastCensusMs;
      capture.connect(client, server, 8080, 9500).exchange(9501, 2).vanish();
      return analyzed(capture).connections[0]?.verdict;
    };
    expect(verdict(9000)).toBe('open');
    expect(verdict(null)).toBe('unknown');
  });
});
