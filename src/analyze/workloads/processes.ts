/** What is known of processes, by process id and time. */

export interface Process {
  pid: number;
  /** Start of the process, monotonic nanoseconds as the kernel gave them; 0 where unknown. */
  started: number;
  ppid: number;
  /** Id of its cgroup, 0 where unknown. */
  cgroup: number;
  comm: string;
  /** File name of its executable; empty where unknown. */
  exe: string;
}

/** Names that runtimes give to their main thread, not names that somebody chose. */
const RUNTIME_THREAD = /^main$|main-?thread$/i;

/**
 * The name people know a process by. comm is what it was started as (`redis-server`, a link to another
 * executable) or what it calls itself (`process.title = 'auth'`), cut to 15 bytes; where it is the beginning
 * of the executable's name, or nobody chose it, the executable's name says more.
 */
export function processName(process: Process): string {
  const exe = printable(process.exe);
  const comm = printable(process.comm);
  if (exe === '') return comm;
  return exe.startsWith(comm) || RUNTIME_THREAD.test(comm) ? exe : comm;
}

/** A process may call itself anything: keep what can be shown on one line. */
function printable(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}

/** The processes seen so far; the latest owner of a process id counts. */
export class Processes {
  readonly #byPid = new Map<number, Process>();

  /**
   * Notes a process, or its new name: whoever holds the object sees the new name. A process id
   * that was reused gets a new object.
   */
  note(seen: Process): Process {
    const before = this.#byPid.get(seen.pid);
    const same =
      before !== undefined &&
      (before.started === seen.started || before.started === 0 || seen.started === 0);
    if (!same) {
      this.#byPid.set(seen.pid, seen);
      return seen;
    }
    if (seen.started !== 0) before.started = seen.started;
    if (seen.ppid !== 0) before.ppid = seen.ppid;
    if (seen.cgroup !== 0) before.cgroup = seen.cgroup;
    if (seen.comm !== '') before.comm = seen.comm;
    if (seen.exe !== '') before.exe = seen.exe;
    return before;
  }

  get(pid: number): Process | undefined {
    return this.#byPid.get(pid);
  }
}
