/**
 * The load of a benchmark: wrk against a small Node HTTP server over keep-alive connections, in a network
 * namespace of the benchmark's own, so that nothing else is recorded and nothing is left behind.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';

export const PORT = 18080;
const PAUSES = new URL('pauses.lua', import.meta.url).pathname;
const SERVER = `require('node:http').createServer((q, r) => r.end('hello, world')).listen(${PORT}, '127.0.0.1')`;

/** CPU time of a process with all its threads so far, microseconds. */
export function cpuOf(pid) {
  const nanoseconds = (task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + nanoseconds(task), 0) / 1e3;
}

/** What wrk says of one run, and the shell behind it of wrk's CPU time. */
function parseRun(text) {
  const latency = (name) => {
    const [, value, unit] = new RegExp(`${name}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? [];
    return Number(value) * { us: 1, ms: 1e3, s: 1e6 }[unit];
  };
  const children = [...text.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2);
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p99: latency('99'),
    cpuUs: children.reduce((sum, [, m, s]) => sum + (Number(m) * 60 + Number(s)) * 1e6, 0),
  };
}

/** A namespace with the server in it. `close` it. */
export class Load {
  #name = `dhr-bench-${process.pid}`;
  #server;

  constructor() {
    execFileSync('ip', ['netns', 'add', this.#name]);
    this.inside(['ip', 'link', 'set', 'lo', 'up']);
    this.#server = spawn('ip', this.command([process.execPath, '-e', SERVER]).slice(1), {
      stdio: 'inherit',
    });
    const ready = `until wrk -t1 -c1 -d1 http://127.0.0.1:${PORT}/ 2>/dev/null | grep -q 'requests in'; do :; done`;
    this.inside(['sh', '-c', ready]);
  }

  /** The namespace's inode. */
  get netns() {
    return String(statSync(`/run/netns/${this.#name}`).ino);
  }

  /** A command as it runs in the namespace. */
  command(command) {
    return ['ip', 'netns', 'exec', this.#name, ...command];
  }

  /** Runs a command in the namespace to its end; gives what it printed. */
  inside(command) {
    const [file, ...args] = this.command(command);
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /**
   * One run of wrk. `cpuUs` is what wrk and the server took together.
   * @param shape.pauses connections rest between requests, see pauses.lua; else they ask again at once.
   */
  run({ seconds, connections, pauses = false }) {
    const url = `http://127.0.0.1:${PORT}/`;
    const before = cpuOf(this.#server.pid);
    const script = pauses ? `-s '${PAUSES}'` : '';
    const wrk = `wrk -t1 -c${connections} -d${seconds} --latency ${script} ${url}; times`;
    const result = parseRun(this.inside(['sh', '-c', wrk]));
    return { ...result, cpuUs: result.cpuUs + cpuOf(this.#server.pid) - before };
  }

  close() {
    this.#server?.kill('SIGKILL');
    execFileSync('ip', ['netns', 'delete', this.#name]);
  }
}
