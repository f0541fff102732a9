/**
 * Who records in a benchmark: nobody, dhrishti, and what people use instead. Each is a command and the line on
 * its output or errors that says that it records now; it ends at SIGINT, or when its input ends.
 */
import { PORT } from './load.mjs';

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;

/** A connection's life as a bpftrace script tells it: connect, accept and close are changes of state. */
const STATES = `tracepoint:sock:inet_sock_set_state /args->protocol == 6/ {
  printf("%llu %d %s %d %d %d %d\\n", nsecs, pid, comm, args->sport, args->dport, args->oldstate, args->newstate);
}`;

const TRACE = 'mount -t tracefs nodev /sys/kernel/tracing; exec bpftrace -o "$0" -e "$1"';

/** All of them; `command(load, file)` records the load's namespace into a file. */
export const RECORDERS = [
  { name: 'nothing', command: null },
  {
    name: 'dhrishti',
    ready: /^ready$/m,
    command: (load, file) =>
      [process.execPath, CLI, 'record', '--quiet', '-o', file, '--netns', load.netns].concat([
        ...['--', 'sh', '-c', 'echo ready; read end'],
      ]),
  },
  {
    name: 'tcpdump -w',
    ready: /listening on/,
    command: (load, file) =>
      load.command(['tcpdump', '-Z', 'root', '-i', 'lo', '-w', file, 'tcp', 'port', String(PORT)]),
  },
  {
    name: 'bpftrace',
    ready: /Attaching/,
    // In a mount namespace of its own, because it needs tracefs and leaves no mount behind.
    command: (_load, file) => ['unshare', '-m', 'sh', '-c', TRACE, file, STATES],
  },
];
