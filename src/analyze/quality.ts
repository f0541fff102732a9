/**
 * Quality: how much of the truth is in this analysis. One row a question, each with a sentence that a reader of
 * the report can act on. Rows that have nothing to say are left out, except the three that everybody
 * asks for: the capture's verdict, lost events, the ledger.
 */
import type { CaptureVerdict } from '../capture/verdict.js';
import type { Repairs } from './clean.js';
import type { Strays } from './connections/sockets.js';
import type { Frame } from './frame.js';
import { complaints, unaccounted } from './ledger.js';
import type { Tally } from './metrics/book.js';
import type { CaptureInfo, LedgerRow, QualityRow } from './model.js';
import { formatDuration } from '../base/time.js';
import { silences } from './workloads/silence.js';
import { count, percent } from './words.js';

export interface Evidence {
  capture: CaptureInfo;
  verdict: CaptureVerdict;
  frame: Frame;
  tally: Tally;
  repairs: Repairs;
  strays: Strays;
  late: number;
  absurd: number;
  skipped: { unknown: number; malformed: number };
  ambiguous: number;
  synackRetransmits: number;
  /** Connections dropped at a listener's full queue, as the kernel counted them. */
  overflows: number;
  /** Length of a step where it had to be stretched, else null. */
  stretched: number | null;
  /** Null where there is no last census. */
  ledger: readonly LedgerRow[] | null;
  /** Events are missing. */
  incomplete: boolean;
}

export function quality(evidence: Evidence): QualityRow[] {
  return [
    captureRow(evidence),
    ...cutRows(evidence),
    ...lossRows(evidence),
    ...recordRows(evidence),
    ...attributionRows(evidence),
    ...connectionRows(evidence),
    ...exchangeRows(evidence),
    ...ledgerRows(evidence),
  ];
}

type Severity = QualityRow['severity'];

function row(
  name: string,
  severity: Severity,
  source: QualityRow['source'],
  value: number,
  sentence: string,
): QualityRow {
  return { name, severity, source, value, sentence };
}

function captureRow({ verdict }: Evidence): QualityRow {
  const whole = verdict.state === 'complete';
  return row('capture', whole ? 'ok' : 'warning', 'capture', whole ? 1 : 0, verdict.sentence);
}

function cutRows({ capture: { cut } }: Evidence): QualityRow[] {
  if (cut === null) return [];
  const sentence =
    `Only ${cut.words} is analyzed, as if nothing else had been recorded: times count from there, and connections ` +
    'that were open before count as older than the capture.';
  return [row('cut', 'info', 'analyzer', (cut.untilNs - cut.sinceNs) / 1e9, sentence)];
}

function lossRows({ capture }: Evidence): QualityRow[] {
  const { lost, coverage, lostByKind } = capture;
  if (lost === 0) return [row('lost_events', 'ok', 'recorder', 0, 'No event was lost.')];
  const kinds = Object.entries(lostByKind)
    .filter(([, n]) => n > 0)
    .map(([kind, n]) => `${n} ${kind}`)
    .join(', ');
  return [
    row(
      'lost_events',
      coverage < 0.99 ? 'error' : 'warning',
      'recorder',
      lost,
      `${count(lost, 'event was', 'events were')} lost (${kinds}): the ring buffer was full. ` +
        'Counts are lower bounds where it happened. Record with a larger --buffer.',
    ),
    row(
      'coverage',
      coverage < 0.99 ? 'error' : 'warning',
      'recorder',
      coverage,
      `${percent(coverage)} of all events were recorded.`,
    ),
  ];
}

function recordRows({ capture, frame, late, absurd, skipped, stretched }: Evidence): QualityRow[] {
  const rows: QualityRow[] = [];
  if (capture.plan.some(({ capability, hook }) => capability === 'exchanges' && hook === 'none')) {
    const sentence =
      'The kernel gave no way to see exchanges: their number is 0 because none could be recorded.';
    rows.push(row('no_exchanges', 'warning', 'recorder', 1, sentence));
  }
  if (frame.unreadable > 0) {
    const sentence = `${count(frame.unreadable, 'block')} made no sense although whole, and were passed over: names, losses or the census may be missing.`;
    rows.push(row('unreadable_blocks', 'warning', 'capture', frame.unreadable, sentence));
  }
  if (late > 0) {
    const sentence = `${count(late, 'event')} came too late to be put in order.`;
    rows.push(row('late_events', 'info', 'capture', late, sentence));
  }
  if (absurd > 0) {
    const sentence = `${count(absurd, 'event')} tell a time outside of the recording and were left out: the capture is damaged, or was not written by a recorder.`;
    rows.push(row('absurd_times', 'warning', 'capture', absurd, sentence));
  }
  if (skipped.unknown > 0) {
    const sentence = `${count(skipped.unknown, 'event')} of a kind that this version does not know were passed over.`;
    rows.push(row('unknown_events', 'info', 'capture', skipped.unknown, sentence));
  }
  if (skipped.malformed > 0) {
    const sentence = `${count(skipped.malformed, 'record')} could not be read and were passed over.`;
    rows.push(row('malformed_records', 'warning', 'capture', skipped.malformed, sentence));
  }
  if (stretched !== null) {
    const sentence = `The capture is long: one step is ${formatDuration(stretched)} instead of the one asked for.`;
    rows.push(row('step', 'info', 'analyzer', stretched / 1e9, sentence));
  }
  return rows;
}

function attributionRows({ capture, frame, tally }: Evidence): QualityRow[] {
  const rows = silences(frame.workloads, capture.durationNs).map(({ fromNs, toNs, sentence }) =>
    row('container_engine', 'info', 'recorder', (toNs - fromNs) / 1e9, sentence),
  );
  if (tally.unknownGrade > 0) {
    const share = tally.unknownGrade / tally.connections;
    rows.push(
      row(
        'unknown_owner',
        share > 0.05 ? 'warning' : 'info',
        'analyzer',
        share,
        `${count(tally.unknownGrade, 'connection')} (${percent(share)}) have an end whose owner is not known.`,
      ),
    );
  }
  return rows;
}

function connectionRows(evidence: Evidence): QualityRow[] {
  const { incomplete, tally, repairs, strays, ambiguous, synackRetransmits, overflows } = evidence;
  const rows: QualityRow[] = [];
  const say = (name: string, severity: Severity, value: number, sentence: string): void => {
    if (value > 0) rows.push(row(name, severity, 'analyzer', value, sentence));
  };
  say(
    'preexisting',
    'info',
    tally.preexisting,
    `${count(tally.preexisting, 'connection')} had been opened before the recording began.`,
  );
  const single = tally.connections - tally.paired;
  say(
    'one_ended',
    'info',
    single,
    `${count(single, 'connection')} of ${tally.connections} were seen at one end only: ` +
      `the other end is on another machine, ${incomplete ? 'or was lost, ' : ''}or there never was one.`,
  );
  say(
    'bytes_unknown',
    'info',
    tally.unsized,
    `${count(tally.unsized, 'connection')} had exchanges, but neither their end nor a last census was recorded, which count ` +
      'their bytes: sums of bytes leave them out.',
  );
  say(
    'ambiguous_pairs',
    'info',
    ambiguous,
    `${count(ambiguous, 'socket')} had sequence numbers that were not unique; addresses decided.`,
  );
  say(
    'opening_unseen',
    'warning',
    strays.sockets,
    `${count(strays.sockets, 'socket')} closed whose opening was not seen; they are not in the tables.`,
  );
  say(
    'stray_exchanges',
    'warning',
    strays.exchanges,
    `${count(strays.exchanges, 'exchange')} belong to sockets whose opening was not seen, or that had long ended; not counted.`,
  );
  say(
    'repeated_exchanges',
    'info',
    strays.repeated,
    `${count(strays.repeated, 'exchange')} were told twice and counted once.`,
  );
  say(
    'stream_gaps',
    'warning',
    strays.gaps,
    `${count(strays.gaps, 'place')} in the byte streams of connections belong to no exchange: the events of exchanges are missing.`,
  );
  say(
    'end_unseen',
    'warning',
    repairs.endLost,
    `The end of ${count(repairs.endLost, 'socket')} was not recorded: no CLOSE came, and the last census does not hold them.`,
  );
  say(
    'unknown_end',
    'warning',
    tally.unknownEnd,
    `How ${count(tally.unknownEnd, 'connection')} ended is not known: too few of the events are here.`,
  );
  say('stale', 'info', tally.stale, `${count(tally.stale, 'connection')} counted as stale.`);
  say(
    'synack_retransmits',
    'info',
    synackRetransmits,
    `${count(synackRetransmits, 'SYN-ACK')} had to be sent again.`,
  );
  say(
    'listen_overflows',
    'warning',
    overflows,
    `A listener's queue was full ${count(overflows, 'time')} (ListenOverflows of the network namespaces).`,
  );
  return rows;
}

function exchangeRows({ tally }: Evidence): QualityRow[] {
  const rows: QualityRow[] = [];
  if (tally.flagged > 0) {
    const share = tally.flagged / tally.exchanges;
    rows.push(
      row(
        'flagged_exchanges',
        share > 0.01 ? 'warning' : 'info',
        'analyzer',
        share,
        `${count(tally.flagged, 'exchange')} (${percent(share)}) are no plain question and answer ` +
          `(pipelining, or the server spoke first), ${tally.pipelined} of them because the two ends ` +
          'disagree: counted, but not in percentiles.',
      ),
    );
  }
  if (tally.unanswered > 0) {
    const sentence = `${count(tally.unanswered, 'request')} got no response before the connection or the recording ended; not counted as exchanges.`;
    rows.push(row('unanswered', 'info', 'analyzer', tally.unanswered, sentence));
  }
  if (tally.uncounted > 0) {
    const sentence = `The events of ${count(tally.uncounted, 'exchange')} were lost; edges count them from the kernel's own totals, windows and percentiles do not have them.`;
    rows.push(row('lost_exchanges', 'warning', 'recorder', tally.uncounted, sentence));
  }
  return rows;
}

function ledgerRows({ ledger, capture, frame }: Evidence): QualityRow[] {
  if (ledger === null) {
    const why =
      capture.cut !== null && frame.lastCensus !== null
        ? 'The cut ends before the last census'
        : 'There is no last census';
    const sentence = `${why}: what was open at the end cannot be checked.`;
    return [row('ledger', 'info', 'capture', 0, sentence)];
  }
  const wrong = ledger.filter((account) => unaccounted(account) > 0);
  if (wrong.length === 0) {
    const sentence = `For each of ${count(ledger.length, 'port')} listened on: sockets at the start + opened − closed = sockets at the end.`;
    return [row('ledger', 'ok', 'analyzer', 0, sentence)];
  }
  return wrong.map((account) => {
    const { service, port, atStart, opens, closes, atEnd, ownerless } = account;
    const name = service === null ? `Port ${port}` : `Port ${port} of ${service}`;
    const said = complaints(account).join(', ');
    const sentence =
      account.vanished + account.appeared === 0
        ? `${name}: ${said}, and not in the last census.`
        : `${name}: ${atStart} at the start + ${opens} opened − ${closes} closed is not ` +
          `${atEnd + ownerless} at the end: ${said}.`;
    return row('ledger', 'warning', 'analyzer', unaccounted(account), sentence);
  });
}
