/**
 * Containers of a test's own: one tiny image with the program echo.c, run, asked, and gone whatever happens.
 * A daemon of the test's own, in a network namespace of its own, where the machine's must not be touched.
 */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Row } from './database.js';

const run = promisify(execFile);
const SOURCE = new URL('echo.c', import.meta.url).pathname;
const READY_WITHIN_MS = 30_000;

/** Asks again and again until the answer is true, for what gives no word of its own. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = Date.now() + READY_WITHIN_MS;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new Error(`${what}: not within ${String(READY_WITHIN_MS)} ms`);
    await delay(20);
  }
}

/** True when a command ends with status 0. */
export async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

/** The program of the image, compiled; `copy` gives processes of the host a name of their own. */
export class EchoProgram {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dhrishti-echo-'));

  constructor() {
    execFileSync('gcc', ['-O2', '-static', '-o', this.#path('echo'), SOURCE]);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  /** Path of the program, under another file name. */
  copy(name: string): string {
    copyFileSync(this.#path('echo'), this.#path(name));
    return this.#path(name);
  }

  /** Gives the daemon the image. */
  image(docker: string[], name: string): void {
    execFileSync(
      'sh',
      ['-c', 'tar -C "$0" -c echo | docker "$@" >/dev/null', this.#folder, ...docker].concat([
        ...['import', '--change', 'ENTRYPOINT ["/echo"]', '-', name],
      ]),
    );
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Lines of JSON that a child prints, as they come. */
async function lines(child: ChildProcess, count: number): Promise<Row[]> {
  const rows: Row[] = [];
  let words = '';
  child.stderr!.on('data', (text: Buffer) => (words += text.toString()));
  for await (const line of createInterface({ input: child.stdout! })) {
    rows.push(JSON.parse(line) as Row);
    if (rows.length === count) break;
  }
  if (rows.length < count) throw new Error(`the container said too little: ${words}`);
  return rows;
}

/** Runs a program of the host to its end: the rows of truth that it prints. */
export async function ask(program: string, ...args: (string | number)[]): Promise<Row[]> {
  const { stdout } = await run(program, args.map(String), { maxBuffer: 1 << 26 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** The containers of one test on one daemon. Their names begin with `prefix`. */
export class Containers {
  readonly prefix: string;
  readonly program = new EchoProgram();
  readonly #image: string;
  readonly #global: string[];
  readonly #networks: string[] = [];
  readonly #children = new Set<ChildProcess>();

  /** @param host the daemon's socket; the machine's own daemon without. */
  constructor(prefix: string, host?: string) {
    this.prefix = prefix;
    this.#global = host === undefined ? [] : ['-H', host];
    // A name of its own: who removes its containers removes its image, and nobody else's.
    this.#image = `dhrishti-test/echo:${prefix}-${String(process.pid)}`;
    this.program.image(this.#global, this.#image);
  }

  /** The full name of a container. */
  name(name: string): string {
    return `${this.prefix}-${name}`;
  }

  /** Runs a command of docker to its end and gives what it printed. */
  async docker(...args: string[]): Promise<string> {
    const { stdout } = await run('docker', [...this.#global, ...args], { maxBuffer: 1 << 26 });
    return stdout.trim();
  }

  /** A network with addresses of the test's own choice; gives its name. */
  async network(name: string, subnet: string): Promise<string> {
    const full = this.name(name);
    await this.docker('network', 'create', '--subnet', subnet, full);
    this.#networks.push(full);
    return full;
  }

  /** Starts a container and waits for the first line that it prints. */
  async start(name: string, options: string[], ...command: (string | number)[]): Promise<Row> {
    const child = spawn(
      'docker',
      [...this.#global, ...this.#run(name, options), ...command.map(String)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return (await lines(child, 1))[0]!;
  }

  /** Runs a container to its end: the rows of truth that it printed. */
  async ask(name: string, options: string[], ...command: (string | number)[]): Promise<Row[]> {
    return ask('docker', ...this.#global, ...this.#run(name, ['--rm', ...options]), ...command);
  }

  #run(name: string, options: string[]): string[] {
    return ['run', '--name', this.name(name), ...options, this.#image];
  }

  /** One field of `docker inspect`. */
  async inspect(name: string, format: string): Promise<string> {
    return this.docker('inspect', '-f', format, this.name(name));
  }

  /** The container's address. */
  async address(name: string): Promise<string> {
    return this.inspect(name, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');
  }

  /** Restarts a container that serves, and waits until it listens again. */
  async restart(name: string, port: number): Promise<void> {
    await this.docker('restart', '-t', '0', this.name(name));
    const pid = await this.inspect(name, '{{.State.Pid}}');
    const listens = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} \\S+ 0A `);
    await until(`${name} listens again`, () =>
      listens.test(readFileSync(`/proc/${pid}/net/tcp`, 'utf8')),
    );
  }

  /** Kills a container, and its name and address are free. */
  async remove(...names: string[]): Promise<void> {
    await this.docker('rm', '-f', ...names.map((name) => this.name(name)));
  }

  /** Removes everything that begins with the prefix. */
  async destroy(): Promise<void> {
    const left = await this.docker('ps', '-aq', '--filter', `name=^/${this.prefix}-`);
    if (left !== '') await this.docker('rm', '-f', ...left.split('\n'));
    for (const child of this.#children) child.kill('SIGKILL');
    for (const network of this.#networks) await this.docker('network', 'rm', network);
    await this.docker('rmi', '-f', this.#image);
    this.program.remove();
  }
}
