/**
 * Stage 2, normalize: the kernel's vocabulary becomes the model's. Fields are read where the capture's
 * own layout puts them; addresses are text with IPv4-mapped ones folded; cookies are exact.
 */
import { formatAddress } from '../base/address.js';
import type { EventLayout, RecordCursor } from '../capture/events.js';
import { Flag, Role } from '../capture/layout.gen.js';
import type { Endpoint } from './socket.js';
import type { Process } from './workloads/processes.js';

const TWO_32 = 4_294_967_296;

interface EndpointFields {
  readonly cgroup: number;
  readonly netns: number;
  readonly saddr: number;
  readonly daddr: number;
  readonly sport: number;
  readonly dport: number;
}

/**
 * A socket cookie as an exact number. Cookies that the kernel gave out inside an interrupt count down from
 * 2^64: read as signed they stay exact where an unsigned number would not.
 */
export function cookieAt(event: RecordCursor, field: number): number {
  if (field < 0) return 0;
  return (event.u32(field + 4) | 0) * TWO_32 + event.u32(field);
}

/** Both ends' addresses as this socket sees them. */
export function endpointAt(event: RecordCursor, at: EndpointFields): Endpoint {
  return {
    cgroup: event.u64(at.cgroup),
    netns: event.u32(at.netns),
    localAddr: formatAddress(event.bytes(at.saddr, 16)),
    localPort: event.u16(at.sport),
    remoteAddr: formatAddress(event.bytes(at.daddr, 16)),
    remotePort: event.u16(at.dport),
  };
}

/** Client and server; null for a listener or a role that the kernel could not tell. */
export function roleName(role: number): 'client' | 'server' | null {
  return role === Role.CLIENT ? 'client' : role === Role.SERVER ? 'server' : null;
}

/** PROCESS as what is known of a process. */
export function processAt(event: RecordCursor, layout: EventLayout): Process {
  const at = layout.at.PROCESS;
  return {
    pid: event.u32(at.pid),
    started: event.u64(at.started),
    ppid: event.u32(at.ppid),
    cgroup: event.u64(at.cgroup),
    comm: event.text(at.comm, 16),
    exe: event.text(at.exe, 32),
  };
}

/** Set by the analyzer: the two ends disagree about where one request ends and the next begins. */
export const PIPELINED = 1 << 16;

/** Why an exchange's times must stay out of percentiles. UNFINISHED leaves the first byte's time true. */
export const STAINED = Flag.OVERLAP | Flag.SERVER_FIRST | Flag.NO_RESPONSE | PIPELINED;
