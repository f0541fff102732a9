/** TCP counters of a network namespace, as evidence for findings: what the kernel itself counted. */
import { readdirSync, readFileSync } from 'node:fs';
import { netnsOfProcess } from './cgroups.js';

/** Counters worth keeping, of /proc/net/netstat (TcpExt) and /proc/net/snmp (Tcp). */
const WANTED = new Set([
  'ListenOverflows',
  'ListenDrops',
  'TCPTimeouts',
  'TCPSynRetrans',
  'TCPAbortOnData',
  'TCPAbortOnClose',
  'TCPAbortOnTimeout',
  'TCPBacklogDrop',
  'RetransSegs',
  'ActiveOpens',
  'PassiveOpens',
  'AttemptFails',
  'EstabResets',
]);

/** Reads pairs of lines, `Name: a b c` and `Name: 1 2 3`, into the wanted counters. */
export function parseCounters(text: string): Record<string, number> {
  const counters: Record<string, number> = {};
  const lines = text.split('\n');
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const names = lines[i]?.split(' ') ?? [];
    const values = lines[i + 1]?.split(' ') ?? [];
    if ((names[0] !== 'TcpExt:' && names[0] !== 'Tcp:') || values[0] !== names[0]) continue;
    names.forEach((name, at) => {
      if (WANTED.has(name)) counters[name] = Number(values[at]);
    });
  }
  return counters;
}

/** Finds a process that lives in a namespace, and keeps to it for as long as it does. */
export class Inhabitants {
  readonly #processes: () => number[];
  readonly #known = new Map<number, number>();
  /** Namespaces where nobody was found, and how many events there were then. */
  readonly #deserted = new Map<number, number>();

  /** @param processes ids of all that there are. */
  constructor(processes: () => number[] = allProcesses) {
    this.#processes = processes;
  }

  /**
   * Id of a process, null where none lives there now.
   * @param events recorded so far. Looking through all processes takes milliseconds where there are thousands: after
   * it was in vain, it is done again once something has happened.
   */
  of(netns: number, events: number): number | null {
    const known = this.#known.get(netns);
    if (known !== undefined && netnsOfProcess(known) === netns) return known;
    if (this.#deserted.get(netns) === events) return null;
    const found = this.#processes().find((pid) => netnsOfProcess(pid) === netns);
    if (found === undefined) {
      this.#deserted.set(netns, events);
      return null;
    }
    this.#known.set(netns, found);
    return found;
  }
}

function allProcesses(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Counters of the namespace that this process lives in; null where it is gone. */
export function readCounters(pid: number | 'self'): Record<string, number> | null {
  try {
    const folder = `/proc/${String(pid)}/net`;
    return {
      ...parseCounters(readFileSync(`${folder}/snmp`, 'utf8')),
      ...parseCounters(readFileSync(`${folder}/netstat`, 'utf8')),
    };
  } catch {
    return null;
  }
}
