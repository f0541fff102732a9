/** `dhrishti inspect`: header, host, plan, filter, blocks, events by kind, loss and verdict of a capture. */
import { formatBytes } from '../base/bytes.js';
import { formatDuration } from '../base/time.js';
import type { HostBody } from '../capture/blocks.js';
import { openCapture } from '../capture/open.js';
import type { CaptureSummary } from '../capture/summary.js';
import { summarize } from '../capture/summary.js';
import type { Terminal } from './terminal.js';
import { count, printable, table } from './terminal.js';

type Row = string[];

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

function factRows(file: string, fileBytes: number, summary: CaptureSummary): Row[] {
  const rows: Row[] = [
    ['capture', `${file}, ${formatBytes(fileBytes)}, format ${summary.version ?? 'unknown'}`],
    ['verdict', summary.verdict.name],
    ...(summary.host === null
      ? [['host', 'unknown: no HOST block was read']]
      : hostRows(summary.host)),
    ['length', summary.clockSpanNs === null ? 'unknown' : formatDuration(summary.clockSpanNs)],
    ['lost', lossText(summary)],
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
export function inspectText(file: string, fileBytes: number, summary: CaptureSummary): string {
  const blocks = summary.blocks.map((b) => [b.name, number(b.count), formatBytes(b.bytes)]);
  const events = Object.entries(summary.events).map(([kind, n]) => [kind, number(n)]);
  return [
    table(factRows(file, fileBytes, summary)),
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
  const capture = openCapture(file);
  try {
    const summary = summarize(capture.reader);
    const { fileBytes } = capture;
    await terminal.out(
      given.json === true
        ? `${JSON.stringify({ file, fileBytes, ...summary }, null, 2)}\n`
        : inspectText(file, fileBytes, summary),
    );
    return 0;
  } finally {
    capture.close();
  }
}
