/** What a filter leaves out is nowhere in the file: the bytes are searched for names, addresses, labels and processes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordOptions } from '../../src/record/recorder.js';
import { analyzeCapture } from '../support/database.js';
import { ask, Containers } from '../support/docker.js';
import { canRun, missingCommand, missingDocker, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';

const SHOWN_PORT = 17401;
const HIDDEN_PORT = 17402;
const COUNT = 5;
const can = canRun('filter', [missingRecorder(), missingDocker(), missingCommand('gcc')]);

describe.runIf(can)('a filter', () => {
  const folder = scratchFolder();
  let containers: Containers;
  /** Everything that tells the hidden ones from the shown ones, as it would stand in the file. */
  const secrets: Record<string, Buffer> = {};
  const shown: Record<string, string> = {};
  /** Namespaces of the shown and of the hidden server. */
  const netns: number[] = [];

  const labels = (project: string, service: string): string[] => [
    ...['--label', `com.docker.compose.project=${project}`],
    ...['--label', `com.docker.compose.service=${service}`],
    ...['--label', `note=about-${service}`],
  ];

  beforeAll(async () => {
    containers = new Containers(`filter${String(process.pid)}`);
    await containers.start('shown', labels('front', 'desk'), 'serve', SHOWN_PORT);
    await containers.start('hidden', labels('vault', 'safe'), 'serve', HIDDEN_PORT);
    const address = await containers.address('hidden');
    const id = await containers.inspect('hidden', '{{.Id}}');
    Object.assign(secrets, {
      name: Buffer.from(containers.name('hidden')),
      'name of the late one': Buffer.from(containers.name('late-hidden')),
      project: Buffer.from('vault'),
      label: Buffer.from('about-safe'),
      id: Buffer.from(id),
      'address in words': Buffer.from(`"${address}"`),
      'address in an event': Buffer.from([0xff, 0xff, ...address.split('.').map(Number)]),
      process: Buffer.from('secretive'),
    });
    shown['address'] = await containers.address('shown');
    shown['hidden'] = address;
    for (const name of ['shown', 'hidden']) {
      const pid = await containers.inspect(name, '{{.State.Pid}}');
      netns.push(statSync(`/proc/${pid}/ns/net`).ino);
    }
  }, 120_000);
  afterAll(async () => {
    await containers.destroy();
    folder.remove();
  });

  /** Traffic of both sorts, by containers that were there and by some that come later, and by processes. */
  async function traffic(): Promise<void> {
    const secretive = containers.program.copy('secretive');
    await ask(secretive, 'ask', shown['hidden']!, COUNT, 0, HIDDEN_PORT);
    const late = labels('vault', 'safe');
    await containers.ask('late-hidden', late, 'ask', shown['hidden']!, COUNT, 0, HIDDEN_PORT);
    const desk = labels('front', 'desk');
    await containers.ask('late-shown', desk, 'ask', shown['address']!, COUNT, 0, SHOWN_PORT);
  }

  async function recorded(
    name: string,
    options: Partial<RecordOptions>,
  ): Promise<{ found: string[]; exchanges: unknown }> {
    const out = join(folder.path, `${name}.dhr`);
    const { lost } = await recordWhile({ ...options, out }, traffic);
    expect(lost).toBe(0);
    const bytes = readFileSync(out);
    const found = Object.keys(secrets).filter((what) => bytes.includes(secrets[what]!));
    const db = await analyzeCapture(out);
    const exchanges = db.query('SELECT client, server, port, exchanges FROM edge');
    db.close();
    return { found, exchanges };
  }

  const both = (): Record<string, unknown>[] => [
    {
      client: 'desk',
      server: 'desk',
      port: SHOWN_PORT,
      exchanges: COUNT,
    },
  ];

  it('would otherwise leave all of that in the file', async () => {
    const { found } = await recorded('all', { netns: [] });
    expect(found.sort()).toEqual(Object.keys(secrets).sort());
  });

  it('by the name of containers, those that come later included', async () => {
    const options = { containers: [containers.name('shown'), containers.name('late-shown')] };
    expect(await recorded('container', options)).toEqual({ found: [], exchanges: both() });
  });

  it('by service', async () => {
    expect(await recorded('service', { services: ['d*k'] })).toEqual({
      found: [],
      exchanges: both(),
    });
  });

  it('by port', async () => {
    expect(await recorded('port', { ports: [SHOWN_PORT] })).toEqual({
      found: [],
      exchanges: both(),
    });
  });

  it('by the port of what is not wanted', async () => {
    const options = { netns, excludePorts: [HIDDEN_PORT] };
    const { found, exchanges } = await recorded('excluded', options);
    expect(found).toEqual([]);
    // Only the server is in scope: the client is known by its address.
    expect(exchanges).toMatchObject([{ server: 'desk', port: SHOWN_PORT, exchanges: COUNT }]);
  });

  it('by network namespace', async () => {
    const { found, exchanges } = await recorded('netns', { netns: netns.slice(0, 1) });
    expect(found).toEqual([]);
    expect(exchanges).toMatchObject([{ server: 'desk', port: SHOWN_PORT, exchanges: COUNT }]);
  });
});
