/** What the engine says of containers, as leases in time: names, addresses and namespaces are used again. */
import { describe, expect, it } from 'vitest';
import { Containers, type TimedWorkloads } from '../../../src/analyze/workloads/containers.js';
import { silences } from '../../../src/analyze/workloads/silence.js';
import type { ContainerBody } from '../../../src/capture/blocks.js';

const ADDRESS = '10.0.0.4';
const NETNS = 4026532326;
const S = 1e9;

function body(name: string, over: Partial<ContainerBody> = {}): ContainerBody {
  return {
    id: name,
    name,
    image: 'echo',
    labels: {},
    pid: 100,
    cgroup: '0',
    netns: NETNS,
    hostNetwork: false,
    networks: [{ name: 'net', addresses: [ADDRESS] }],
    ports: [],
    state: 'running',
    ...over,
  };
}

type News = Pick<TimedWorkloads, 'what'> & Partial<TimedWorkloads>;
const news = (atS: number, what: News): TimedWorkloads => ({
  at: '0',
  containers: [],
  ...what,
  atNs: atS * S,
});

/** Who has the address and who has the namespace, at whole and half seconds. */
function holders(bodies: TimedWorkloads[], atS: number[]): (string | null)[][] {
  const containers = new Containers(bodies);
  return atS.map((s) => [
    containers.byAddress(ADDRESS, s * S)?.name ?? null,
    containers.byNetns(NETNS, s * S)?.name ?? null,
  ]);
}

describe('an address and a namespace that are used again', () => {
  const created: Partial<ContainerBody> = { pid: 0, netns: 0, networks: [], state: 'created' };
  const bodies = [
    news(0, { what: 'list' }),
    news(1, { what: 'change', action: 'create', containers: [body('first', created)] }),
    news(2, { what: 'change', action: 'start', containers: [body('first')] }),
    // Gone before it could be asked about: the body is what was known before.
    news(4, { what: 'change', action: 'die', containers: [body('first')] }),
    news(6, { what: 'change', action: 'create', containers: [body('second', created)] }),
    news(7, { what: 'change', action: 'start', containers: [body('second')] }),
    news(9, { what: 'list', containers: [body('second')] }),
  ];

  it('belong to the one who had them at that time, and to nobody between', () => {
    expect(holders(bodies, [0.5, 1.5, 3, 5, 6.5, 8])).toEqual([
      [null, null],
      ['first', 'first'],
      ['first', 'first'],
      [null, null],
      ['second', 'second'],
      ['second', 'second'],
    ]);
  });

  it('are known to be vacant', () => {
    const containers = new Containers(bodies);
    expect([3, 5].map((s) => containers.isAddressVacant(ADDRESS, s * S))).toEqual([false, true]);
    expect([3, 5].map((s) => containers.isNetnsVacant(NETNS, s * S))).toEqual([false, true]);
    expect(containers.isAddressVacant('192.0.2.1', 5 * S)).toBe(false);
  });
});

describe('an engine that was silent', () => {
  const gap = news(3, { what: 'gap', reason: 'the container engine went away' });
  const before = news(0, { what: 'list', containers: [body('gone')] });

  it('leaves a container that it lists no more only what is certain', () => {
    const bodies = [before, gap, news(6, { what: 'list' })];
    expect(holders(bodies, [2, 4])).toEqual([
      ['gone', 'gone'],
      [null, null],
    ]);
  });

  it('leaves a container that went on its names', () => {
    const bodies = [before, gap, news(6, { what: 'list', containers: [body('gone')] })];
    expect(holders(bodies, [2, 4, 8])).toEqual([
      ['gone', 'gone'],
      ['gone', 'gone'],
      ['gone', 'gone'],
    ]);
  });

  it('is said with its times', () => {
    const went = 'the container engine went away';
    const meanwhile = 'containers that came and went meanwhile have no names.';
    const said = (bodies: TimedWorkloads[]): string[] =>
      silences(bodies, 10 * S).map(({ sentence }) => sentence);
    expect(said([before])).toEqual([]);
    expect(said([before, gap, news(6, { what: 'list', containers: [body('a')] })])).toEqual([
      `The container engine was silent from 3 s to 6 s (${went}): ${meanwhile}`,
    ]);
    expect(said([before, gap])).toEqual([
      `The container engine was silent from 3 s to the end (${went}): ${meanwhile}`,
    ]);
    expect(said([news(0, { what: 'list', reason: 'no engine listens' })])).toEqual([
      'Containers have no names: no engine listens.',
    ]);
  });
});
