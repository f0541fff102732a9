/** What was there before the recording, as the first census shows it. */
import { Flag } from '../../capture/layout.gen.js';
import type { CensusRow } from '../frame.js';
import { TcpState } from '../socket.js';
import type { Process, Processes } from '../workloads/processes.js';
import type { Context } from './context.js';
import { enter } from './context.js';

/** Takes over the first census: listeners first, so that server sockets find theirs. */
export function begin(rows: readonly CensusRow[], context: Context): void {
  const { attribution, listeners, processes, sockets, sink } = context;
  for (const row of rows) {
    const process = processOf(row, processes);
    attribution.noteAddress(row.end.localAddr, row.end.netns);
    if (row.role === 'listener') listeners.add(row.cookie, row.end, row.pid, process);
  }
  for (const row of rows) {
    if (row.role === 'listener' || sockets.get(row.cookie) !== undefined) continue;
    // The recorder's programs run before the census does: such a socket's opening is on its way.
    if ((row.flags & Flag.PREEXISTING) === 0) continue;
    const socket = sockets.make(row.cookie, row.role, row.end);
    socket.preexisting = true;
    socket.pid = row.pid;
    socket.process = processOf(row, processes);
    // Without a process it still waits in the listener's queue, or has been closed.
    socket.accepted = row.pid !== 0 || (row.flags & Flag.ACCEPTED) !== 0;
    socket.exchangesBefore = row.exchanges;
    socket.isnLocal = row.isnLocal;
    socket.isnRemote = row.isnRemote;
    socket.lastNs = 0;
    // Its FINs are older than the recording: when they were, nobody saw.
    if ((row.flags & Flag.FIN_RECEIVED) !== 0) socket.finReceivedNs = 0;
    if ((row.flags & Flag.FIN_SENT) !== 0) socket.finSentNs = 0;
    enter(context, socket, 'atStart');
    socket.connecting = row.state === TcpState.SYN_SENT;
    if (socket.connecting) sink.connecting(socket);
    else sink.established(socket);
  }
}

function processOf(row: CensusRow, processes: Processes): Process | null {
  if (row.pid === 0) return null;
  const { pid, comm, ownerCgroup } = row;
  return processes.note({
    pid,
    started: 0,
    ppid: 0,
    cgroup: ownerCgroup,
    comm,
    exe: '',
  });
}
