/** How the addresses of two sockets show that they are the two ends of one connection. */
import type { Socket } from '../socket.js';

/** Whom a socket calls, or where it is called. */
export function addressKey(address: string, port: number): string {
  return `${address} ${port}`;
}

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
