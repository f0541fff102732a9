/**
 * A capture of the shop, recorded for real, and what must be read from it. The expected rows were checked by
 * eye against what the shop's code does; see fixtures/README.md for how the capture was made.
 */
import { copyFileSync, chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import { analyzeCapture, type Row } from '../support/database.js';
import { expectGolden } from '../support/golden.js';
import { scratchFolder } from '../support/recording.js';

const FIXTURE = join(packageRoot, 'fixtures', 'shop.dhr');
const COMMAND = 'REBASELINE=1 npx vitest run test/golden/fixture.test.ts';

const QUERIES: Record<string, string> = {
  edges: `SELECT client, server, port, via, connections, failures, exchanges, flagged,
      round(p50_us) AS p50_us, round(p95_us) AS p95_us, retransmits, bytes_sent, bytes_received, coverage
    FROM edge ORDER BY client, server`,
  verdicts: `SELECT e.client, e.server, c.verdict, c.conn_state, c.errno, c.grade, c.paired, count(*) AS connections,
      round(min(c.opened_ns) / 1e9, 1) AS first_s, round(max(c.opened_ns) / 1e9, 1) AS last_s
    FROM connection c JOIN edge e ON e.id = c.edge GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3`,
  workloads: 'SELECT kind, name, service, image FROM workload ORDER BY name',
  findings: 'SELECT rank, severity, kind, sentence FROM finding ORDER BY rank',
  quality: 'SELECT name, severity, value, sentence FROM quality ORDER BY name',
};

describe('fixtures/shop.dhr', () => {
  const folder = scratchFolder();
  const capture = join(folder.path, 'shop.dhr');
  let query: (sql: string) => Row[];
  let close: () => void;

  beforeAll(async () => {
    copyFileSync(FIXTURE, capture);
    ({ query, close } = await analyzeCapture(capture));
  });
  afterAll(() => {
    close();
    folder.remove();
  });

  it.each(Object.keys(QUERIES))('%s', (name) => {
    const path = join(packageRoot, 'fixtures', 'expected', `shop.${name}.csv`);
    expectGolden(path, query(QUERIES[name] ?? ''), COMMAND);
  });

  it('is refused on one edge only, in one interval only', () => {
    const refused = query(
      `SELECT DISTINCT e.client, e.server FROM connection c JOIN edge e ON e.id = c.edge
       WHERE c.verdict = 'refused'`,
    );
    expect(refused).toEqual([{ client: 'orders', server: 'inventory' }]);
    const inside = query(
      `SELECT count(*) AS others FROM connection c JOIN edge e ON e.id = c.edge
       WHERE e.server = 'inventory' AND e.client = 'orders' AND c.verdict <> 'refused'
         AND c.opened_ns BETWEEN
           (SELECT min(opened_ns) FROM connection WHERE verdict = 'refused') AND
           (SELECT max(opened_ns) FROM connection WHERE verdict = 'refused')`,
    );
    expect(inside).toEqual([{ others: 0 }]);
  });

  it.runIf(process.getuid?.() === 0)('is analyzed by an ordinary user who has no Docker', () => {
    const dist = join(packageRoot, 'dist', 'cli.js');
    chmodSync(folder.path, 0o777);
    chmodSync(capture, 0o644);
    const report = join(folder.path, 'user.html');
    const args = [dist, 'analyze', capture, '--db', join(folder.path, 'user.sqlite')];
    const { status, stdout } = spawnSync(
      'setpriv',
      ['--reuid=65534', '--clear-groups', process.execPath, ...args, '--report', report],
      { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', DOCKER_HOST: 'unix:///nonexistent' } },
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${report}\n` });
    expect(readFileSync(report, 'utf8')).toContain('shop.dhr');
  });
});
