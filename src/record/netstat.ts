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

/** Looking through all processes takes milliseconds where there are thousands: in vain at most each so many times. */
const MOST_PASSED_OVER = 32;

/** Finds a process that lives in a namespace, and keeps to it for as long as it does. */
export class Inhabitants {
  readonly #processes: () => number[];
  readonly #known = new Map<number, number>();
  /** Namespaces where nobody was found: how often to pass over looking again, twice as often after each time. */
  readonly #deserted = new Map<number, { passOver: number; left: number }>();

  /** @param processes ids of all that there are. */
  constructor(processes: () => number[] = allProcesses) {
    this.#processes = processes;
  }

  /** Id of a process, null where none was found to live there. Meant to be asked once a second. */
  of(netns: number): number | null {
    const known = this.#known.get(netns);
    if (known !== undefined && netnsOfProcess(known) === netns) return known;
    const deserted = this.#deserted.get(netns) ?? { passOver: 0, left: 0 };
    if (deserted.left-- > 0) return null;
    const found = this.#processes().find((pid) => netnsOfProcess(pid) === netns);
    if (found === undefined) {
      const passOver = Math.min(2 * deserted.passOver + 1, MOST_PASSED_OVER);
      this.#deserted.set(netns, { passOver, left: passOver });
      return null;
    }
    this.#deserted.delete(netns);
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
