/** Connections made on purpose in a namespace, against what the analysis says of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { NetworkNamespace } from '../support/netns.js';
import { analyzeCapture, type Row } from '../support/database.js';
import { recordWhile, scratchFolder } from '../support/recording.js';

const TRAFFIC = new URL('../support/traffic.py', import.meta.url).pathname;
/** Cases in the order in which they are made; each leaves one connection but short_lived. */
const CASES = [
  'keep_alive',
  'server_closes',
  'short_lived',
  'refused',
  'server_resets',
  'client_resets',
  'timeout',
  'cancelled',
  'never_accepted',
  'half_close',
] as const;

const can = canRun('kernel', [missingRecorder(), missingCommand('ip'), missingCommand('iptables')]);

describe.runIf(can)('verdicts of connections whose truth is known', () => {
  const folder = scratchFolder();
  const truth: Row[] = [];
  let rows: Row[] = [];
  let quality: Row[] = [];
  /** Services outside containers are named by their executable, whatever link it was called by. */
  const python = execFileSync(
    'python3',
    ['-c', "import os; print(os.path.basename(os.readlink('/proc/self/exe')))"],
    { encoding: 'utf8' },
  ).trim();

  beforeAll(async () => {
    const namespace = new NetworkNamespace();
    try {
      namespace.run('sysctl', '-qw', 'net.ipv4.tcp_syn_retries=1');
      namespace.run('iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '7007', '-j', 'DROP');
      const out = join(folder.path, 'verdicts.dhr');
      const summary = await recordWhile({ out, netns: [namespace.inode] }, async () => {
        for (const name of [...CASES, 'still_open']) {
          const child = namespace.start('python3', TRAFFIC, name);
          truth.push(...(await namespace.lines(child, name === 'short_lived' ? 1000 : 1)));
        }
      });
      expect(summary.lost).toBe(0);
      const db = await analyzeCapture(out);
      rows = db.query(
        `SELECT c.*, e.client, e.server FROM connection c JOIN edge e ON e.id = c.edge ORDER BY c.id`,
      );
      quality = db.query('SELECT * FROM quality');
      db.close();
    } finally {
      namespace.destroy();
    }
  });
  afterAll(() => {
    folder.remove();
  });

  /** Row of the database for one row of truth. */
  const found = (expected: Row): Row[] =>
    rows.filter(
      (row) =>
        row['server_port'] === expected['server_port'] &&
        row['client_port'] === expected['client_port'],
    );

  it.each([...CASES, 'still_open'])('%s', (name) => {
    for (const row of truth.filter((made) => made['case'] === name)) {
      const expected = Object.fromEntries(Object.entries(row).filter(([key]) => key !== 'case'));
      expect(found(expected)).toEqual([expect.objectContaining(expected)]);
    }
  });

  it('invents nothing', () => {
    expect(rows.length).toBe(truth.length);
  });

  it('names both ends by their process', () => {
    expect([
      ...new Set(rows.map((row) => `${String(row['client'])} → ${String(row['server'])}`)),
    ]).toEqual([`${python} → ${python}`]);
  });

  it('leaves nothing unaccounted for', () => {
    expect(quality.filter((row) => row['severity'] === 'error')).toEqual([]);
    expect(quality.filter((row) => row['name'] === 'ledger')).toMatchObject([{ severity: 'ok' }]);
  });
});
