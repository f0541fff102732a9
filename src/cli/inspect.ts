/** `dhrishti inspect`: header, host, plan, filter, blocks, events by kind, loss, ledger and verdict of a capture. */
import { formatBytes } from '../base/bytes.js';
import { formatDuration } from '../base/time.js';
import { complaints, unaccounted } from '../analyze/ledger.js';
import { ledgerOf } from '../analyze/ledger-only.js';
import type { LedgerRow } from '../analyze/model.js';
import type { HostBody } from '../capture/blocks.js';
import { openCapture } from '../capture/open.js';
import type { CaptureSummary } from '../capture/summary.js';
import { summarize } from '../capture/summary.js';
import type { Terminal } from './terminal.js';
import { count, printable, table } from './terminal.js';

type Row = string[];
/** Null: there is no last census. */
type Ledger = readonly LedgerRow[] | null;

const number = (value: number): string => value.toLocaleString('en-US');

function filterText({ filter }: HostBody): string {
  const parts = [
    ['ports', filter.ports],
    ['not ports', filter.excludePorts],
    ['containers', filter.containers],
    ['services', filter.services],
    ['network namespaces', filter.netns],
  ] as const;
  const told = parts
    .filter(([, values]) => Array.isArray(values) && values.length > 0)
    .map(([name, values]) => `${name} ${values.join(', ')}`);
  return told.length === 0 ? 'none: every TCP connection' : told.join('; ');
}

function hostRows(host: HostBody): Row[] {
  return [
    ['host', `${host.hostname}, Linux ${host.kernel} ${host.machine}, ${count(host.cpus, 'CPU')}`],
    ['started', new Date(host.startedWallMs).toISOString()],
    ['recorder', `${host.recorder}, ring of ${formatBytes(host.ringBytes)}`],
    ['command', host.command ?? 'none'],
    ['filter', filterText(host)],
    ...host.plan.map((row, i) => [
      i === 0 ? 'plan' : '',
      `${row.capability}: ${row.hook}${row.note === undefined ? '' : ` (${row.note})`}`,
    ]),
  ];
}

function lossText(summary: CaptureSummary): string {
  const kinds = Object.entries(summary.lost).filter(([, lost]) => lost > 0);
  const detail = kinds.map(([kind, lost]) => `${kind} ${number(lost)}`).join(', ');
  return summary.lostTotal === 0 ? 'none' : `${count(summary.lostTotal, 'event')}: ${detail}`;
}

/** Listeners that are told of; the rest is counted. */
const LISTENERS_TOLD = 20;

function ledgerText(ledger: Ledger): string {
  if (ledger === null) return 'cannot be checked: there is no last census';
  const wrong = ledger.filter((row) => unaccounted(row) > 0).length;
  const ports = count(ledger.length, 'port');
  return wrong === 0
    ? `balances for ${ports}`
    : `does not balance for ${number(wrong)} of ${ports}`;
}

/** A line for each port, those that do not balance first. */
function ledgerTable(ledger: readonly LedgerRow[]): string {
  if (ledger.length === 0) return '';
  const wrong = ledger.filter((row) => unaccounted(row) > 0);
  const right = ledger.filter((row) => unaccounted(row) === 0);
  const told = [...wrong, ...right].slice(0, LISTENERS_TOLD);
  const rows = told.map((row) => [
    printable(`${row.service ?? 'unknown'}:${String(row.port)}`),
    ...[row.atStart, row.opens, row.closes, row.atEnd + row.ownerless].map(number),
    unaccounted(row) > 0 ? `no: ${complaints(row).join(', ')}` : 'yes',
  ]);
  const head = ['ledger', 'at start', '+ opened', '- closed', '= at end', 'balances'];
  const more = ledger.length - told.length;
  return [
    '\n',
    table([head, ...rows], [1, 2, 3, 4]),
    more > 0 ? `(${count(more, 'more port')}: --json)\n` : '',
  ].join('');
}

function factRows(file: string, fileBytes: number, summary: CaptureSummary, ledger: Ledger): Row[] {
  const rows: Row[] = [
    ['capture', `${file}, ${formatBytes(fileBytes)}, format ${summary.version ?? 'unknown'}`],
    ['verdict', summary.verdict.name],
    ...(summary.host === null
      ? [['host', 'unknown: no HOST block was read']]
      : hostRows(summary.host)),
    ['length', summary.clockSpanNs === null ? 'unknown' : formatDuration(summary.clockSpanNs)],
    ['lost', lossText(summary)],
    ['ledger', ledgerText(ledger)],
    ['ring', `at most ${formatBytes(summary.ringHighWaterBytes)} waited`],
    [
      'census',
      summary.censuses.map((c) => `${c.phase} ${count(c.sockets, 'row')}`).join(', ') || 'none',
    ],
    ['containers', summary.containers.join(', ') || 'none'],
  ];
  if (summary.unknownEvents > 0) rows.push(['unknown', count(summary.unknownEvents, 'event')]);
  if (summary.malformedRecords > 0) {
    rows.push(['malformed', count(summary.malformedRecords, 'record')]);
  }
  if (summary.unreadableBodies > 0) {
    rows.push(['unreadable', count(summary.unreadableBodies, 'block')]);
  }
  return rows.map((row) => row.map(printable));
}

/** The summary as text. */
export function inspectText(
  file: string,
  fileBytes: number,
  summary: CaptureSummary,
  ledger: Ledger,
): string {
  const blocks = summary.blocks.map((b) => [b.name, number(b.count), formatBytes(b.bytes)]);
  const events = Object.entries(summary.events).map(([kind, n]) => [kind, number(n)]);
  return [
    table(factRows(file, fileBytes, summary, ledger)),
    ledgerTable(ledger ?? []),
    '\n',
    table([['block', 'count', 'bytes'], ...blocks], [1, 2]),
    '\n',
    table([['event', 'count'], ...events, ['all', number(summary.eventsTotal)]], [1]),
  ].join('');
}

/** Gives the exit status. */
export async function runInspect(
  terminal: Terminal,
  file: string,
  given: { json?: boolean },
): Promise<number> {
  // Each is read once: a reader does not go back.
  const captures = [openCapture(file), openCapture(file), openCapture(file)] as const;
  try {
    const [{ reader, fileBytes }, frame, events] = captures;
    const summary = summarize(reader);
    const ledger = ledgerOf(frame.reader, events.reader);
    await terminal.out(
      given.json === true
        ? `${JSON.stringify({ file, fileBytes, ...summary, ledger }, null, 2)}\n`
        : inspectText(file, fileBytes, summary, ledger),
    );
    return 0;
  } finally {
    for (const capture of captures) capture.close();
  }
}
