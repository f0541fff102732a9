/** What a finished link says as a row: each column from the end that knows it best. */
import type { Connection } from '../model.js';
import { FAILURES } from '../model.js';
import type { Link, Place } from '../link.js';
import { DOCKER_PROXY } from '../proxies.js';
import type { Socket } from '../socket.js';
import { known } from '../socket.js';
import type { Horizon, Judgement } from '../verdict.js';
import { judge } from '../verdict.js';
import { worse } from '../workloads/attribution.js';

/** The row of a finished link, with all that both its ends tell. */
export function connectionRow(link: Link, place: Place, judgement: Judgement): Connection {
  const { client, server, upstream } = link;
  const far = link.farServer;
  const established = known(client?.establishedNs ?? server?.establishedNs ?? NaN);
  const opened = openedNs(link);
  const sent = firstKnown(client?.bytesSent, far?.bytesReceived, server?.bytesReceived);
  const received = firstKnown(client?.bytesReceived, far?.bytesSent, server?.bytesSent);
  const seen = client === null ? server!.exchanges : client.exchanges;
  return {
    id: place.id,
    clientWorkload: place.client.workload.id,
    serverWorkload: place.server.workload.id,
    edge: place.edge,
    clientAddr: client?.end.localAddr ?? server!.end.remoteAddr,
    clientPort: (client?.end.localPort ?? server!.end.remotePort) || null,
    serverAddr: place.serverAddr,
    serverPort: place.serverPort,
    openedNs: opened,
    establishedNs: established,
    acceptedNs: known(far?.acceptedNs ?? NaN),
    closedNs: judgement.closedNs,
    verdict: judgement.verdict,
    connState: judgement.connState,
    errno: judgement.errno,
    closedBy: judgement.closedBy,
    bytesSent: sent,
    bytesReceived: received,
    retransmits:
      (client?.retransmits ?? 0) +
      (server?.retransmits ?? 0) +
      (upstream?.client?.retransmits ?? 0) +
      (upstream?.server?.retransmits ?? 0),
    rttUs: client?.rttUs || server?.rttUs || null,
    connectUs:
      client !== null && !Number.isNaN(client.openedNs + client.establishedNs)
        ? (client.establishedNs - client.openedNs) / 1e3
        : null,
    exchanges: Math.max(seen, (client ?? server)?.kernelExchanges ?? 0),
    paired: client !== null && far !== null,
    preexisting: (client ?? server)!.preexisting,
    grade: worse(place.client.grade, place.server.grade),
    evidence: judgement.evidence,
  };
}

/** Judges a link; behind a proxy the worse of both hops counts. */
export function judgeLink(link: Link, horizon: Horizon): Judgement {
  const first = judge(link.client, link.server, horizon);
  if (link.upstream === null || FAILURES.has(first.verdict)) return first;
  const second = judge(link.upstream.client, link.upstream.server, horizon);
  if (!FAILURES.has(second.verdict)) return first;
  return { ...second, evidence: `behind ${DOCKER_PROXY}: ${second.evidence}` };
}

/** When the connection began, nanoseconds; null for one that was there before the recording. */
export function openedNs(link: Link): number | null {
  const { client, server } = link;
  if ((client ?? server)!.preexisting) return null;
  return firstKnown(client?.openedNs, client?.establishedNs, server?.establishedNs);
}

/** Last sign of life of either end. */
export function lastSignNs(link: Link): number {
  return Math.max(...[link.client, link.server].map((s: Socket | null) => s?.lastNs ?? 0));
}

function firstKnown(...values: (number | undefined)[]): number | null {
  return values.find((v) => v !== undefined && !Number.isNaN(v)) ?? null;
}
