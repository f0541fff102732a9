/**
 * Of a client whose ESTABLISHED was lost the sequence numbers are not known. On one machine the client's end is
 * established before the server's: when a server's socket comes up without a partner, whoever was the last to
 * call exactly there, and still does, is its client. Its ESTABLISHED, or the port that its CLOSE tells,
 * may say otherwise.
 */
import type { Socket } from '../socket.js';

/** A handshake on one machine in which no SYN was lost takes no longer: a lost one is sent again after a second. */
const PROMPT_NS = 200e6;

/** Those who call from one address to one other, in the order in which they began; the last is looked at first. */
interface Line {
  readonly key: string;
  calls: Call[];
  /** Of these, how many still call. */
  live: number;
}

interface Call {
  client: Socket;
  /** Of all calls, the how manyth. */
  number: number;
  line: Line;
  over: boolean;
}

/** Lines are freed of calls that are over once these are more than half, and so many at least. */
const MANY = 32;

/** Clients' sockets of which no ESTABLISHED has come. */
export class Callers {
  /** By who calls whom: `lineKey`. */
  readonly #lines = new Map<string, Line>();
  readonly #calls = new Map<Socket, Call>();
  #count = 0;

  add(client: Socket): void {
    this.hangUp(client);
    const { localAddr, localPort, remoteAddr, remotePort } = client.end;
    const key = lineKey(localAddr, localPort, remoteAddr, remotePort);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { key, calls: [], live: 0 };
      this.#lines.set(key, line);
    } else if (line.calls.length > MANY && line.calls.length > 2 * line.live) {
      line.calls = line.calls.filter(({ over }) => !over);
    }
    const call = { client, number: ++this.#count, line, over: false };
    line.calls.push(call);
    line.live++;
    this.#calls.set(client, call);
  }

  /** Who was the last to call exactly where this server has come up; it then calls no more. */
  callerOf(server: Socket): Socket | null {
    const { localAddr, localPort, remoteAddr, remotePort } = server.end;
    if (server.role !== 'server') return null;
    if (Number.isNaN(server.establishedNs)) return null;
    // Most clients have no port yet when they call.
    const last = [0, remotePort]
      .map((port) => lineKey(remoteAddr, port, localAddr, localPort))
      .map((key) => this.#lastOf(key, server.establishedNs))
      .reduce((a, b) => ((a?.number ?? 0) > (b?.number ?? 0) ? a : b));
    if (last === null) return null;
    this.hangUp(last.client);
    last.client.end.localPort = remotePort;
    return last.client;
  }

  /** It calls no more. */
  hangUp(client: Socket): void {
    const call = this.#calls.get(client);
    if (call === undefined) return;
    call.over = true;
    this.#calls.delete(client);
    if (--call.line.live === 0) this.#lines.delete(call.line.key);
  }

  /** The last on a line that called a moment ago; whoever can be nobody's caller any more is looked at once. */
  #lastOf(key: string, nowNs: number): Call | null {
    const line = this.#lines.get(key);
    if (line === undefined) return null;
    for (
      let call = line.calls.at(-1);
      line.live > 0 && call !== undefined;
      call = line.calls.at(-1)
    ) {
      if (!call.over) {
        const { openedNs, retransmits } = call.client;
        // Servers come up in order of time: for those to come it has called too long as well.
        const prompt = nowNs - openedNs <= PROMPT_NS;
        if (prompt && retransmits === 0) return call;
        this.hangUp(call.client);
      }
      line.calls.pop();
    }
    return null;
  }
}

function lineKey(from: string, fromPort: number, to: string, toPort: number): string {
  return `${from} ${fromPort} ${to} ${toPort}`;
}
