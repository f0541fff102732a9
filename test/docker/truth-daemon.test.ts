/** The Docker daemon stops and starts while it is recorded: the recording goes on, and names stay right. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeCapture, type Row } from '../support/database.js';
import { ask } from '../support/docker.js';
import { answered, DOUBTS, ROWS, sorted } from '../support/docker-truth.js';
import { withDaemon } from '../support/dockerd.js';
import { canRun, missingCommand, missingDocker, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';

const PORT = 17201;
const COUNT = 10;
const PREFIX = `daemon${String(process.pid)}`;

const can = canRun('daemon restart', [
  missingRecorder(),
  missingDocker(),
  missingCommand('ip'),
  missingCommand('gcc'),
]);

describe.runIf(can)('the daemon stopped and started during the recording', () => {
  const folder = scratchFolder();
  const truth: Row[] = [];
  let rows: Row[] = [];
  let quality: Row[] = [];
  let doubts: Row[] = [];
  let capture: Row[] = [];

  beforeAll(async () => {
    const called = (name: string): string => `${PREFIX}-${name}`;
    const options = ['--live-restore', '--userland-proxy=false'];
    await withDaemon(PREFIX, options, async (daemon, made) => {
      const outside = made.program.copy('outside');
      const inNamespace = [`--net=/run/netns/${daemon.namespace.name}`, outside];
      await made.start('server', [], 'serve', PORT);
      await made.start('gone', [], 'serve', PORT);
      const server_addr = await made.address('server');
      const address = await made.address('gone');
      const gonePid = Number(await made.inspect('gone', '{{.State.Pid}}'));
      const server = called('server');
      const out = join(folder.path, 'daemon.dhr');

      const summary = await recordWhile({ out, ports: [PORT] }, async () => {
        const before = await made.ask('before', [], 'ask', server_addr, COUNT, 0, PORT);
        truth.push(...answered(before, { client: called('before'), server, server_addr }));
        const held = await made.start('held', [], 'hold', server_addr, PORT);
        truth.push(
          ...answered(
            [held],
            { client: called('held'), server, server_addr },
            {
              verdict: 'open',
              conn_state: 'S1',
              closed_by: null,
            },
          ),
        );
        const toGone = await made.ask('before2', [], 'ask', address, COUNT, 0, PORT);
        const gone = { client: called('before2'), server: called('gone'), server_addr: address };
        truth.push(...answered(toGone, gone));

        await daemon.stop();
        const silent = await ask('nsenter', ...inNamespace, 'ask', server_addr, COUNT, 0, PORT);
        truth.push(
          ...answered(silent, { client: 'outside', server, server_addr }, { grade: 'owner' }),
        );
        process.kill(gonePid, 'SIGKILL');
        await daemon.start();

        const after = await made.ask('after', [], 'ask', server_addr, COUNT, 0, PORT);
        truth.push(...answered(after, { client: called('after'), server, server_addr }));
        await made.remove('gone');
        await made.start('next', [], 'serve', PORT);
        const server_next = await made.address('next');
        const toNext = await made.ask('after2', [], 'ask', server_next, COUNT, 0, PORT);
        const next = { client: called('after2'), server: called('next'), server_addr: server_next };
        truth.push(...answered(toNext, next));
      });
      expect(summary.lost).toBe(0);
      expect(summary.notes).toEqual(['Containers: the container engine went away.']);
      const db = await analyzeCapture(out);
      rows = db.query(ROWS);
      quality = db.query('SELECT name, severity, sentence FROM quality');
      doubts = db.query(DOUBTS);
      capture = db.query('SELECT verdict, lost FROM capture');
      db.close();
    });
  });
  afterAll(() => {
    folder.remove();
  });

  it('goes on recording', () => {
    expect(capture).toEqual([{ verdict: 'complete', lost: 0 }]);
  });

  it('shows each connection once, under the right names', () => {
    expect(sorted(rows)).toEqual(sorted(truth));
  });

  it('says when the engine was silent', () => {
    expect(quality.filter((row) => row['name'] === 'container_engine')).toEqual([
      {
        name: 'container_engine',
        severity: 'info',
        sentence: expect.stringMatching(
          /^The container engine was silent from [\d.]+ m?s to [\d.]+ m?s \(the container engine went away\): /,
        ) as string,
      },
    ]);
  });

  it('leaves nothing unaccounted for', () => {
    expect(doubts).toEqual([]);
  });
});
