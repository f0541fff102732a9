/** Whose socket it is: each way to know, its grade, and what must not be guessed. */
import { describe, expect, it } from 'vitest';
import type { Grade } from '../../../src/analyze/model.js';
import { containerIdOf } from '../../../src/analyze/workloads/containers.js';
import { serviceOf } from '../../../src/capture/service.js';
import { processName } from '../../../src/analyze/workloads/processes.js';
import { analyzed } from '../../support/analysis.js';
import { CaptureBuilder } from '../../support/capture-builder.js';
import type { Actor } from '../../support/capture-builder.js';

/** One connection each; edges as `client → server:port grade`. */
function edgesOf(capture: CaptureBuilder): string[] {
  const { connections, edges } = analyzed(capture);
  return connections.map((c) => {
    const edge = edges[c.edge - 1]!;
    return `${edge.client} → ${edge.server}:${edge.port} ${c.grade}`;
  });
}

describe('the owner of a socket', () => {
  const cases: [what: string, change: (auth: Actor, capture: CaptureBuilder) => Actor, Grade][] = [
    ['is told by the socket’s cgroup', (auth) => auth, 'cgroup'],
    [
      'is told by its process, where the cgroup says nothing',
      (auth) => ({ ...auth, cgroup: 1 }),
      'owner',
    ],
    [
      'is told by the process’s own cgroup',
      (auth, capture) => {
        const pid = 7777;
        capture.event('PROCESS', 0, { pid, cgroup: auth.cgroup, started: 5, comm: 'w', exe: 'w' });
        return { ...auth, pid, cgroup: 1 };
      },
      'owner',
    ],
    [
      'is told by its network namespace, where one container has it to itself',
      (auth) => ({ ...auth, cgroup: 1, pid: 7777 }),
      'netns',
    ],
    [
      'is told by its address, as the last resort',
      (auth) => ({ ...auth, cgroup: 1, pid: 7777, netns: 99 }),
      'address',
    ],
  ];
  it.each(cases)('%s', (_, change, grade) => {
    const capture = new CaptureBuilder();
    const gateway = capture.container('gateway', '10.0.0.2');
    const auth = change(capture.container('auth', '10.0.0.3'), capture);
    capture.connect(gateway, auth, 8081, 1000).close(1010);
    expect(edgesOf(capture)).toEqual([`gateway → auth:8081 ${grade}`]);
  });

  it('is not guessed from a namespace that two containers share', () => {
    const capture = new CaptureBuilder();
    const gateway = capture.container('gateway', '10.0.0.2');
    const auth = capture.container('auth', '10.0.0.3');
    capture.container('sidecar', '', { netns: auth.netns, networks: [] });
    const stranger = { ...auth, cgroup: 1, pid: 7777, address: '10.0.0.99' };
    capture.connect(gateway, stranger, 8081, 1000).close(1010);
    expect(edgesOf(capture)).toEqual(['gateway → unknown:8081 unknown']);
  });

  it('is a container that lived too short to be listed', () => {
    const capture = new CaptureBuilder();
    const auth = capture.container('auth', '10.0.0.3');
    const id = 'b'.repeat(64);
    capture.event('CGROUP', 900, { id: 4711, path: `/docker/${id}` });
    capture.workloads(1500, {
      what: 'change',
      action: 'die',
      containers: [
        {
          ...capture.containerBody(auth),
          id,
          name: 'shop-job-17',
          labels: { 'com.docker.compose.project': 'shop' },
          pid: 0,
          cgroup: '0',
          netns: 0,
          networks: [],
          state: 'exited',
        },
      ],
    });
    const job = { name: 'job', address: '10.0.0.9', pid: 4712, netns: 4713, cgroup: 4711 };
    capture.connect(job, auth, 8081, 1000).exchange(1001, 1).close(1010);
    expect(edgesOf(capture)).toEqual(['job → auth:8081 cgroup']);
  });

  it('is a container without a name where no engine answered', () => {
    const capture = new CaptureBuilder();
    const id = `c0ffee${'0'.repeat(58)}`;
    capture.workloads(0, { what: 'gap', containers: [], reason: 'no socket at /var/run' });
    capture.event('CGROUP', 900, { id: 4711, path: `/system.slice/docker-${id}.scope` });
    const job = { name: 'job', address: '10.0.0.9', pid: 4712, netns: 4713, cgroup: 4711 };
    capture.event('PROCESS', 950, {
      pid: 4712,
      cgroup: 4711,
      started: 5,
      comm: 'sync',
      exe: 'busybox',
    });
    capture.connect(job, capture.external('192.0.2.1'), 443, 1000).close(1010);
    const { workloads, quality } = analyzed(capture);
    expect(workloads.map((w) => [w.kind, w.name, w.service])).toEqual([
      ['container', 'c0ffee000000', 'sync'],
      ['external', '192.0.2.1', '192.0.2.1'],
    ]);
    expect(quality.find((q) => q.name === 'container_engine')?.sentence).toBe(
      'Containers have no names: no socket at /var/run.',
    );
  });
});

describe('an address without a socket', () => {
  it('is the container that had it at that time, and nobody afterwards', () => {
    const capture = new CaptureBuilder();
    const gateway = capture.container('gateway', '10.0.0.2');
    const inventory = capture.container('inventory', '10.0.0.4');
    const other = capture.container('other', '10.0.0.5');
    const body = capture.containerBody(inventory);
    capture.workloads(3000, {
      what: 'change',
      action: 'die',
      containers: [{ ...body, state: 'exited', networks: [] }],
    });
    capture.workloads(9000, {
      what: 'change',
      action: 'connect',
      containers: [
        {
          ...capture.containerBody(other),
          networks: [{ name: 'shop_default', addresses: ['10.0.0.4', '10.0.0.5'] }],
        },
      ],
    });
    capture.attempt(gateway, '10.0.0.4', 8083, 2000, 111);
    capture.attempt(gateway, '10.0.0.4', 8083, 3500, 113);
    capture.attempt(gateway, '10.0.0.4', 8083, 9500, 111);
    expect(edgesOf(capture)).toEqual([
      'gateway → inventory:8083 address',
      'gateway → 10.0.0.4:8083 address',
      'gateway → other:8083 address',
    ]);
  });

  it('is the process that listened there before, without any container', () => {
    const capture = new CaptureBuilder();
    const netns = 77;
    const gateway = capture.process('node', '10.9.0.2', { comm: 'gateway', netns: 76 });
    const auth = capture.process('node', '10.9.0.3', { comm: 'auth', netns });
    const listener = capture.listen(auth, 8081);
    capture.connect(gateway, auth, 8081, 1000).close(1010);
    capture.event('CLOSE', 2000, { cookie: listener, old_state: 10, role: 3 });
    capture.attempt(gateway, '10.9.0.3', 8081, 3000, 111);
    expect(edgesOf(capture)).toEqual(['gateway → auth:8081 owner', 'gateway → auth:8081 address']);
  });

  it('is a localhost of its own for each namespace', () => {
    const capture = new CaptureBuilder();
    const gateway = capture.container('gateway', '10.0.0.2');
    capture.attempt(gateway, '127.0.0.1', 9999, 1000, 111);
    capture.attempt(capture.process('curl'), '127.0.0.1', 9999, 2000, 111);
    expect(edgesOf(capture)).toEqual([
      'gateway → gateway:9999 address',
      'curl → localhost of curl:9999 unknown',
    ]);
  });
});

describe('names', () => {
  it.each([
    ['node', 'node', 'node'],
    ['node', 'gateway', 'gateway'],
    ['node', 'MainThread', 'node'],
    ['node', 'node-MainThread', 'node'],
    ['python3.11', 'python3', 'python3.11'],
    ['python3.11', 'celery', 'celery'],
    ['redis-check-rdb', 'redis-server', 'redis-server'],
    ['systemd-resolved', 'systemd-resolve', 'systemd-resolved'],
    ['', 'curl', 'curl'],
    ['java', 'a\u0007b', 'a b'],
  ])('of executable %j that calls itself %j is %j', (exe, comm, name) => {
    expect(processName({ pid: 1, started: 0, ppid: 0, cgroup: 0, comm, exe })).toBe(name);
  });

  it.each<[string, Record<string, string>, string]>([
    ['shop-auth-1', { 'com.docker.compose.service': 'auth' }, 'auth'],
    ['shop-auth-1', { 'com.docker.compose.project': 'shop' }, 'auth'],
    ['shop_auth_12', {}, 'shop_auth'],
    ['redis', {}, 'redis'],
    ['-1', {}, '-1'],
  ])('of container %j with labels %j is service %j', (name, labels, service) => {
    expect(serviceOf(name, labels)).toBe(service);
  });

  it.each([
    [`/docker/${'a'.repeat(64)}`, 'a'.repeat(64)],
    [`/system.slice/docker-${'a'.repeat(64)}.scope`, 'a'.repeat(64)],
    [`/machine.slice/libpod-${'a'.repeat(64)}.scope/container`, 'a'.repeat(64)],
    [`/kubepods/pod1/cri-containerd-${'a'.repeat(64)}.scope`, 'a'.repeat(64)],
    ['/user.slice/session-1.scope', null],
  ])('in cgroup path %j is container %j', (path, id) => {
    expect(containerIdOf(path)).toBe(id);
  });

  it('follow a process that renames itself', () => {
    const capture = new CaptureBuilder();
    const server = capture.process('node');
    const client = capture.process('curl');
    const rename = { pid: server.pid, cgroup: 1, started: server.pid, exe: 'node', comm: 'auth' };
    capture.event('PROCESS', 500, rename);
    capture.connect(client, server, 80, 1000).exchange(1001, 1).close(1010);
    expect(edgesOf(capture)).toEqual(['curl → auth:80 owner']);
  });
});
