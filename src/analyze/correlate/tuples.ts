/** How the addresses of two sockets show that they are the two ends of one connection. */
import type { Socket } from '../socket.js';

/** Each one's pair of ISNs is the other's, swapped. */
export function isSwapped(a: Socket, b: Socket): boolean {
  return a.isnLocal === b.isnRemote && a.isnRemote === b.isnLocal;
}

/** The inverse tuple in the same network namespace. */
export function isInverse(a: Socket, b: Socket): boolean {
  return a.end.netns === b.end.netns && isInverseTuple(a, b);
}

/** The inverse tuple, whatever the namespace. */
export function isInverseTuple(a: Socket, b: Socket): boolean {
  return (
    a.end.localPort === b.end.remotePort &&
    a.end.remotePort === b.end.localPort &&
    a.end.localAddr === b.end.remoteAddr &&
    a.end.remoteAddr === b.end.localAddr
  );
}

/** The tuple of a server, or the inverse one of a client: equal where `isInverseTuple` holds. */
export function serverTuple({ role, end }: Socket): string {
  const { localAddr, localPort, remoteAddr, remotePort } = end;
  return role === 'server'
    ? `${localAddr} ${localPort} ${remoteAddr} ${remotePort}`
    : `${remoteAddr} ${remotePort} ${localAddr} ${localPort}`;
}
