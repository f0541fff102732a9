/** Names of the errors that end TCP connections; Linux numbers, equal on x86-64 and arm64. */

export const ECONNRESET = 104;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;
export const EPIPE = 32;

const NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  4: 'EINTR',
  5: 'EIO',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  22: 'EINVAL',
  [EPIPE]: 'EPIPE',
  71: 'EPROTO',
  90: 'EMSGSIZE',
  92: 'ENOPROTOOPT',
  98: 'EADDRINUSE',
  99: 'EADDRNOTAVAIL',
  100: 'ENETDOWN',
  101: 'ENETUNREACH',
  102: 'ENETRESET',
  103: 'ECONNABORTED',
  [ECONNRESET]: 'ECONNRESET',
  105: 'ENOBUFS',
  [ETIMEDOUT]: 'ETIMEDOUT',
  [ECONNREFUSED]: 'ECONNREFUSED',
  112: 'EHOSTDOWN',
  113: 'EHOSTUNREACH',
};

/** Errors that say that no path leads to the host. */
const UNREACHABLE: ReadonlySet<number> = new Set([1, 13, 92, 100, 101, 112, 113]);

/** `ECONNREFUSED` for 111, `errno 999` for a number without a name here, null for 0. */
export function errnoName(errno: number): string | null {
  return errno === 0 ? null : (NAMES[errno] ?? `errno ${errno}`);
}

/** True for errors that routers and firewalls answer with, or the own routing table. */
export function isUnreachable(errno: number): boolean {
  return UNREACHABLE.has(errno);
}
