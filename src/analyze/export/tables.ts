/**
 * What is exported: the one list of tables and columns that drives every format. Each table can be read
 * without the others: beside the ids stand the names.
 */
import { Flag } from '../../capture/layout.gen.js';
import { STAINED } from '../normalize.js';
import type { Column } from './column.js';
import { bits, bytes, count, id, moment, ns, port, share, text, us, yes } from './column.js';

export interface Table {
  readonly name: 'connections' | 'exchanges' | 'edges' | 'windows';
  /** The rows, in an order that SQLite can give without sorting, and one for each row of the first source. */
  readonly from: string;
  readonly columns: readonly Column[];
}

/** The edge that a row belongs to, by id and by name. */
const EDGE: readonly Column[] = [
  id('edge', 'e.id', 'the edge, as in edges.id'),
  text('client', 'e.client', 'service that connects'),
  text('server', 'e.server', 'service that is connected to'),
];

const PORT = port('port', 'e.port', 'TCP port of the server');

const FIRST_BYTE = "the client's time to first response byte over unflagged exchanges";

const connections: Table = {
  name: 'connections',
  from: `connection k LEFT JOIN edge e ON e.id = k.edge
    LEFT JOIN workload c ON c.id = k.client_workload
    LEFT JOIN workload s ON s.id = k.server_workload ORDER BY k.id`,
  columns: [
    id('id', 'k.id', 'the connection'),
    ...EDGE,
    text('via', 'e.via', 'what stands between the two, such as docker-proxy; empty: nothing'),
    id(
      'client_workload',
      'k.client_workload',
      "workload that connects, as in the database's table",
    ),
    text('client_name', 'c.name', 'container or process that connects'),
    id('server_workload', 'k.server_workload', 'workload that is connected to'),
    text('server_name', 's.name', 'container or process that is connected to'),
    text('client_addr', 'k.client_addr', 'IP address of the client'),
    port('client_port', 'k.client_port', 'TCP port of the client; empty: not known'),
    text('server_addr', 'k.server_addr', 'IP address of the server'),
    port('server_port', 'k.server_port', 'TCP port of the server'),
    moment('opened_ns', 'k.opened_ns', 'when the client called connect'),
    moment('established_ns', 'k.established_ns', 'when the handshake was done'),
    moment('accepted_ns', 'k.accepted_ns', "when the server's program took it"),
    moment('closed_ns', 'k.closed_ns', 'when it ended'),
    text('verdict', 'k.verdict', 'how it ended: ok, open, refused, timeout, reset_by_client, …'),
    text('conn_state', 'k.conn_state', "Zeek's word for it: SF, S0, REJ, RSTO, …"),
    text('errno', 'k.errno', 'the error that the client got, such as ECONNREFUSED'),
    text('closed_by', 'k.closed_by', 'who closed first: client, server or both'),
    bytes('bytes_sent', 'k.bytes_sent', 'sent by the client; empty: not known'),
    bytes('bytes_received', 'k.bytes_received', 'received by the client; empty: not known'),
    count('retransmits', 'k.retransmits', 'segments sent again, by both ends'),
    us('rtt_us', 'k.rtt_us', "the kernel's smoothed round-trip time at the end"),
    us('connect_us', 'k.connect_us', 'from connect to the end of the handshake'),
    count('exchanges', 'k.exchanges', 'requests that were answered'),
    yes('paired', 'k.paired', 'both ends were seen'),
    yes('preexisting', 'k.preexisting', 'open before the recording began'),
    text('grade', 'k.grade', 'how the owners were found: cgroup, owner, netns, address, unknown'),
  ],
};

const exchanges: Table = {
  name: 'exchanges',
  from: `exchange x LEFT JOIN connection k ON k.id = x.connection
    LEFT JOIN edge e ON e.id = k.edge ORDER BY x.rowid`,
  columns: [
    id('connection', 'x.connection', 'the connection, as in connections.id'),
    ...EDGE,
    PORT,
    moment('started_ns', 'x.started_ns', 'when the first request byte was sent'),
    us(
      'ttfb_us',
      'x.ttfb_us',
      'from there to the first response byte at the client; empty: not seen',
    ),
    us('total_us', 'x.total_us', 'from there to the last response byte'),
    us('server_us', 'x.server_us', "the server's own time, from request to first response byte"),
    bytes('request_bytes', 'x.request_bytes', 'of the request'),
    bytes('response_bytes', 'x.response_bytes', 'of the response'),
    yes('answered', `(x.flags & ${Flag.NO_RESPONSE}) = 0`, 'a response byte came'),
    yes(
      'flagged',
      `(x.flags & ${STAINED}) <> 0 AND (x.flags & ${Flag.NO_RESPONSE}) = 0`,
      'answered, but its times cannot be told truthfully: kept out of percentiles',
    ),
    bits('flags', 'x.flags', 'the bits behind answered and flagged'),
  ],
};

const edges: Table = {
  name: 'edges',
  from: 'edge e ORDER BY e.id',
  columns: [
    id('id', 'e.id', 'the edge'),
    text('client', 'e.client', 'service that connects'),
    text('server', 'e.server', 'service that is connected to'),
    PORT,
    text('via', 'e.via', 'what stands between the two, such as docker-proxy; empty: nothing'),
    count('connections', 'e.connections', 'all connections, failed ones included'),
    count('failures', 'e.failures', 'connections that failed'),
    count('exchanges', 'e.exchanges', 'requests that were answered'),
    count('flagged', 'e.flagged', 'exchanges that are kept out of percentiles'),
    us('avg_us', 'e.avg_us', `mean of ${FIRST_BYTE}`),
    us('p50_us', 'e.p50_us', `median of ${FIRST_BYTE}`),
    us('p95_us', 'e.p95_us', `95th percentile of ${FIRST_BYTE}`),
    us('p99_us', 'e.p99_us', `99th percentile of ${FIRST_BYTE}`),
    us('connect_p95_us', 'e.connect_p95_us', '95th percentile of the time that handshakes took'),
    us('server_p95_us', 'e.server_p95_us', "95th percentile of the server's own time"),
    count('retransmits', 'e.retransmits', 'segments sent again, by both ends'),
    bytes('bytes_sent', 'e.bytes_sent', 'sent by the clients'),
    bytes('bytes_received', 'e.bytes_received', 'received by the clients'),
    share('coverage', 'e.coverage', 'share of the events that was recorded and not lost, 0 to 1'),
  ],
};

const windows: Table = {
  name: 'windows',
  from: 'edge_window w LEFT JOIN edge e ON e.id = w.edge ORDER BY w.edge, w.start_ns',
  columns: [
    ...EDGE,
    PORT,
    moment('start_ns', 'w.start_ns', 'when the window begins'),
    ns('width_ns', 'w.width_ns', 'how long the window is; windows overlap'),
    count('connections', 'w.connections', 'connections that were opened in it'),
    count('failures', 'w.failures', 'connections that failed in it'),
    count('exchanges', 'w.exchanges', 'requests sent in it that were answered'),
    us('avg_us', 'w.avg_us', `mean of ${FIRST_BYTE}`),
    us('p50_us', 'w.p50_us', `median of ${FIRST_BYTE}`),
    us('p95_us', 'w.p95_us', `95th percentile of ${FIRST_BYTE}`),
    us('p99_us', 'w.p99_us', `99th percentile of ${FIRST_BYTE}`),
    count('open', 'w.open', 'connections open at its end'),
    count('retransmits', 'w.retransmits', 'segments sent again in it'),
    share(
      'coverage',
      'w.coverage',
      'share of the events in it that was recorded and not lost, 0 to 1',
    ),
  ],
};

export const TABLES: readonly Table[] = [connections, exchanges, edges, windows];
