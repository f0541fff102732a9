/** TCP counters of a network namespace, as evidence for findings: what the kernel itself counted. */
import { readFileSync } from 'node:fs';

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
