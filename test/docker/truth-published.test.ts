/** A published port, by every way that leads to it: one edge, client → container, `via` where there is a proxy. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeCapture, type Row } from '../support/database.js';
import { Containers, ask } from '../support/docker.js';
import { withDaemon } from '../support/dockerd.js';
import { answered, DOUBTS, ROWS, sorted } from '../support/docker-truth.js';
import { canRun, missingCommand, missingDocker, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';

const INSIDE = 17101;
const PUBLISHED = 17102;
const COUNT = 20;
const PREFIX = `published${String(process.pid)}`;

const can = canRun('published port', [missingRecorder(), missingDocker(), missingCommand('gcc')]);

describe.runIf(can)('a published port with docker-proxy', () => {
  const folder = scratchFolder();
  const truth: Row[] = [];
  let containers: Containers;
  let rows: Row[] = [];
  let edges: Row[] = [];
  let doubts: Row[] = [];

  beforeAll(async () => {
    containers = new Containers(PREFIX);
    const server = `${PREFIX}-server`;
    const publish = ['-p', `${String(PUBLISHED)}:${String(INSIDE)}`];
    try {
      await containers.start('server', publish, 'serve', INSIDE);
      const server_addr = await containers.address('server');
      const gateway = await containers.inspect('server', '{{.NetworkSettings.Gateway}}');
      const to = { server, server_addr, server_port: INSIDE };
      const out = join(folder.path, 'published.dhr');
      const summary = await recordWhile({ out, ports: [INSIDE, PUBLISHED] }, async () => {
        for (const [client, address, via] of [
          ['loopback', '127.0.0.1', 'docker-proxy'],
          ['bridge', gateway, null],
        ] as const) {
          const program = containers.program.copy(client);
          const made = await ask(program, 'ask', address, COUNT, 0, PUBLISHED);
          truth.push(
            ...answered(
              made,
              { ...to, client, ...(via === null ? {} : { via }) },
              { grade: 'owner' },
            ),
          );
        }
        const made = await containers.ask('other', [], 'ask', gateway, COUNT, 0, PUBLISHED);
        truth.push(...answered(made, { ...to, client: `${PREFIX}-other`, via: 'docker-proxy' }));
        const straight = await containers.ask('inner', [], 'ask', server_addr, COUNT, 0, INSIDE);
        truth.push(...answered(straight, { ...to, client: `${PREFIX}-inner` }));
      });
      expect(summary.lost).toBe(0);
      const db = await analyzeCapture(out);
      rows = db.query(ROWS);
      edges = db.query('SELECT client, server, port, via, connections, exchanges FROM edge');
      doubts = db.query(DOUBTS);
      db.close();
    } finally {
      await containers.destroy();
    }
  });
  afterAll(() => {
    folder.remove();
  });

  it('shows each connection once, from its client to the container', () => {
    expect(sorted(rows)).toEqual(sorted(truth));
  });

  it('draws one edge a client, with the proxy beside it where there was one', () => {
    const edge = { server: `${PREFIX}-server`, port: INSIDE, connections: COUNT, exchanges: COUNT };
    expect(edges).toEqual([
      { ...edge, client: 'loopback', via: 'docker-proxy' },
      { ...edge, client: 'bridge', via: null },
      { ...edge, client: `${PREFIX}-other`, via: 'docker-proxy' },
      { ...edge, client: `${PREFIX}-inner`, via: null },
    ]);
  });

  it('leaves nothing unaccounted for', () => {
    expect(doubts).toEqual([]);
  });
});

describe.runIf(can && missingCommand('ip') === null)(
  'a published port without docker-proxy',
  () => {
    const folder = scratchFolder();
    const truth: Row[] = [];
    let rows: Row[] = [];
    let edges: Row[] = [];
    let doubts: Row[] = [];

    beforeAll(async () => {
      await withDaemon(PREFIX, ['--userland-proxy=false'], async (daemon, containers) => {
        const server = `${PREFIX}-server`;
        const publish = ['-p', `${String(PUBLISHED)}:${String(INSIDE)}`];
        await containers.start('server', publish, 'serve', INSIDE);
        const server_addr = await containers.address('server');
        const gateway = await containers.inspect('server', '{{.NetworkSettings.Gateway}}');
        const to = { server, server_addr, server_port: INSIDE };
        const out = join(folder.path, 'published.dhr');
        const summary = await recordWhile({ out, ports: [INSIDE, PUBLISHED] }, async () => {
          for (const [client, address] of [
            ['loopback', '127.0.0.1'],
            ['bridge', gateway],
          ] as const) {
            const program = containers.program.copy(client);
            const enter = [`--net=/run/netns/${daemon.namespace.name}`, program];
            const made = await ask('nsenter', ...enter, 'ask', address, COUNT, 0, PUBLISHED);
            truth.push(...answered(made, { ...to, client }, { grade: 'owner' }));
          }
          const made = await containers.ask('other', [], 'ask', gateway, COUNT, 0, PUBLISHED);
          truth.push(...answered(made, { ...to, client: `${PREFIX}-other` }));
        });
        expect(summary.lost).toBe(0);
        const db = await analyzeCapture(out);
        rows = db.query(ROWS);
        edges = db.query('SELECT client, server, port, via, connections, exchanges FROM edge');
        doubts = db.query(DOUBTS);
        db.close();
      });
    });
    afterAll(() => {
      folder.remove();
    });

    it('shows each connection once, from its client to the container', () => {
      expect(sorted(rows)).toEqual(sorted(truth));
    });

    it('names no proxy', () => {
      const edge = { server: `${PREFIX}-server`, port: INSIDE, via: null };
      const counts = { connections: COUNT, exchanges: COUNT };
      expect(edges).toEqual(
        ['loopback', 'bridge', `${PREFIX}-other`].map((client) => ({ client, ...edge, ...counts })),
      );
    });

    it('leaves nothing unaccounted for', () => {
      expect(doubts).toEqual([]);
    });
  },
);
