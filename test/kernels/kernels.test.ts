/**
 * Kernels that people run, each booted in a machine of its own: the same traffic is recorded and analyzed
 * there and on this machine. What comes out must be the same, whichever rungs each of them has taken.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Row } from '../support/database.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { scratchFolder } from '../support/recording.js';
import { expectCase, expectNothingElse, outcomeIn, type Outcome } from '../support/truth.js';
import { runGuest } from './guest.js';
import { commonImage, guestImage, SCENARIO } from './image.js';
import { fetchKernel, missingKernel } from './packages.js';

/** A guest that hangs ends after this. Emulation is some ten times slower, and this machine may be busy. */
const GUEST_LIMIT_S = 480;
const LIMIT_MS = (GUEST_LIMIT_S + 60) * 1_000;

/** What doctor must say in each guest. */
const KERNELS = [
  {
    meta: 'linux-image-cloud-amd64',
    exchanges:
      'fentry/do_tcp_sendpages + fentry/tcp_sendmsg_locked + tp_btf/tcp_rcv_space_adjust: not tp_btf/tcp_sendmsg_locked: this kernel has none',
  },
  {
    meta: 'linux-image-6.12-cloud-amd64',
    exchanges:
      'fentry/tcp_sendmsg_locked + tp_btf/tcp_rcv_space_adjust: not tp_btf/tcp_sendmsg_locked: this kernel has none',
  },
];

const COMMANDS = ['qemu-system-x86_64', 'busybox', 'cpio', 'xz', 'gcc', 'apt-get', 'ip'];
const PARTS = [
  missingRecorder(),
  process.arch === 'x64' ? null : 'an x86-64 machine',
  ...COMMANDS.map(missingCommand),
];
// Asking apt takes a while: only where the rest is there.
const complete = PARTS.every((part) => part === null);
const can = canRun('kernels', [
  ...PARTS,
  ...(complete ? KERNELS.map(({ meta }) => missingKernel(meta)) : []),
]);

/** What the scenario has left in a folder. */
interface Left {
  outcome: Outcome;
  lost: number;
  /** What doctor said, by row. */
  doctor: Map<string, string>;
}

function readLeft(folder: string): Left {
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const lines = text('truth.jsonl').trim().split('\n');
  const truth = lines.map((line) => JSON.parse(line) as Row).filter((row) => row['case']);
  const { rows } = JSON.parse(text('doctor.json')) as { rows: { name: string; detail: string }[] };
  return {
    outcome: outcomeIn(openDatabase(join(folder, 'traffic.sqlite')), truth),
    lost: (JSON.parse(text('summary.json')) as { lost: number }).lost,
    doctor: new Map(rows.map(({ name, detail }) => [name, detail])),
  };
}

/** What must not depend on the kernel: neither times nor ports of clients, nor what the network repeats. */
function comparable({ rows }: Outcome): string[] {
  // prettier-ignore
  const columns = ['client', 'server', 'server_port', 'verdict', 'conn_state', 'errno', 'closed_by', 'exchanges',
    'bytes_sent', 'bytes_received', 'paired', 'preexisting'];
  return rows.map((row) => columns.map((name) => String(row[name])).join(' ')).sort();
}

describe.runIf(can)('the same traffic on other kernels', () => {
  const folder = scratchFolder();
  let here: Left;
  let common: Buffer;

  beforeAll(() => {
    const host = join(folder.path, 'host');
    mkdirSync(host);
    execFileSync(process.execPath, [SCENARIO, host], { stdio: ['ignore', 'ignore', 'inherit'] });
    here = readLeft(host);
    common = commonImage();
  });

  afterAll(() => {
    folder.remove();
  });

  it('is recorded as it was made on this machine', () => {
    for (const row of here.outcome.truth) expectCase(here.outcome, String(row['case']));
  });

  describe.each(KERNELS)('$meta', ({ meta, exchanges }) => {
    let there: Left;

    beforeAll(async () => {
      const kernel = fetchKernel(meta);
      const left = join(folder.path, meta);
      const archives = [common, guestImage(kernel)];
      const passed = await runGuest(kernel, archives, left, GUEST_LIMIT_S);
      expect(passed, readFileSync(join(left, 'console.log'), 'utf8')).toBe(true);
      there = readLeft(left);
    }, LIMIT_MS);

    it('takes the rungs that it has, and says why not better ones', () => {
      expect(there.doctor.get('exchanges')).toBe(exchanges);
      expect(there.doctor.get('accept')).toBe('fexit/inet_csk_accept');
      expect(there.doctor.get('last flush')).toBe('iter/bpf_sk_storage_map');
    });

    it('records every row as it was made', () => {
      expect(there.lost).toBe(0);
      for (const row of there.outcome.truth) expectCase(there.outcome, String(row['case']));
      expectNothingElse(there.outcome, '10.99.7.9');
    });

    it('gives the same rows as this machine', () => {
      expect(comparable(there.outcome)).toEqual(comparable(here.outcome));
    });
  });
});
