/**
 * The whole analysis on one page. Each stage names what it takes, and what the next may rely on:
 *
 *   frame        blocks that are no events → host, layout, workloads, census, statistics
 *   order        EVENTS bodies → events in order of time; late ones counted
 *   normalize    the kernel's fields → times from the capture's start, addresses, names of errors
 *   connections  events → sockets: each opened, established, ended, in this order
 *   clean        open sockets + last census → held, gone or undecided; repairs counted
 *   correlate    sockets → links: both ends, proxy hops stitched; exchanges of both ends made one
 *   metrics      links → rows of connections, edges, windows, cells; each link counted once
 *   findings     edges, windows, failures, and the k6 run beside them → sentences, ranked
 *   quality      everything counted on the way → rows that say how much of the truth is here
 *
 * No stage has a clock, randomness or input and output of its own: equal captures give equal results.
 * One pass over the events. Memory grows with open connections and edges × steps, never with events.
 */
import type { Nanos } from '../base/time.js';
import { BlockKind } from '../capture/blocks.js';
import type { CaptureVerdict } from '../capture/verdict.js';
import { clean } from './clean.js';
import { Connections } from './connections.js';
import { Correlator } from './correlate.js';
import { findings } from './findings.js';
import type { Frame } from './frame.js';
import { k6Facts, k6Quality, k6View } from './k6/compare.js';
import type { K6Run } from './k6/model.js';
import { describeCapture } from './describe.js';
import { balance, unaccounted } from './ledger.js';
import { Listeners } from './listeners.js';
import { Book } from './metrics/book.js';
import type { RowSink } from './metrics/book.js';
import { Coverage, lostEvents } from './metrics/coverage.js';
import { planSteps } from './metrics/steps.js';
import { roundShare, toEdge, visitCells, visitWindows } from './metrics/windows.js';
import { cutFrame } from './cut/frame.js';
import { Phases, censusAt } from './cut/phases.js';
import { cutOf } from './cut/range.js';
import type { Range } from './cut/range.js';
import type { Undigested } from './digest.js';
import { OrderedEvents } from './order.js';
import { overflowsByPort, overflowsOf } from './overflows.js';
import { Proxies } from './proxies.js';
import { quality } from './quality.js';
import { Attribution } from './workloads/attribution.js';
import { Containers } from './workloads/containers.js';
import { Processes } from './workloads/processes.js';

export interface PipelineOptions {
  windowNs: number;
  stepNs: number;
  staleAfterNs: number;
}

/** What is known of the capture as a file. */
export interface CaptureFile {
  name: string;
  sha256: string;
  bytes: number;
}

/** A k6 run, or why it could not be read. */
export interface K6Input {
  run: K6Run | null;
  problem: string | null;
}

export interface PipelineInput {
  file: CaptureFile;
  frame: Frame;
  /** All blocks, in order; asked for once. `offset`: where it begins in the file. */
  blocks: Iterable<{ kind: number; body: Uint8Array; offset: number }>;
  /** The reader's verdict; asked for when `blocks` has ended. */
  verdict: () => CaptureVerdict;
  /** The k6 run that goes with the capture. */
  k6?: K6Input | null;
  /** The part of the recording that is asked for; null or missing: all of it. */
  range?: Range | null;
  /** Hears of each block of events: where it begins in the file, and how many events were handed on by then. */
  onBlock?: (offset: number, events: number) => void;
}

/** Runs all stages. Rows of connections and exchanges go to `rows` as soon as they are whole. */
export function analyzeCapture(
  { file, frame: whole, blocks, verdict, k6, range = null, onBlock }: PipelineInput,
  options: PipelineOptions,
  rows: RowSink,
): Undigested {
  const frame = range === null ? whole : cutFrame(whole, range);
  const countedFromNs = range === null ? -Infinity : 0;
  const countedUntilNs = range === null ? Infinity : range.untilNs - range.sinceNs;
  const steps = planSteps(
    options.stepNs,
    options.windowNs,
    frame.endNs,
    Math.min(frame.latestNs, countedUntilNs),
  );
  const coverage = new Coverage(steps);
  const processes = new Processes();
  const containers = new Containers(frame.workloads);
  const listeners = new Listeners();
  const attribution = new Attribution(containers, processes, frame.host?.hostNetns ?? 0, listeners);
  const horizon = {
    endNs: frame.endNs,
    staleAfterNs: options.staleAfterNs,
    hasLastCensus: frame.lastCensus !== null,
    resentSynAcks: new Map<string, number>(),
    incomplete: false,
  };
  const book = new Book({
    attribution,
    containers,
    listeners,
    horizon,
    steps,
    rows,
    countedFromNs,
  });
  const proxies = new Proxies(listeners);
  const links = new Correlator(book, proxies, (socket) => connections.forget(socket));
  const connections: Connections = new Connections({
    layout: frame.layout,
    processes,
    containers,
    attribution,
    listeners,
    resentSynAcks: horizon.resentSynAcks,
    firstCensusNs: frame.firstCensusNs,
    countedFromNs,
    countedUntilNs,
    sink: links,
  });
  const phases = range === null ? null : new Phases(connections, countedUntilNs);

  connections.begin(frame.firstCensus);
  for (const row of frame.lastCensus ?? [])
    attribution.noteAddress(row.end.localAddr, row.end.netns);

  const events = new OrderedEvents(frame.layout, frame.base, frame, frame.host?.disorderMs);
  const drain = (): void => {
    while (events.next()) {
      const atNs = events.timeNs;
      if (phases === null) connections.handle(events.event, atNs);
      else if (!phases.handle(events.event, atNs)) continue;
      coverage.count(atNs);
    }
    links.tick(Math.min(events.timeNs, countedUntilNs));
  };
  for (const { kind, body, offset } of blocks) {
    if (kind !== BlockKind.EVENTS) continue;
    events.push(body);
    drain();
    onBlock?.(offset, events.count);
  }
  events.end();
  drain();
  phases?.begin();

  horizon.endNs = Math.min(Math.max(0, frame.endNs, events.youngestNs), countedUntilNs);
  coverage.lose(frame.stats);
  const open = connections.open;
  const early = countedUntilNs < Infinity;
  const lastCensus = early ? censusAt(open, frame.lastCensus) : frame.lastCensus;
  const repairs = clean(open, lastCensus, {
    endNs: horizon.endNs,
    lastCensusNs: early ? countedUntilNs : frame.lastCensusNs,
  });
  // Made of the sockets themselves, the census of a cut cannot check them.
  const balances =
    lastCensus === null || early
      ? null
      : balance(listeners.accounts, listeners.open, open, lastCensus, (c) =>
          connections.hasEnded(c),
        );
  const overflows = overflowsOf(frame.netstat);
  const judged = verdict();
  horizon.incomplete =
    judged.state !== 'complete' ||
    (frame.stats.at(-1) !== undefined && lostEvents(frame.stats.at(-1)!.lost) > 0) ||
    connections.strays.sockets + connections.strays.gaps + repairs.endLost > 0 ||
    (balances ?? []).some((row) => unaccounted(row) > 0);
  links.end(open);
  book.end();

  // To name the ports, all listeners are looked at: those that nobody connected to are no workloads of these rows.
  const workloads = attribution.workloads.map((workload) => ({ ...workload }));
  const serviceOn = (netns: number, port: number): string | null =>
    attribution.serviceOn(netns, port, horizon.endNs);
  const ledger =
    balances?.map((row) => ({ service: serviceOn(row.netns, row.port), ...row })) ?? null;
  const capture = describeCapture(
    file,
    frame,
    judged,
    phases ?? events,
    horizon.endNs as Nanos,
    cutOf(range, whole, horizon.endNs),
  );
  const edges = book.edges.map((edge) => toEdge(edge, coverage));
  const run = k6?.run ?? null;
  const besides = run === null ? null : k6Facts(run, book.edges, workloads);
  return {
    capture,
    workloads,
    edges,
    visitWindows(visit) {
      for (const edge of book.edges) visitWindows(edge, steps, coverage, visit);
    },
    stepNs: steps.stepNs,
    steps: steps.count,
    visitCells(edge, visit) {
      const metrics = book.edges[edge - 1];
      if (metrics !== undefined) visitCells(metrics, visit);
    },
    coverage: Array.from({ length: steps.count }, (_, step) =>
      roundShare(coverage.share(step, step + 1)),
    ),
    findings: findings({
      capture,
      edges: book.edges,
      steps,
      coverage,
      tally: book.tally,
      overflows: overflowsByPort(overflows, listeners.accounts, serviceOn),
      k6: besides,
    }),
    quality: k6Quality(run, k6?.problem ?? null).concat(
      quality({
        capture,
        verdict: judged,
        frame,
        tally: book.tally,
        repairs,
        strays: connections.strays,
        late: events.late,
        absurd: events.absurd,
        skipped: events.skipped,
        ambiguous: links.ambiguous,
        synackRetransmits: connections.synackRetransmits,
        overflows: [...overflows.values()].reduce((sum, n) => sum + n, 0),
        stretched: steps.stepNs !== options.stepNs ? steps.stepNs : null,
        ledger,
        incomplete: horizon.incomplete,
      }),
    ),
    k6: besides === null ? null : k6View(besides, steps),
    ledger,
    failures: book.failures,
    failuresTotal: book.tally.failures,
    connections: book.sample.rows(),
    slowest: book.edges.flatMap((edge) => edge.slowest.list(edge.id)),
    connectionsTotal: book.tally.connections,
  };
}
