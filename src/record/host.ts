/** What the capture says about the machine. */
import { readFileSync } from 'node:fs';
import { hostname, cpus, machine, release, totalmem } from 'node:os';
import type { CaptureFilter, HostBody, PlanRow } from '../capture/blocks.js';
import { packageVersion } from '../base/paths.js';
import { netnsOfProcess } from './cgroups.js';
import { OPEN_MS } from './cpu-halves.js';

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Body of HOST. `mono` is the base that readers subtract from every time in the capture. */
export function describeHost(about: {
  mono: bigint;
  wallMs: number;
  ringBytes: number;
  plan: readonly PlanRow[];
  filter: CaptureFilter;
  command: string | null;
  args?: string[];
}): HostBody {
  return {
    hostname: hostname(),
    kernel: release(),
    machine: machine(),
    bootId: bootId(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    recorder: packageVersion,
    startedMono: String(about.mono),
    startedWallMs: about.wallMs,
    ringBytes: about.ringBytes,
    disorderMs: OPEN_MS,
    plan: [...about.plan],
    filter: about.filter,
    command: about.command,
    ...(about.args === undefined ? {} : { args: about.args }),
    hostNetns: netnsOfProcess('self'),
  };
}
