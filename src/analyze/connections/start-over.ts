/** Where a cut begins: all that is open was there before, as a first census at this moment would have shown it. */
import type { Socket } from '../socket.js';
import type { Context } from './context.js';

/** Makes the open sockets preexisting, and begins all counts anew. Time zero is now. */
export function startOver({ listeners, sockets }: Context): void {
  for (const account of listeners.accounts) {
    account.atStart = 0;
    account.opens = 0;
    account.closes = 0;
  }
  for (const socket of sockets.open) {
    age(socket);
    if (socket.account !== null) socket.account.atStart++;
  }
  for (const stray of Object.keys(sockets.strays) as (keyof typeof sockets.strays)[]) {
    sockets.strays[stray] = 0;
  }
}

function age(socket: Socket): void {
  const before = (ns: number): number => (Number.isNaN(ns) ? NaN : 0);
  socket.connecting = !socket.established;
  socket.preexisting = true;
  socket.accepted = socket.taken;
  socket.openedNs = NaN;
  socket.establishedNs = NaN;
  socket.acceptedNs = NaN;
  socket.finSentNs = before(socket.finSentNs);
  socket.finReceivedNs = before(socket.finReceivedNs);
  socket.resetSentNs = before(socket.resetSentNs);
  socket.resetReceivedNs = before(socket.resetReceivedNs);
  socket.lastNs = 0;
}
