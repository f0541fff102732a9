/** The connections and the slowest exchanges that the page shows one by one, as columns: bounded samples. */
import type { Analysis, Connection } from '../analyze/model.js';
import type { ConnectionColumns, SlowView } from './data.js';
import { NAME_CHARS } from './limits.js';
import { shown } from './text.js';

/** At most `most` of the connections: of each edge an even part, and what a small edge leaves goes to the larger ones. */
function pick(rows: readonly Connection[], most: number): Connection[] {
  if (rows.length <= most) return [...rows];
  const byEdge = new Map<number, Connection[]>();
  for (const row of rows) {
    const list = byEdge.get(row.edge);
    if (list === undefined) byEdge.set(row.edge, [row]);
    else list.push(row);
  }
  let left = most;
  const groups = [...byEdge.values()].sort((a, b) => a.length - b.length);
  return groups.flatMap((group, i) => {
    const take = Math.min(group.length, Math.floor(left / (groups.length - i)));
    left -= take;
    const distance = group.length / take;
    return Array.from({ length: take }, (_, k) => group[Math.floor(k * distance)]!);
  });
}

/** Numbers for texts: each text once. */
class Texts {
  readonly list: string[] = [];
  readonly #at = new Map<string, number>();

  at(text: string): number {
    let at = this.#at.get(text);
    if (at === undefined) {
      at = this.list.push(shown(text, NAME_CHARS)) - 1;
      this.#at.set(text, at);
    }
    return at;
  }
}

const seconds = (ns: number | null): number | null =>
  ns === null ? null : Math.round(ns / 1e4) / 1e5;

/** The rows of the table of connections, in order of their opening. */
export function connectionColumns(
  analysis: Analysis,
  edgeAt: ReadonlyMap<number, number>,
  most: number,
): ConnectionColumns {
  const rows = pick(analysis.connections, most).sort(
    (a, b) => (a.openedNs ?? -1) - (b.openedNs ?? -1) || a.id - b.id,
  );
  const texts = new Texts();
  const names = new Map(analysis.workloads.map(({ id, name }) => [id, name]));
  const column = <T>(of: (row: Connection) => T): T[] => rows.map(of);
  const end = (workload: number, address: string): number => {
    const host = address.includes(':') ? `[${address}]` : address;
    return texts.at(`${names.get(workload) ?? 'unknown'} ${host}`);
  };
  return {
    total: analysis.connectionsTotal,
    id: column(({ id }) => id),
    edge: column(({ edge }) => edgeAt.get(edge) ?? 0),
    client: column((row) => end(row.clientWorkload, row.clientAddr)),
    clientPort: column((row) => row.clientPort ?? 0),
    server: column((row) => end(row.serverWorkload, row.serverAddr)),
    openedS: column((row) => seconds(row.openedNs)),
    closedS: column((row) => seconds(row.closedNs)),
    verdict: column((row) => texts.at(row.verdict)),
    connState: column((row) => texts.at(row.connState)),
    connectUs: column((row) => (row.connectUs === null ? null : Math.round(row.connectUs))),
    exchanges: column((row) => row.exchanges),
    sent: column((row) => row.bytesSent),
    received: column((row) => row.bytesReceived),
    retransmits: column((row) => row.retransmits),
    texts: texts.list,
  };
}

/** At most `most` of the slowest exchanges of each edge. */
export function slowViews(
  analysis: Analysis,
  edgeAt: ReadonlyMap<number, number>,
  kept: ReadonlySet<number>,
  most: number,
): SlowView[] {
  const taken = new Map<number, number>();
  return analysis.slowest.flatMap((row) => {
    const before = taken.get(row.edge) ?? 0;
    if (before >= most || !kept.has(row.edge)) return [];
    taken.set(row.edge, before + 1);
    return [
      {
        edge: edgeAt.get(row.edge) ?? 0,
        connection: row.connection,
        atS: Math.round(row.startNs / 1e4) / 1e5,
        us: Math.round(row.ttfbUs),
        serverUs: row.serverUs === null ? null : Math.round(row.serverUs),
      },
    ];
  });
}
