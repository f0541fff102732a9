/**
 * What an analysis claims when part of the events is missing: less than the truth, never other than the truth. The
 * truth is the analysis of the whole capture. Seeds are fixed; a failure names the seed in its title.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { unaccounted } from '../../src/analyze/ledger.js';
import type { Connection } from '../../src/analyze/model.js';
import { packageRoot } from '../../src/base/paths.js';
import { BlockKind } from '../../src/capture/blocks.js';
import { Kind, Role } from '../../src/capture/layout.gen.js';
import { resolveLayout } from '../../src/capture/events.js';
import type { Analyzed } from '../support/analysis.js';
import { analyzed } from '../support/analysis.js';
import { everyVerdict } from '../support/every-verdict.js';
import { thin, thinAtRandom } from '../support/thin.js';

const AT = resolveLayout(null).at;
const SEEDS = [1, 2, 3, 20_261_123];
const CAPTURES: Record<string, () => Buffer> = {
  'the shop': () => readFileSync(join(packageRoot, 'fixtures', 'shop.dhr')),
  'every verdict': () => everyVerdict().bytes(),
};

interface Truth {
  bytes: Buffer;
  whole: Analyzed;
}
const truths = new Map<string, Truth>();

beforeAll(() => {
  for (const [name, make] of Object.entries(CAPTURES)) {
    const bytes = make();
    truths.set(name, { bytes, whole: analyzed(bytes) });
  }
});

/** Both ends' addresses name a connection: no port is used twice in these captures. */
function nameOf({ clientAddr, clientPort, serverAddr, serverPort }: Connection): string {
  return `${clientAddr}:${clientPort ?? '?'} → ${serverAddr}:${serverPort}`;
}

/** Verdicts that say less than any other. */
const MODEST: ReadonlySet<string> = new Set(['open', 'unknown', 'stale']);

/** Rows of `told` that say something else than the truth. */
function inventions(truth: Analyzed, told: Analyzed): unknown[] {
  const byName = new Map(truth.connections.map((row) => [nameOf(row), row]));
  const used = new Set<string>();
  return told.connections.flatMap((row): unknown[] => {
    const name = nameOf(row);
    const real = byName.get(name);
    const twice = used.has(name);
    used.add(name);
    // Without its port it cannot be found again: then it must not claim anything.
    if (row.clientPort === null) return MODEST.has(row.verdict) ? [] : [{ name, row }];
    if (real === undefined || twice) return [{ name, twice, verdict: row.verdict }];
    // Whether a process took a connection only the server's end can tell.
    const silent = real.verdict === 'never_accepted' && row.verdict === 'ok' && !row.paired;
    const says = row.verdict === real.verdict || MODEST.has(row.verdict) || silent;
    const counts =
      row.exchanges <= real.exchanges &&
      row.retransmits <= real.retransmits &&
      (row.bytesSent ?? 0) <= (real.bytesSent ?? 0) &&
      (row.bytesReceived ?? 0) <= (real.bytesReceived ?? 0);
    if (says && counts) return [];
    return [
      {
        name,
        real: real.verdict,
        told: row.verdict,
        evidence: row.evidence,
        counts,
        bytes: [
          row.bytesSent,
          real.bytesSent,
          row.bytesReceived,
          real.bytesReceived,
          row.exchanges,
          real.exchanges,
        ],
      },
    ];
  });
}

function sum<T>(rows: readonly T[], of: (row: T) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

/** What the edges count. */
function totals({ edges, connections, failuresTotal }: Analyzed): Record<string, number> {
  return {
    connections: sum(edges, (e) => e.connections),
    rows: connections.length,
    failures: failuresTotal,
    exchanges: sum(edges, (e) => e.exchanges),
    retransmits: sum(edges, (e) => e.retransmits),
    bytesSent: sum(edges, (e) => e.bytesSent),
    bytesReceived: sum(edges, (e) => e.bytesReceived),
  };
}

function named(analysis: Analyzed, name: string): Analyzed['quality'] {
  return analysis.quality.filter((row) => row.name === name);
}

/** Accounts whose columns do not add up with what they say is missing, or that quality does not speak of. */
function unbalanced(analysis: Analyzed): unknown[] {
  const rows = analysis.ledger ?? [];
  const spoken = named(analysis, 'ledger').filter((row) => row.severity !== 'ok').length;
  const wrong = rows.filter((row) => unaccounted(row) > 0);
  return [
    ...rows.filter(
      ({ atStart, opens, closes, atEnd, ownerless, vanished, appeared }) =>
        atStart + opens - closes !== atEnd + ownerless + vanished - appeared,
    ),
    ...(spoken === wrong.length ? [] : wrong),
  ];
}

const CASES = Object.keys(CAPTURES).flatMap((capture) =>
  [0.01, 0.1].flatMap((share) =>
    [true, false].flatMap((counted) => SEEDS.map((seed) => ({ capture, share, counted, seed }))),
  ),
);

describe('events lost at random', () => {
  it.each(CASES)('$capture, $share of all, counted: $counted, seed $seed', (given) => {
    const { bytes, whole } = truths.get(given.capture)!;
    const { bytes: rest, removed } = thinAtRandom(bytes, given.share, given.seed, given);
    const told = analyzed(rest);
    expect(inventions(whole, told)).toEqual([]);

    expect(unbalanced(told)).toEqual([]);
    const lost = sum(Object.values(removed), (n) => n);
    const coverage = 1 - lost / whole.capture.events;
    expect(told.capture.lost).toBe(given.counted ? lost : 0);
    expect(told.capture.coverage).toBeCloseTo(given.counted ? coverage : 1, 9);

    const truth = totals(whole);
    const said = totals(told);
    for (const [name, value] of Object.entries(said))
      expect(value, name).toBeLessThanOrEqual(truth[name]!);
    // One event alone tells of a failed attempt that it began: the others have several witnesses.
    const spread = 4 * Math.sqrt(truth['connections']! * given.share);
    expect(said['connections']).toBeGreaterThanOrEqual(coverage * truth['connections']! - spread);
    expect(said['exchanges']).toBeGreaterThanOrEqual(
      coverage * coverage * truth['exchanges']! -
        4 * Math.sqrt(truth['exchanges']! * given.share) -
        10,
    );

    const unknown = told.connections.filter((row) => row.verdict === 'unknown').length;
    expect(named(told, 'unknown_end').map((row) => row.value)).toEqual(
      unknown > 0 ? [unknown] : [],
    );
    if (!given.counted) {
      const witnesses = ['stream_gaps', 'end_unseen', 'opening_unseen', 'lost_exchanges'];
      expect(witnesses.flatMap((name) => named(told, name))).not.toEqual([]);
    }
  });
});

/** A socket that both sides have closed may live on for so long without a process. */
const LINGER_NS = 600e6;

describe('one lost CLOSE', () => {
  it.each(['client', 'server', 'listener'] as const)('of a %s names the listener', (role) => {
    const { bytes, whole } = truths.get('the shop')!;
    const number = { client: Role.CLIENT, server: Role.SERVER, listener: Role.LISTENER }[role];
    const all: { index: number; ts: number }[] = [];
    let lastTs = 0;
    thin(bytes, (event, index) => {
      lastTs = Math.max(lastTs, event.u64(AT.CLOSE.ts));
      // Where nobody listened there is no listener to name.
      const counts = event.kind === Kind.CLOSE && event.u16(AT.CLOSE.err) === 0;
      if (counts && event.u8(AT.CLOSE.role) === number)
        all.push({ index, ts: event.u64(AT.CLOSE.ts) });
      return false;
    });
    const closes = all.filter(({ ts }) => lastTs - ts > LINGER_NS).map(({ index }) => index);
    expect(closes.length).toBeGreaterThan(0);
    expect(named(whole, 'ledger').map((row) => row.severity)).toEqual(['ok']);
    // Every seventh is enough: they are of few sorts.
    for (const lost of closes.filter((_, i) => i % 7 === 0)) {
      const told = analyzed(thin(bytes, (_, index) => index === lost).bytes);
      const rows = named(told, 'ledger');
      expect(rows.map((row) => row.severity)).toEqual(['warning']);
      expect(rows[0]!.sentence).toMatch(
        /^Port \d+ of (inventory|gateway|orders|auth): .* without a close/,
      );
      expect(inventions(whole, told)).toEqual([]);
    }
  });
});

describe('lost names', () => {
  const ONLY: Record<string, { kinds: number[]; without: number[] }> = {
    'no PROCESS': { kinds: [Kind.PROCESS], without: [] },
    'no CGROUP': { kinds: [Kind.CGROUP], without: [] },
    'no WORKLOADS': { kinds: [], without: [BlockKind.WORKLOADS] },
    'neither PROCESS nor CGROUP': { kinds: [Kind.PROCESS, Kind.CGROUP], without: [] },
    'no name of any kind': { kinds: [Kind.PROCESS, Kind.CGROUP], without: [BlockKind.WORKLOADS] },
  };
  it.each(Object.entries(ONLY))('%s', (_, { kinds, without }) => {
    for (const { bytes, whole } of truths.values()) {
      const told = analyzed(thin(bytes, (event) => kinds.includes(event.kind), { without }).bytes);
      expect(misnamed(whole, told)).toEqual([]);
      expect(told.connections.map((row) => row.verdict).toSorted()).toEqual(
        whole.connections.map((row) => row.verdict).toSorted(),
      );
    }
  });
});

/** Ends under a name that is not theirs: another container than in truth, or any where in truth there is none. */
function misnamed(truth: Analyzed, told: Analyzed): unknown[] {
  const byName = new Map(truth.connections.map((row) => [nameOf(row), row]));
  return told.connections.flatMap((row): unknown[] => {
    const real = byName.get(nameOf(row));
    if (real === undefined) return [{ invented: nameOf(row) }];
    const pairs = [
      [real.clientWorkload, row.clientWorkload],
      [real.serverWorkload, row.serverWorkload],
    ] as const;
    return pairs.flatMap(([was, is]) => {
      const before = truth.workloads[was - 1]!;
      const after = told.workloads[is - 1]!;
      const same =
        after.containerId === before.containerId &&
        (after.service === before.service || after.kind === 'container');
      const modest =
        after.kind === 'unknown' || after.kind === 'external' || after.kind === 'process';
      return same || modest ? [] : [{ name: nameOf(row), before, after }];
    });
  });
}
