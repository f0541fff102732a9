/**
 * A capture's frame as that of a cut: time counts from where the cut begins, and running totals from there too. What
 * names things stays whole, as it explains connections whenever it was told.
 */
import { laterBy } from '../../base/time.js';
import type { Frame, TimedNetstat, TimedStats } from '../frame.js';
import type { Range } from './range.js';

/** The frame of a part of a capture. */
export function cutFrame(frame: Frame, { sinceNs, untilNs }: Range): Frame {
  const endNs = Math.min(untilNs, frame.endNs) - sinceNs;
  const shifted = <T extends { atNs: number }>(list: readonly T[]): T[] =>
    list.map((one) => ({ ...one, atNs: one.atNs - sinceNs }));
  const startedWallMs = Math.round(frame.startedWallMs + sinceNs / 1e6);
  const wallShiftNs = (startedWallMs - frame.startedWallMs) * 1e6;
  return {
    ...frame,
    base: laterBy(frame.base, sinceNs),
    startedWallMs,
    clocks: shifted(frame.clocks).map((pair) => ({ ...pair, wallNs: pair.wallNs - wallShiftNs })),
    endNs,
    earliestNs: frame.earliestNs - sinceNs,
    latestNs: frame.latestNs - sinceNs,
    workloads: shifted(frame.workloads),
    stats: cutStats(shifted(frame.stats), endNs, -sinceNs),
    netstat: cutNetstat(shifted(frame.netstat), endNs),
    firstCensusNs: frame.firstCensusNs - sinceNs,
    lastCensusNs: frame.lastCensusNs - sinceNs,
  };
}

/**
 * Totals between two records are taken to grow evenly, as losses are everywhere; of lost events none is
 * left out by that: they are rounded up.
 */
function cutStats(stats: readonly TimedStats[], endNs: number, startNs: number): TimedStats[] {
  if (stats.length === 0) return [];
  const before = totalsAt(stats, 0, startNs, Math.floor);
  const inside = stats.filter(({ atNs }) => atNs > 0 && atNs < endNs);
  const last = stats.at(-1)!;
  const ends = last.atNs >= endNs ? [totalsAt(stats, endNs, startNs, Math.ceil)] : [];
  return [...inside, ...ends].map((one) => less(one, before));
}

/** What the record of this moment would have said. */
function totalsAt(
  stats: readonly TimedStats[],
  atNs: number,
  startNs: number,
  whole: (n: number) => number,
): TimedStats {
  const next = stats.find((one) => one.atNs >= atNs) ?? stats.at(-1)!;
  const index = stats.indexOf(next);
  const from = index > 0 ? stats[index - 1]! : null;
  const fromNs = from?.atNs ?? startNs;
  const share =
    next.atNs > fromNs ? Math.min(1, Math.max(0, (atNs - fromNs) / (next.atNs - fromNs))) : 1;
  const between = (a: number, b: number): number => a + share * (b - a);
  return {
    ...next,
    atNs,
    lost: Object.fromEntries(
      Object.entries(next.lost).map(([kind, n]) => [
        kind,
        whole(between(from?.lost[kind] ?? 0, n)),
      ]),
    ),
    programs: next.programs.map((program) => {
      const was = from?.programs.find(({ name }) => name === program.name);
      return {
        name: program.name,
        runs: Math.round(between(was?.runs ?? 0, program.runs)),
        ns: Math.round(between(was?.ns ?? 0, program.ns)),
      };
    }),
    ...(next.measuredNs === undefined
      ? {}
      : { measuredNs: Math.round(between(from?.measuredNs ?? 0, next.measuredNs)) }),
    cpuUs: Math.round(between(from?.cpuUs ?? 0, next.cpuUs)),
    eventBytes: Math.round(between(from?.eventBytes ?? 0, next.eventBytes)),
  };
}

function less(one: TimedStats, before: TimedStats): TimedStats {
  const grown = (now: number, was: number | undefined): number => Math.max(0, now - (was ?? 0));
  return {
    ...one,
    lost: Object.fromEntries(
      Object.entries(one.lost).map(([kind, n]) => [kind, grown(n, before.lost[kind])]),
    ),
    programs: one.programs.map(({ name, runs, ns }) => {
      const was = before.programs.find((program) => program.name === name);
      return { name, runs: grown(runs, was?.runs), ns: grown(ns, was?.ns) };
    }),
    ...(one.measuredNs === undefined
      ? {}
      : { measuredNs: grown(one.measuredNs, before.measuredNs) }),
    cpuUs: grown(one.cpuUs, before.cpuUs),
    eventBytes: grown(one.eventBytes, before.eventBytes),
  };
}

/** Counters are told when they change: what stood before the cut holds at its begin. */
function cutNetstat(netstat: readonly TimedNetstat[], endNs: number): TimedNetstat[] {
  const standing = new Map<number, TimedNetstat>();
  for (const one of netstat) if (one.atNs <= 0) standing.set(one.netns, { ...one, atNs: 0 });
  return [...standing.values(), ...netstat.filter(({ atNs }) => atNs > 0 && atNs <= endNs)];
}
