/**
 * Names of Linux's numbers. A capture is analyzed on any system, whose own tables (`os.constants`) differ, so
 * these are Linux's, which are the same on x86-64 and arm64.
 */

const ERRNO: Readonly<Record<number, string>> = {
  1: 'EPERM',
  4: 'EINTR',
  5: 'EIO',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  22: 'EINVAL',
  32: 'EPIPE',
  71: 'EPROTO',
  90: 'EMSGSIZE',
  92: 'ENOPROTOOPT',
  97: 'EAFNOSUPPORT',
  98: 'EADDRINUSE',
  99: 'EADDRNOTAVAIL',
  100: 'ENETDOWN',
  101: 'ENETUNREACH',
  103: 'ECONNABORTED',
  104: 'ECONNRESET',
  105: 'ENOBUFS',
  107: 'ENOTCONN',
  108: 'ESHUTDOWN',
  110: 'ETIMEDOUT',
  111: 'ECONNREFUSED',
  112: 'EHOSTDOWN',
  113: 'EHOSTUNREACH',
  125: 'ECANCELED',
};

/** `ECONNREFUSED` for 111; `errno 999` for a number without a name here. */
export function errnoName(errno: number): string {
  return ERRNO[errno] ?? `errno ${String(errno)}`;
}

const TCP_STATES: readonly string[] = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];

/** States of a TCP socket by the kernel's number. */
export const TcpState = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LISTEN: 10,
} as const;

/** `FIN_WAIT1` for 4. */
export function tcpStateName(state: number): string {
  return TCP_STATES[state] ?? `state ${String(state)}`;
}
