/** Network namespaces of a test's own: made, used, and gone whatever happens. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

let counter = 0;

/** One namespace with its loopback up. */
export class NetworkNamespace {
  readonly name = `dhr-test-${String(process.pid)}-${String(++counter)}`;
  readonly #children = new Set<ChildProcess>();

  constructor() {
    ip('netns', 'add', this.name);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** Its inode, as captures name namespaces. */
  get inode(): number {
    return statSync(`/run/netns/${this.name}`).ino;
  }

  /** Runs a command inside to its end and gives what it printed. */
  run(command: string, ...args: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, command, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Starts a command inside; it is killed with the namespace. */
  start(command: string, ...args: string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.name, command, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Tells a child that waits for a word to go on. */
  goOn(child: ChildProcess): void {
    child.stdin?.write('\n');
  }

  /** Waits for `count` lines of JSON from a child; throws when it ends before. */
  async lines(child: ChildProcess, count: number): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    if (child.stdout === null) throw new Error('the child has no standard output');
    for await (const line of createInterface({ input: child.stdout })) {
      rows.push(JSON.parse(line) as Record<string, unknown>);
      if (rows.length === count) return rows;
    }
    throw new Error(`the child ended after ${String(rows.length)} of ${String(count)} lines`);
  }

  /** Joins two namespaces with a pair of virtual links: 10.99.N.1 here, 10.99.N.2 there. */
  link(other: NetworkNamespace, net: number): void {
    const [here, there] = [`dhr${String(process.pid)}a`, `dhr${String(process.pid)}b`];
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there);
    for (const [end, device, host] of [
      [this, here, 1],
      [other, there, 2],
    ] as const) {
      ip('link', 'set', device, 'netns', end.name, 'name', 'eth0');
      end.run('ip', 'address', 'add', `10.99.${String(net)}.${String(host)}/24`, 'dev', 'eth0');
      end.run('ip', 'link', 'set', 'eth0', 'up');
    }
  }

  destroy(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    ip('netns', 'delete', this.name);
  }
}
