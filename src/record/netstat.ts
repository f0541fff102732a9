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
  readonly #known = new Map<number, number>();

  /** Id of a process, null where none lives there now. */
  of(netns: number): number | null {
    const known = this.#known.get(netns);
    if (known !== undefined && netnsOfProcess(known) === netns) return known;
    const found = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .find((name) => netnsOfProcess(Number(name)) === netns);
    if (found === undefined) return null;
    this.#known.set(netns, Number(found));
    return Number(found);
  }
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
