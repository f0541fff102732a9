/** Who may record, whom the capture belongs to, and what is never in it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/paths.js';
import { analyzeCapture } from '../support/database.js';
import { NetworkNamespace } from '../support/netns.js';
import { canRun, missingCommand, missingRecorder } from '../support/parts.js';
import { scratchFolder } from '../support/recording.js';

const CLI = join(packageRoot, 'dist', 'cli.js');
const NOBODY = 65534;
const PORT = 19701;
const can = canRun('kernel', [
  missingRecorder(),
  missingCommand('ip'),
  missingCommand('setpriv'),
  missingCommand('python3'),
]);

/** One exchange over loopback, both ends in one process; its payload, arguments and environment are secrets. */
const TRAFFIC = `
import socket
s = socket.create_server(('127.0.0.1', ${String(PORT)}))
c = socket.create_connection(('127.0.0.1', ${String(PORT)}))
a, _ = s.accept()
c.sendall(b'question-of-the-payload')
a.recv(100)
a.sendall(b'answer-of-the-payload')
c.recv(100)
c.close()
a.close()`;

const SECRETS = ['question-of-the-payload', 'answer-of-the-payload', 'an-argument', 'a-variable'];

describe.runIf(can)('a recording', () => {
  const folder = scratchFolder();
  let namespace: NetworkNamespace;
  beforeAll(() => {
    namespace = new NetworkNamespace();
    chmodSync(folder.path, 0o777);
  });
  afterAll(() => {
    namespace.destroy();
    folder.remove();
  });

  /** Records the traffic as root in the test's namespace. */
  function record(
    out: string,
    options: string[],
    env: NodeJS.ProcessEnv = {},
  ): SpawnSyncReturns<string> {
    const netns = String(namespace.inode);
    return spawnSync(
      process.execPath,
      [
        ...[CLI, 'record', '--quiet', '-o', out, '--netns', netns, ...options, '--'],
        ...['ip', 'netns', 'exec', namespace.name, 'python3', '-c', TRAFFIC, 'an-argument'],
      ],
      { encoding: 'utf8', env: { ...process.env, SECRET: 'a-variable', ...env } },
    );
  }

  const secretsIn = (file: string): string[] => {
    const bytes = readFileSync(file);
    return SECRETS.filter((secret) => bytes.includes(secret));
  };

  it('holds no payload, no argument and no environment', async () => {
    const out = join(folder.path, 'plain.dhr');
    expect(record(out, [])).toMatchObject({ status: 0, stderr: '' });
    expect(secretsIn(out)).toEqual([]);
    const db = await analyzeCapture(out);
    expect(db.query('SELECT port, exchanges, bytes_sent, bytes_received FROM edge')).toEqual([
      {
        port: PORT,
        exchanges: 1,
        bytes_sent: 'question-of-the-payload'.length,
        bytes_received: 'answer-of-the-payload'.length,
      },
    ]);
    db.close();
  });

  it("holds the command's arguments where they are asked for", () => {
    const out = join(folder.path, 'args.dhr');
    expect(record(out, ['--with-args']).status).toBe(0);
    expect(readFileSync(out).includes('"an-argument"]')).toBe(true);
    expect(secretsIn(out)).not.toContain('a-variable');
  });

  it('belongs to the person behind sudo and to nobody else', () => {
    const out = join(folder.path, 'sudo.dhr');
    const sudo = { SUDO_UID: String(NOBODY), SUDO_GID: String(NOBODY) };
    expect(record(out, [], sudo).status).toBe(0);
    const { uid, gid, mode } = statSync(out);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: NOBODY, gid: NOBODY, mode: 0o600 });
  });

  /** Records for a moment as an ordinary user who has these capabilities and no others. */
  function recordWith(out: string, ...capabilities: string[]): SpawnSyncReturns<string> {
    const set = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
    const user = [`--reuid=${String(NOBODY)}`, `--regid=${String(NOBODY)}`, '--clear-groups'];
    const caps = [`--inh-caps=${set}`, `--ambient-caps=${set}`, `--bounding-set=${set}`];
    const options = ['--duration', '200ms', '--netns', String(namespace.inode), '-o', out];
    return spawnSync('setpriv', [...user, ...caps, process.execPath, CLI, 'record', ...options], {
      encoding: 'utf8',
      cwd: folder.path,
    });
  }

  it('needs CAP_BPF and CAP_PERFMON, and says what it goes without', async () => {
    const out = join(folder.path, 'caps.dhr');
    const child = namespace.start('python3', '-c', `${TRAFFIC}\nprint('{}', flush=True)\ninput()`);
    await namespace.lines(child, 1);
    const { status, stderr } = recordWith(out, 'bpf', 'perfmon');
    expect(stderr).toContain('Note: Without CAP_SYS_PTRACE network namespaces');
    expect(stderr).toContain('Note: Without CAP_SYS_ADMIN the time that the probes take');
    expect(status).toBe(0);
    expect(statSync(out)).toMatchObject({ uid: NOBODY, gid: NOBODY });
    // The kernel's own list of sockets asks for no capability of its own: the listener is in it.
    expect(readFileSync(out).includes('python3')).toBe(true);
  });

  it.each([
    ['CAP_PERFMON', ['bpf']],
    ['CAP_BPF', ['perfmon', 'sys_ptrace']],
    ['CAP_BPF and CAP_PERFMON', ['sys_ptrace', 'net_admin']],
  ])('names what is missing: %s', (missing, capabilities) => {
    expect(recordWith(join(folder.path, 'none.dhr'), ...capabilities)).toMatchObject({
      status: 3,
      stderr:
        `dhrishti: Recording needs root, or CAP_BPF and CAP_PERFMON: this process lacks ${missing}.\n` +
        'sudo dhrishti record …\n',
    });
  });
});
