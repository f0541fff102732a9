/** Which capabilities a recording needs, which make it better, and which this process has. */
import { readFileSync } from 'node:fs';

/** Bits of include/uapi/linux/capability.h. */
const BITS = { CAP_SYS_PTRACE: 19, CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 } as const;
type Capability = keyof typeof BITS;

/** Something that is left out where a capability is missing. */
export interface Privation {
  capability: Capability;
  sentence: string;
}

/** Effective capabilities of this process, as bits. */
function heldNow(): bigint {
  const line = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return BigInt(`0x${line?.[1] ?? '0'}`);
}

function holds(held: bigint, capability: Capability): boolean {
  return (held & (1n << BigInt(BITS[capability]))) !== 0n;
}

/** Capabilities without which nothing can be recorded, and which are missing. CAP_SYS_ADMIN holds both. */
export function missingCapabilities(held: bigint = heldNow()): Capability[] {
  if (holds(held, 'CAP_SYS_ADMIN')) return [];
  return (['CAP_BPF', 'CAP_PERFMON'] as const).filter((capability) => !holds(held, capability));
}

/** What a recording goes without, for want of a capability. */
export function privations(held: bigint = heldNow()): Privation[] {
  const all: Privation[] = [
    {
      capability: 'CAP_SYS_PTRACE',
      sentence:
        "network namespaces of other people's processes stay unknown, and with them the kernel's counters there",
    },
    { capability: 'CAP_SYS_ADMIN', sentence: 'the time that the probes take is not measured' },
  ];
  return all.filter(({ capability }) => !holds(held, capability));
}
