/**
 * A Docker daemon of a test's own, in a network namespace of its own: its bridge, its rules and its containers
 * do not meet the machine's, and it may be stopped.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetworkNamespace } from './netns.js';
import { Containers, succeeds, until } from './docker.js';

export class Daemon {
  readonly namespace = new NetworkNamespace();
  readonly #folder = mkdtempSync(join(tmpdir(), 'dhrishti-dockerd-'));
  readonly #options: string[];
  #process: ChildProcess | null = null;

  /** @param options more options of dockerd. */
  constructor(...options: string[]) {
    this.#options = options;
    this.namespace.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  }

  /** Where it listens, as DOCKER_HOST names it. */
  get host(): string {
    return `unix://${this.#folder}/docker.sock`;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const path = (name: string): string => join(this.#folder, name);
    const log = openSync(path('log'), 'a');
    const args = ['--host', this.host, '--data-root', path('data'), '--exec-root', path('exec')];
    // Not `ip netns exec`: that hides the cgroups, which the containers need.
    const child = spawn(
      'nsenter',
      [
        `--net=/run/netns/${this.namespace.name}`,
        ...['dockerd', ...args, '--pidfile', path('pid'), ...this.#options],
      ],
      { stdio: ['ignore', log, log] },
    );
    closeSync(log);
    this.#process = child;
    await until('dockerd answers', async () => {
      if (child.exitCode !== null) throw new Error(readFileSync(path('log'), 'utf8').slice(-2000));
      return succeeds('docker', '-H', this.host, 'info');
    });
  }

  /** Stops it and waits until it is gone; containers go on where it runs with --live-restore. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  async destroy(): Promise<void> {
    await this.stop();
    this.namespace.destroy();
    // With --live-restore the daemon leaves its mounts to the next one.
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((path) => path.startsWith(this.#folder));
    for (const path of mounts.reverse()) execFileSync('umount', ['-l', path]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Starts a daemon that dhrishti and `docker` find, and containers to make in it; all are gone afterwards.
 * @param prefix begins the names of the containers.
 * @param options more options of dockerd.
 */
export async function withDaemon(
  prefix: string,
  options: string[],
  use: (daemon: Daemon, containers: Containers) => Promise<void>,
): Promise<void> {
  const daemon = new Daemon(...options);
  const before = process.env['DOCKER_HOST'];
  let containers: Containers | undefined;
  try {
    await daemon.start();
    process.env['DOCKER_HOST'] = daemon.host;
    containers = new Containers(prefix, daemon.host);
    await use(daemon, containers);
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
    await containers?.destroy();
    await daemon.destroy();
  }
}
