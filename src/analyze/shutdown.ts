/** How the two directions of a connection were closed, as the FINs of both ends tell. */
import type { Connection } from './model.js';
import type { Socket } from './socket.js';

/** Who closed first, by the order of the FINs; null where no FIN tells. */
export function closedBy(client: Socket | null, server: Socket | null): Connection['closedBy'] {
  const first = (socket: Socket | null): boolean | null => {
    if (socket === null) return null;
    const { finSentNs, finReceivedNs } = socket;
    if (Number.isNaN(finSentNs)) return Number.isNaN(finReceivedNs) ? null : false;
    return Number.isNaN(finReceivedNs) || finSentNs <= finReceivedNs;
  };
  const clientFirst = first(client);
  const serverFirst = first(server);
  if (clientFirst === true && serverFirst === true) return 'both';
  if (clientFirst === true || (clientFirst === null && serverFirst === false)) return 'client';
  if (serverFirst === true || (serverFirst === null && clientFirst === false)) return 'server';
  return null;
}

/** How a connection without an error was closed, in words. */
export function orderly(client: Socket | null, server: Socket | null): string {
  const by = closedBy(client, server);
  return by === null
    ? 'closed without an error'
    : `closed by ${by === 'both' ? 'both ends' : `the ${by}`}`;
}

/** Zeek's name for an established connection by which directions were closed. */
export function connStateOf(client: Socket | null, server: Socket | null): string {
  const sent = (a: Socket | null, b: Socket | null): boolean =>
    !Number.isNaN(a?.finSentNs ?? NaN) || !Number.isNaN(b?.finReceivedNs ?? NaN);
  const fromClient = sent(client, server);
  const fromServer = sent(server, client);
  if (fromClient && fromServer) return 'SF';
  return fromClient ? 'S2' : fromServer ? 'S3' : 'S1';
}
