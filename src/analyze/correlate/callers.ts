/**
 * Of a client whose ESTABLISHED was lost the sequence numbers are not known. On one machine the client's end is
 * established before the server's: when a server's socket comes up without a partner, whoever was the last to
 * call exactly there, and still does, is its client. Its ESTABLISHED, or the port that its CLOSE tells,
 * may say otherwise.
 */
import type { Socket } from '../socket.js';
import { addressKey } from './tuples.js';

/** A handshake on one machine in which no SYN was lost takes no longer: a lost one is sent again after a second. */
const PROMPT_NS = 200e6;

/** Clients' sockets of which no ESTABLISHED has come. */
export class Callers {
  /** By whom they call. */
  readonly #calling = new Map<string, Set<Socket>>();

  add(client: Socket): void {
    const key = addressKey(client.end.remoteAddr, client.end.remotePort);
    const same = this.#calling.get(key);
    if (same === undefined) this.#calling.set(key, new Set([client]));
    else same.add(client);
  }

  /** Who was the last to call exactly where this server has come up; it then calls no more. */
  callerOf(server: Socket): Socket | null {
    const { localAddr, localPort, remoteAddr } = server.end;
    if (server.role !== 'server') return null;
    if (Number.isNaN(server.establishedNs)) return null;
    const calling = this.#calling.get(addressKey(localAddr, localPort)) ?? [];
    const tooOld: Socket[] = [];
    let caller: Socket | undefined;
    for (const client of calling) {
      const { end, openedNs, retransmits } = client;
      if (!(server.establishedNs - openedNs <= PROMPT_NS)) tooOld.push(client);
      else if (
        end.localAddr === remoteAddr &&
        (end.localPort === 0 || end.localPort === server.end.remotePort) &&
        retransmits === 0
      )
        caller = client;
    }
    // Servers come up in order of time: for those to come these have called too long as well.
    for (const client of tooOld) this.hangUp(client);
    if (caller === undefined) return null;
    this.hangUp(caller);
    caller.end.localPort = server.end.remotePort;
    return caller;
  }

  /** It calls no more. */
  hangUp(client: Socket): void {
    const key = addressKey(client.end.remoteAddr, client.end.remotePort);
    const same = this.#calling.get(key);
    if (same?.delete(client) === true && same.size === 0) this.#calling.delete(key);
  }
}
