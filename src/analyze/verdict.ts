/**
 * How a connection ended: one rule after the other, from what both its ends recorded. A rule that is not
 * sure does not speak. In particular an application that gives up is no failure, an idle connection is none, and
 * a connection that both ends closed is none, whatever came after.
 */
import { formatDuration } from '../base/time.js';
import type { Connection, Verdict } from './model.js';
import { ECONNREFUSED, ECONNRESET, EPIPE, ETIMEDOUT, errnoName, isUnreachable } from './errno.js';
import { count } from './words.js';
import { closedBy, connStateOf, orderly } from './shutdown.js';
import type { Socket } from './socket.js';
import { known, requestKey } from './socket.js';

export interface Judgement {
  verdict: Verdict;
  connState: string;
  errno: string | null;
  closedBy: Connection['closedBy'];
  closedNs: number | null;
  evidence: string;
}

/** What is known about the end of the capture. */
export interface Horizon {
  endNs: number;
  staleAfterNs: number;
  /** A census was taken at the end. */
  hasLastCensus: boolean;
  /** SYN-ACKs that were sent again, by `requestKey`. */
  resentSynAcks: ReadonlyMap<string, number>;
  /** Events are missing, as the recorder counted or as the events themselves betray. */
  incomplete: boolean;
}

/** Judges a connection of which at least one end is known. */
export function judge(client: Socket | null, server: Socket | null, horizon: Horizon): Judgement {
  const established = (client?.established ?? false) || (server?.established ?? false);
  if (!established && client !== null) return judgeAttempt(client);
  return (
    judgeQueueFull(client, server, horizon) ??
    judgeNeverAccepted(client, server, horizon) ??
    judgeEnd(client, server) ??
    judgeOpen(client, server, horizon)
  );
}

/** A client whose handshake was not done. */
function judgeAttempt(client: Socket): Judgement {
  const errno = errnoName(client.err);
  const after = Number.isNaN(client.openedNs)
    ? 'of an attempt older than the recording'
    : `after ${formatDuration(client.lastNs - client.openedNs)}`;
  const tries = client.retransmits > 0 ? `, SYN sent ${client.retransmits + 1} times` : '';
  const say = (verdict: Verdict, connState: string, evidence: string): Judgement => ({
    verdict,
    connState,
    errno,
    closedBy: null,
    closedNs: known(client.closedNs),
    evidence,
  });
  if (client.endLost) return say('unknown', 'OTH', `${END_LOST}, nor was a handshake${tries}`);
  if (!client.closed) {
    return say('open', 'S0', `still connecting at the end of the capture${tries}`);
  }
  const because = `connect ended with ${errno ?? 'no error'} ${after}${tries}`;
  if (client.err === ECONNREFUSED) return say('refused', 'REJ', because);
  if (client.err === ETIMEDOUT) return say('timeout', 'S0', because);
  if (isUnreachable(client.err)) return say('unreachable', 'S0', because);
  if (client.err === 0 && !Number.isNaN(client.resetReceivedNs)) {
    return say('refused', 'REJ', 'a reset answered the SYN');
  }
  if (client.err === 0) {
    return say('cancelled', 'S0', `the application gave up connecting ${after}${tries}`);
  }
  return say('unknown', 'OTH', because);
}

/**
 * A client that believes in a connection which no server ever had: its last ACK met a full queue, and the server
 * kept on sending its SYN-ACK.
 */
function judgeQueueFull(
  client: Socket | null,
  server: Socket | null,
  { resentSynAcks }: Horizon,
): Judgement | null {
  if (client === null || server !== null || client.exchanges > 0) return null;
  const { localAddr, localPort, remotePort } = client.end;
  const resent = resentSynAcks.get(requestKey(localAddr, localPort, remotePort)) ?? 0;
  if (resent === 0) return null;
  return {
    verdict: 'never_accepted',
    connState: connStateOf(client, null),
    errno: errnoName(client.err),
    closedBy: closedBy(client, null),
    closedNs: known(client.closedNs),
    evidence: `the server never had it: its SYN-ACK was sent ${resent + 1} times, as to a full queue`,
  };
}

/** A server's end that no process ever took from the listener's queue. */
function judgeNeverAccepted(
  client: Socket | null,
  server: Socket | null,
  { endNs, hasLastCensus, incomplete }: Horizon,
): Judgement | null {
  if (server === null || server.taken || (client !== null && answered(client))) return null;
  // Accepting is seen with the first byte that the process reads or sends: a young or silent
  // connection that lives on may well have been accepted.
  const missed = hasLastCensus && !server.inLastCensus && waited(server, endNs);
  if (!server.closed && !missed) return null;
  const closedNs = known(server.closedNs);
  const never = `no process accepted it in ${formatDuration((closedNs ?? endNs) - server.establishedNs)}`;
  const say = (verdict: Verdict, evidence: string): Judgement => ({
    verdict,
    connState: connStateOf(client, server),
    errno: errnoName(server.err) ?? errnoName(client?.err ?? 0),
    closedBy: closedBy(client, server),
    closedNs,
    evidence,
  });
  if (server.closed || !incomplete) return say('never_accepted', never);
  // Only CLOSE sums up what happened to a socket: without it a lost ACCEPT looks the same.
  if (client?.inLastCensus === true) return null;
  return say('unknown', 'no process was seen to accept it, and events are missing');
}

/** The server's process has sent or closed: nothing in a listener's queue does that. */
function answered(client: Socket): boolean {
  return client.exchanges > 0 || client.bytesReceived > 0 || !Number.isNaN(client.finReceivedNs);
}

/** Shorter waits say nothing: the recording may have ended between handshake and accept. */
const ACCEPT_MARGIN_NS = 100e6;

function waited(server: Socket, endNs: number): boolean {
  return endNs - server.establishedNs >= ACCEPT_MARGIN_NS;
}

/** An established connection with an end on at least one side; null while it is open. */
function judgeEnd(client: Socket | null, server: Socket | null): Judgement | null {
  const ends = [client, server].filter((s) => s !== null);
  if (!ends.every((s) => s.closed || goneUnseen(s, ends))) return null;
  const closedNs = Math.max(...ends.filter((s) => s.closed).map((s) => s.closedNs));
  const errno = errorOf(client, server);
  const say = (verdict: Verdict, connState: string, evidence: string): Judgement => ({
    verdict,
    connState,
    errno: errnoName(errno),
    closedBy: closedBy(client, server),
    closedNs,
    evidence,
  });
  if (closedByBoth(client, server))
    return { ...say('ok', 'SF', orderly(client, server)), errno: null };
  const reset = resetBy(client, server);
  if (reset !== null) {
    const verdict = reset.by === 'client' ? 'reset_by_client' : 'reset_by_server';
    const connState = reset.by === 'client' ? 'RSTO' : 'RSTR';
    return {
      ...say(verdict, connState, resetEvidence(reset, client, server)),
      errno: errnoName(errno) ?? errnoName(ECONNRESET),
      closedBy: reset.by,
    };
  }
  if (errno === ETIMEDOUT) {
    const again = ends.reduce((sum, s) => sum + s.retransmits, 0);
    const tries = again > 0 ? `, ${count(again, 'segment')} sent again` : '';
    return say(
      'timeout',
      connStateOf(client, server),
      `no answer to what was sent: ETIMEDOUT${after(ends)}${tries}`,
    );
  }
  if (isUnreachable(errno)) {
    const evidence = `ended with ${errnoName(errno) ?? ''}${after(ends)}`;
    return say('unreachable', connStateOf(client, server), evidence);
  }
  if (errno !== 0) return say('unknown', 'OTH', `ended with ${errnoName(errno) ?? ''}`);
  return say('ok', 'SF', orderly(client, server));
}

const END_LOST = 'its end was not recorded: no CLOSE came, and the last census does not hold it';

/** The other end has closed and the last census does not hold this one: only its CLOSE is missing. */
function goneUnseen(socket: Socket, ends: readonly Socket[]): boolean {
  return socket.gone && ends.some((other) => other !== socket && other.closed);
}

/** EPIPE says that a process wrote after the end, which is no failure of the connection. */
function errorOf(client: Socket | null, server: Socket | null): number {
  const errors = [client?.err ?? 0, server?.err ?? 0].filter((e) => e !== 0 && e !== EPIPE);
  return errors[0] ?? 0;
}

/** Both directions were closed with FIN and both ends saw it, as far as their ends were recorded. */
function closedByBoth(client: Socket | null, server: Socket | null): boolean {
  return [client, server].every(
    (s) =>
      s?.closed !== true ||
      (!Number.isNaN(s.finSentNs) && !Number.isNaN(s.finReceivedNs) && !aborted(s)),
  );
}

/** The socket's own error says that it did not end with the FINs. */
function aborted(socket: Socket): boolean {
  return socket.err === ECONNRESET || socket.err === ETIMEDOUT;
}

interface Reset {
  by: 'client' | 'server';
  atNs: number;
}

/** Who sent the first RST, as the sender or the receiver recorded it. */
function resetBy(client: Socket | null, server: Socket | null): Reset | null {
  const seen: Reset[] = [];
  const note = (by: Reset['by'], atNs: number): void => {
    if (!Number.isNaN(atNs)) seen.push({ by, atNs });
  };
  note('client', client?.resetSentNs ?? NaN);
  note('client', server?.resetReceivedNs ?? NaN);
  note('server', server?.resetSentNs ?? NaN);
  note('server', client?.resetReceivedNs ?? NaN);
  // Only where no reset was recorded as such does the error have to say it.
  if (seen.length === 0) {
    if (client?.err === ECONNRESET) note('server', client.closedNs);
    if (server?.err === ECONNRESET) note('client', server.closedNs);
  }
  return seen.sort((a, b) => a.atNs - b.atNs)[0] ?? null;
}

function resetEvidence(reset: Reset, client: Socket | null, server: Socket | null): string {
  const sender = reset.by === 'client' ? client : server;
  const words = [`the ${reset.by} sent a reset`];
  if (sender !== null && sender.unread > 0)
    words.push(`with ${count(sender.unread, 'byte')} unread`);
  const finBefore = (s: Socket | null): boolean => s !== null && s.finSentNs <= reset.atNs;
  if (finBefore(sender)) words.push('after closing its direction');
  return words.join(' ') + after([client, server].filter((s) => s !== null));
}

/** How long the connection had lived, where its beginning is known. */
function after(ends: readonly Socket[]): string {
  const from = ends.map((s) => s.establishedNs).filter((ns) => !Number.isNaN(ns));
  const to = ends.map((s) => s.closedNs).filter((ns) => !Number.isNaN(ns));
  if (from.length === 0 || to.length === 0) return '';
  return `, ${formatDuration(Math.max(0, Math.min(...to) - Math.min(...from)))} after the handshake`;
}

/** No end was seen: open, unless nothing speaks for it any more. */
function judgeOpen(client: Socket | null, server: Socket | null, horizon: Horizon): Judgement {
  const ends = [client, server].filter((s) => s !== null);
  const lastNs = Math.max(...ends.map((s) => s.lastNs));
  const idleNs = horizon.endNs - lastNs;
  const held = ends.some((s) => s.inLastCensus);
  const stale = !held && idleNs > horizon.staleAfterNs;
  const over = !held && ends.some((s) => s.endLost);
  const closed = ends.find((s) => s.closed);
  const idle = `idle for ${(idleNs / 1e9).toFixed(1)} s`;
  return {
    verdict: stale ? 'stale' : over ? 'unknown' : 'open',
    connState: connStateOf(client, server),
    errno: null,
    closedBy: closed === undefined ? closedBy(client, server) : closed.role,
    closedNs: null,
    evidence: stale
      ? `${idle} at the end of the capture, and ${
          horizon.hasLastCensus ? 'not in the last census' : 'no last census to tell'
        }`
      : over
        ? END_LOST
        : closed === undefined
          ? `open at the end of the capture, ${idle}`
          : `the ${closed.role} has closed, the other end has not`,
  };
}
