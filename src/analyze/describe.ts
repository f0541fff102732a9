/** What this capture is: host, length, verdict, what was lost, what the recording cost. */
import type { Nanos } from '../base/time.js';
import type { CaptureFilter, StatsBody } from '../capture/blocks.js';
import type { CaptureVerdict } from '../capture/verdict.js';
import type { Frame } from './frame.js';
import { lostEvents } from './metrics/coverage.js';
import type { CaptureInfo } from './model.js';

export function describeCapture(
  file: { name: string; sha256: string; bytes: number },
  frame: Frame,
  verdict: CaptureVerdict,
  events: { count: number },
  durationNs: Nanos,
  cut: CaptureInfo['cut'],
): CaptureInfo {
  const { host, stats } = frame;
  const lostByKind = stats.at(-1)?.lost ?? {};
  const lost = lostEvents(lostByKind);
  return {
    file: file.name,
    sha256: file.sha256,
    host: host?.hostname ?? 'unknown',
    kernel: host?.kernel ?? 'unknown',
    startedWallMs: frame.startedWallMs,
    durationNs,
    verdict: verdict.name,
    events: events.count,
    lost,
    lostByKind,
    coverage: lost === 0 ? 1 : events.count / (events.count + lost),
    command: host?.command ?? null,
    recorder: host?.recorder ?? 'unknown',
    plan: host?.plan ?? [],
    filter: describeFilter(host?.filter),
    cpus: host?.cpus ?? 0,
    fileBytes: file.bytes,
    cut,
    cost: costOf(frame, durationNs),
  };
}

/** The filter in words; empty where everything was recorded. */
function describeFilter(filter: CaptureFilter | undefined): string {
  if (filter === undefined) return '';
  const parts: string[] = [];
  if (filter.containers.length > 0) parts.push(`containers ${filter.containers.join(', ')}`);
  if (filter.services.length > 0) parts.push(`services ${filter.services.join(', ')}`);
  if (filter.excludePorts.length > 0) parts.push(`not ports ${filter.excludePorts.join(', ')}`);
  if (filter.ports.length > 0) parts.push(`ports ${filter.ports.join(', ')}`);
  if (parts.length === 0 && filter.netns.length > 0) {
    parts.push(`${filter.netns.length} network namespaces`);
  }
  return parts.join('; ');
}

function costOf({ stats }: Frame, durationNs: Nanos): CaptureInfo['cost'] {
  const last = stats.at(-1);
  if (last === undefined) return null;
  const sum = (pick: (p: { runs: number; ns: number }) => number): number =>
    last.programs.reduce((total, program) => total + pick(program), 0);
  const most = (pick: (s: StatsBody) => number): number =>
    stats.reduce((greatest, s) => Math.max(greatest, pick(s)), 0);
  return {
    cpuSeconds: last.cpuUs / 1e6,
    rssBytes: most((s) => s.rssBytes),
    ringHighWater: most((s) => s.ringHighWater),
    ringBytes: last.ringBytes,
    bpfNs: sum((p) => p.ns),
    bpfRuns: sum((p) => p.runs),
    bpfMeasuredNs: last.measuredNs ?? durationNs,
  };
}
