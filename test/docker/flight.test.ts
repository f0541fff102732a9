/** A flight recorder among containers: who was named in segments that are gone is named in the snapshot. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basename, join } from 'node:path';
import { listSegments, segmentFolder } from '../../src/capture/segments.js';
import { Containers, until } from '../support/docker.js';
import { answered, ROWS, sorted } from '../support/docker-truth.js';
import { analyzeCapture, type Row } from '../support/database.js';
import { canRun, missingCommand, missingDocker, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';

const PORT = 17501;
const can = canRun('flight', [missingRecorder(), missingDocker(), missingCommand('gcc')]);

describe.runIf(can)('a snapshot', () => {
  const folder = scratchFolder();
  let containers: Containers;
  beforeAll(() => {
    containers = new Containers(`flight${String(process.pid)}`);
  });
  afterAll(async () => {
    await containers.destroy();
    folder.remove();
  });

  /** Until nothing is held that is held now. */
  async function untilRenewed(out: string): Promise<void> {
    const number = (path: string | undefined): number => Number.parseInt(basename(path ?? '0'), 10);
    const now = number(listSegments(segmentFolder(out)).at(-1));
    await until('new segments', () => number(listSegments(segmentFolder(out))[0]) > now);
  }

  it('names containers that started and connections that began long before', async () => {
    const out = join(folder.path, 'x.dhr');
    const made: { file?: string; error?: string }[] = [];
    const truth: Row[] = [];
    const options = {
      out,
      ports: [PORT],
      keep: { ms: 800 },
      onSnapshot: (outcome: { file?: string }) => made.push(outcome),
    };
    await recordWhile(options, async () => {
      await containers.start('server', [], 'serve', PORT);
      const server_addr = await containers.address('server');
      const between = { server: containers.name('server'), server_addr };
      const held = await containers.start('holder', [], 'hold', server_addr, PORT);
      truth.push(
        ...answered(
          [held],
          { ...between, client: containers.name('holder') },
          {
            verdict: 'open',
            conn_state: 'S1',
            closed_by: null,
            exchanges: 0,
            preexisting: 1,
          },
        ),
      );
      await untilRenewed(out);
      const asked = await containers.ask('client', [], 'ask', server_addr, 5, 0, PORT);
      truth.push(...answered(asked, { ...between, client: containers.name('client') }));
      process.kill(process.pid, 'SIGUSR1');
      await until('the snapshot', () => made.length > 0);
    });
    expect(made.map(({ error }) => error)).toEqual([undefined]);
    const db = await analyzeCapture(made[0]!.file!);
    expect(sorted(db.query(ROWS))).toEqual(sorted(truth));
    expect(db.query(`SELECT * FROM quality WHERE severity NOT IN ('ok', 'info')`)).toEqual([]);
    db.close();
  });
});
