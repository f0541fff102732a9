/** Containers that come, go, and share what names are read from: no connection is under a wrong name. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../support/database.js';
import { Containers } from '../support/docker.js';
import { answered, recordRows, sorted, type Recorded } from '../support/docker-truth.js';
import { canRun, missingCommand, missingDocker, missingRecorder } from '../support/parts.js';

const PORT = 17301;
const COUNT = 10;
const can = canRun('container names', [missingRecorder(), missingDocker(), missingCommand('gcc')]);

/** One row of the table: containers of its own, recorded while `traffic` runs, and compared. */
function row(
  name: string,
  traffic: (
    containers: Containers,
    record: (during: () => Promise<void>) => Promise<void>,
    truth: Row[],
  ) => Promise<void>,
  more: (recorded: () => Recorded, containers: () => Containers) => void = () => undefined,
): void {
  describe.runIf(can)(name, () => {
    const truth: Row[] = [];
    let containers: Containers;
    let recorded: Recorded;

    beforeAll(async () => {
      containers = new Containers(`names${String(process.pid)}`);
      try {
        const record = async (during: () => Promise<void>): Promise<void> => {
          recorded = await recordRows({ ports: [PORT] }, during);
        };
        await traffic(containers, record, truth);
      } finally {
        await containers.destroy();
      }
    });
    it('shows each connection once, under the right names', () => {
      expect(truth.length).toBeGreaterThan(0);
      expect(sorted(recorded.rows)).toEqual(sorted(truth));
    });

    it('leaves nothing unaccounted for', () => {
      expect(recorded.doubts).toEqual([]);
    });

    more(
      () => recorded,
      () => containers,
    );
  });
}

row('two containers that take the same address, one after the other', async (c, record, truth) => {
  const network = await c.network('net', '10.213.77.0/24');
  const server_addr = '10.213.77.10';
  const at = (address: string): string[] => ['--network', network, '--ip', address];
  await record(async () => {
    for (const server of ['first', 'second']) {
      await c.start(server, at(server_addr), 'serve', PORT);
      const client = `client-${server}`;
      const made = await c.ask(client, at('10.213.77.20'), 'ask', server_addr, COUNT, 0, PORT);
      truth.push(
        ...answered(made, { client: c.name(client), server: c.name(server), server_addr }),
      );
      await c.remove(server);
      if (server === 'second') continue;
      // Nobody has the address now: neither the one before nor the one after.
      const between = at('10.213.77.21');
      const tried = await c.ask('between', between, 'try', server_addr, PORT, 400);
      truth.push(
        ...answered(
          tried,
          { client: c.name('between'), server: server_addr, server_addr },
          {
            client_addr: '10.213.77.21',
            verdict: 'cancelled',
            conn_state: 'S0',
            closed_by: null,
            bytes_sent: 0,
            bytes_received: 0,
            exchanges: 0,
            paired: 0,
            grade: 'address',
          },
        ),
      );
    }
  });
});

row(
  'a container that restarts, is renamed, paused, killed and replaced',
  async (c, record, truth) => {
    await c.start('server', [], 'serve', PORT);
    await c.start('steady', [], 'serve', PORT);
    const steady = await c.address('steady');
    const asked = async (client: string, server: string, address: string): Promise<void> => {
      const made = await c.ask(client, [], 'ask', address, COUNT, 0, PORT);
      const names = { client: c.name(client), server: c.name(server), server_addr: address };
      truth.push(...answered(made, names));
    };
    await record(async () => {
      await asked('one', 'server', await c.address('server'));
      await c.restart('server', PORT);
      await asked('two', 'server', await c.address('server'));
      // A paused container keeps its connections.
      const held = await c.start('holder', [], 'hold', steady, PORT);
      const names = { client: c.name('holder'), server: c.name('steady'), server_addr: steady };
      const open = { verdict: 'open', conn_state: 'S1', closed_by: null };
      truth.push(...answered([held], names, open));
      await c.docker('pause', c.name('holder'));
      await c.docker('kill', c.name('server'));
      await c.remove('server');
      await c.start('server', [], 'serve', PORT);
      await asked('three', 'server', await c.address('server'));
      await c.docker('rename', c.name('steady'), c.name('renamed'));
      await asked('four', 'renamed', steady);
    });
    // One container has one name: the last that it had.
    for (const made of truth) {
      if (made['client'] !== c.name('holder')) continue;
      made['server'] = made['server_service'] = c.name('renamed');
    }
  },
  (recorded, containers) => {
    it('is one service and two workloads where the container is another one', () => {
      const name = containers().name('server');
      const servers = recorded().workloads.filter(({ service }) => service === name);
      expect(servers).toMatchObject([
        { kind: 'container', name },
        { kind: 'container', name },
      ]);
      expect(servers[0]?.['container_id']).not.toBe(servers[1]?.['container_id']);
    });
  },
);

row('a container in the network of the host', async (c, record, truth) => {
  await c.start('neighbour', [], 'serve', PORT);
  await record(async () => {
    await c.start('host', ['--network', 'host'], 'serve', PORT);
    const gateway = await c.inspect('neighbour', '{{.NetworkSettings.Gateway}}');
    const made = await c.ask('inside', [], 'ask', gateway, COUNT, 0, PORT);
    const server = { server: c.name('host'), server_addr: gateway };
    truth.push(...answered(made, { ...server, client: c.name('inside') }));
    const beside = ['--network', 'host'];
    const local = await c.ask('beside', beside, 'ask', '127.0.0.1', COUNT, 0, PORT);
    truth.push(
      ...answered(local, { ...server, client: c.name('beside'), server_addr: '127.0.0.1' }),
    );
  });
});

row('two containers that share one network namespace', async (c, record, truth) => {
  await record(async () => {
    await c.start('owner', [], 'serve', PORT);
    const server_addr = await c.address('owner');
    const shared = ['--network', `container:${c.name('owner')}`];
    const local = await c.ask('guest', shared, 'ask', '127.0.0.1', COUNT, 0, PORT);
    const names = { client: c.name('guest'), server: c.name('owner') };
    truth.push(...answered(local, { ...names, server_addr: '127.0.0.1' }));
    const made = await c.ask('guest2', shared, 'ask', server_addr, COUNT, 0, PORT);
    truth.push(...answered(made, { ...names, client: c.name('guest2'), server_addr }));
  });
});
