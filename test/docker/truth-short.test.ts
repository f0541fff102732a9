/**
 * Connections and containers that are gone before anybody could look: all are there, and named. With
 * DHRISHTI_TEST_LOAD_S the load lasts that many seconds instead of three.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordOptions } from '../../src/record/recorder.js';
import type { Row } from '../support/database.js';
import { Containers } from '../support/docker.js';
import {
  answered,
  recordRows,
  sorted,
  type Between,
  type Recorded,
} from '../support/docker-truth.js';
import { canRun, missingCommand, missingDocker, missingRecorder } from '../support/parts.js';

const PORTS = [17401, 17402, 17403, 17404];
const PER_SECOND = 2000;
/** Closed connections keep their port for a minute: with the usual range, looking for a free one slows a client. */
const PLENTY_OF_PORTS = ['--sysctl', 'net.ipv4.ip_local_port_range=1024 65535'];
const SECONDS = Number(process.env['DHRISHTI_TEST_LOAD_S'] ?? 3);
const PREFIX = `short${String(process.pid)}`;

const can = canRun('short lives', [missingRecorder(), missingDocker(), missingCommand('gcc')]);

describe.runIf(can)('short lives in containers', () => {
  const server = `${PREFIX}-server`;
  let containers: Containers;
  let server_addr = '';

  beforeAll(async () => {
    containers = new Containers(PREFIX);
    await containers.start('server', [], 'serve', ...PORTS);
    server_addr = await containers.address('server');
  });
  afterAll(async () => {
    await containers.destroy();
  });

  const between = (client: string): Between => ({ client, server, server_addr });

  function same(recorded: Recorded, truth: Row[]): void {
    expect(recorded.doubts).toEqual([]);
    // Whole rows, without the long words of a difference of thousands.
    const [seen, made] = [sorted(recorded.rows), sorted(truth)];
    expect(
      seen.filter((row, i) => JSON.stringify(row) !== stringOf(made[i], row)).slice(0, 3),
    ).toEqual([]);
    expect(seen.length).toBe(made.length);
  }

  async function ask(
    client: string,
    count: number,
    options: Partial<RecordOptions>,
  ): Promise<void> {
    const truth: Row[] = [];
    const recorded = await recordRows(options, async () => {
      const made = await containers.ask(client, [], 'ask', server_addr, count, 0, ...PORTS);
      truth.push(...answered(made, between(`${PREFIX}-${client}`)));
    });
    same(recorded, truth);
  }

  it.each<[string, Partial<RecordOptions>]>([
    ['by their ports', { ports: PORTS }],
    ['by their names', { containers: [`${PREFIX}-*`] }],
  ])('shows 1,000 connections that live under 1 ms, recorded %s', async (_, options) => {
    await ask('client', 1000, options);
  });

  it('shows nothing of the client where only the server is recorded', async () => {
    const truth: Row[] = [];
    const recorded = await recordRows({ containers: [server] }, async () => {
      const made = await containers.ask('client', [], 'ask', server_addr, 1000, 0, ...PORTS);
      const client = String(made[0]?.['client_addr']);
      truth.push(...answered(made, between(client), { paired: 0, grade: 'address' }));
    });
    same(recorded, truth);
    expect(recorded.workloads.map(({ kind, name }) => [kind, name]).sort()).toEqual([
      ['container', server],
      ['external', truth[0]?.['client']],
    ]);
  });

  it.each<[string, Partial<RecordOptions>]>([
    ['by their ports', { ports: PORTS }],
    ['by their names', { containers: [`${PREFIX}-*`] }],
  ])('names containers that live under 100 ms, recorded %s', async (_, options) => {
    for (const name of ['brief', 'briefer', 'briefest']) await ask(name, 1, options);
  });

  it(
    `pairs and names all of ${String(PER_SECOND)} connections a second`,
    async () => {
      const truth: Row[] = [];
      // A client a port, at once: one alone, turn after turn, is not fast enough on a busy machine.
      const each = [(PER_SECOND * SECONDS) / PORTS.length, PER_SECOND / PORTS.length];
      const recorded = await recordRows({ ports: PORTS }, async () => {
        const made = await Promise.all(
          PORTS.map((port, n) =>
            containers.ask(
              `load-${String(n + 1)}`,
              PLENTY_OF_PORTS,
              'ask',
              server_addr,
              ...each,
              port,
            ),
          ),
        );
        truth.push(...answered(made.flat(), between(`${PREFIX}-load`)));
      });
      same(recorded, truth);
      const edges = recorded.edges.sort((a, b) => Number(a['port']) - Number(b['port']));
      const counts = { connections: each[0], exchanges: each[0] };
      expect(edges).toEqual(
        PORTS.map((port) => ({ client: `${PREFIX}-load`, server, port, via: null, ...counts })),
      );
      const names = recorded.workloads.map(({ name }) => name).sort();
      expect(names).toEqual([...PORTS.map((_, n) => `${PREFIX}-load-${String(n + 1)}`), server]);
    },
    60_000 + SECONDS * 2_000,
  );
});

/** The row as text, with the columns in the order of another one. */
function stringOf(row: Row | undefined, like: Row): string {
  return JSON.stringify(row, Object.keys(like));
}
