/** One event in words, for `dhrishti log`. */
import { formatAddress, formatEndpoint } from '../base/address.js';
import { formatBytes } from '../base/bytes.js';
import { formatDuration, formatOffset } from '../base/time.js';
import type { EventLayout, RecordCursor } from '../capture/events.js';
import { Flag, Kind, Role } from '../capture/layout.gen.js';
import { errnoName } from './errno.js';
import { TcpState } from './socket.js';

const STATE_NAMES = new Map<number, string>(
  Object.entries(TcpState).map(([name, state]) => [state, name]),
);

function stateName(state: number): string {
  return STATE_NAMES.get(state) ?? `state ${String(state)}`;
}

/** Errors, resets, and connections that were never made. */
export function isFailure(event: RecordCursor, layout: EventLayout): boolean {
  if (event.kind === Kind.RESET) return true;
  if (event.kind !== Kind.CLOSE) return false;
  const at = layout.at.CLOSE;
  const state = event.u8(at.old_state);
  return event.u16(at.err) !== 0 || state === TcpState.SYN_SENT || state === TcpState.SYN_RECV;
}

/** What happened, without time and socket: `closed from SYN_SENT, ECONNREFUSED`. */
export function tell(event: RecordCursor, layout: EventLayout): string {
  switch (event.kind) {
    case Kind.LISTEN:
      return `listens, backlog ${String(event.u32(layout.at.LISTEN.backlog))}`;
    case Kind.CONNECT:
      return 'connects';
    case Kind.ESTABLISHED:
      return event.u8(layout.at.ESTABLISHED.role) === Role.CLIENT
        ? 'connected'
        : 'handshake done, waits to be accepted';
    case Kind.ACCEPT:
      return `accepted by process ${String(event.u32(layout.at.ACCEPT.pid))}`;
    case Kind.FIN:
      return tellFin(event, layout);
    case Kind.CLOSE:
      return tellClose(event, layout);
    case Kind.EXCHANGE:
      return tellExchange(event, layout);
    case Kind.RETRANSMIT:
      return tellRetransmit(event, layout);
    case Kind.RESET:
      return (event.u16(layout.at.RESET.flags) & Flag.RST_SENT) !== 0
        ? `sent RST in ${stateName(event.u8(layout.at.RESET.state))}`
        : `received RST in ${stateName(event.u8(layout.at.RESET.state))}`;
    case Kind.PROCESS:
      return tellProcess(event, layout);
    case Kind.CGROUP:
      return tellCgroup(event, layout);
    default:
      return `event of kind ${String(event.kind)}`;
  }
}

function tellFin(event: RecordCursor, layout: EventLayout): string {
  const at = layout.at.FIN;
  const verb = (event.u16(at.flags) & Flag.FIN_SENT) !== 0 ? 'sent' : 'received';
  const states = `${stateName(event.u8(at.old_state))} → ${stateName(event.u8(at.new_state))}`;
  return `${verb} FIN, ${states}`;
}

function tellClose(event: RecordCursor, layout: EventLayout): string {
  const at = layout.at.CLOSE;
  const state = event.u8(at.old_state);
  if (state === TcpState.LISTEN) return 'listens no more';
  const parts = [`closed from ${stateName(state)}`];
  const error = errnoName(event.u16(at.err));
  if (error !== null) parts.push(error);
  parts.push(
    `${formatBytes(event.u64(at.bytes_sent))} sent`,
    `${formatBytes(event.u64(at.bytes_received))} received`,
  );
  const unread = event.u32(at.unread);
  if (unread > 0) parts.push(`${formatBytes(unread)} never read`);
  const again = event.u32(at.retransmits);
  if (again > 0) parts.push(`${String(again)} segment${again === 1 ? '' : 's'} sent again`);
  const rtt = event.u32(at.srtt_us);
  if (rtt > 0) parts.push(`round trip ${formatDuration(rtt * 1e3)}`);
  return parts.join(', ');
}

function tellExchange(event: RecordCursor, layout: EventLayout): string {
  const at = layout.at.EXCHANGE;
  const flags = event.u16(at.flags);
  const unitNs = (flags & Flag.MICROS) !== 0 ? 1e3 : 1;
  // The event comes when the next exchange begins or the socket closes, so its own time tells little.
  const ageUnitNs = (flags & Flag.AGE_MILLIS) !== 0 ? 1e6 : 1;
  const started = formatOffset(event.time(at.ts) - event.u32(at.age) * ageUnitNs);
  const request = `${formatBytes(event.u32(at.request_bytes))} asked at ${started}`;
  if ((flags & Flag.NO_RESPONSE) !== 0) return `exchange without a response, ${request}`;
  return [
    `exchange, ${request}`,
    `${formatBytes(event.u32(at.response_bytes))} answered`,
    `first byte after ${formatDuration(event.u32(at.ttfb) * unitNs)}`,
    `last after ${formatDuration(event.u32(at.total) * unitNs)}`,
  ].join(', ');
}

function tellRetransmit(event: RecordCursor, layout: EventLayout): string {
  const at = layout.at.RETRANSMIT;
  const flags = event.u16(at.flags);
  if ((flags & Flag.SYNACK) !== 0) {
    const address = formatAddress(event.bytes(at.daddr, 16));
    return `sent SYN-ACK again to ${formatEndpoint(address, event.u16(at.dport))}`;
  }
  if ((flags & Flag.SYN) !== 0) return 'sent SYN again';
  return `sent a segment again in ${stateName(event.u8(at.state))}`;
}

function tellProcess(event: RecordCursor, layout: EventLayout): string {
  const at = layout.at.PROCESS;
  const names = `${event.text(at.comm, 16)} (${event.text(at.exe, 32)})`;
  return `process ${String(event.u32(at.pid))} is ${names}, child of ${String(event.u32(at.ppid))}`;
}

function tellCgroup(event: RecordCursor, layout: EventLayout): string {
  const at = layout.at.CGROUP;
  const verb = (event.u16(at.flags) & Flag.DIED) !== 0 ? 'removed' : 'made';
  return `cgroup ${String(event.u64(at.id))} ${verb}: ${event.text(at.path, 192)}`;
}
