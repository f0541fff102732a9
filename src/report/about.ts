/** The head of the page: what the capture is and what recording it cost, ready to show. */
import { formatBytes } from '../base/bytes.js';
import { formatDuration } from '../base/time.js';
import type { Analysis, CaptureInfo } from '../analyze/model.js';
import type { About } from './data.js';
import { NAME_CHARS, PLAN_ROWS, SENTENCE_CHARS } from './limits.js';
import { shown } from './text.js';

/** A share of one as percent with two significant digits. */
function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

/** What the recording cost the machine, in sentences; empty where the capture does not say. */
export function costSentences(capture: CaptureInfo): string[] {
  const { cost, durationNs, fileBytes, events } = capture;
  const size =
    capture.cut === null
      ? `The capture file holds ${events.toLocaleString('en-US')} events in ${formatBytes(fileBytes)}.`
      : `The capture file, of which this is a part, has ${formatBytes(fileBytes)}.`;
  if (cost === null || durationNs <= 0) return [size];
  const cpus = Math.max(1, capture.cpus);
  return [
    `The recorder took ${formatDuration(cost.cpuSeconds * 1e9)} of CPU time ` +
      `(${percent((cost.cpuSeconds * 1e9) / (durationNs * cpus))} of the machine) and ${formatBytes(cost.rssBytes)} of memory.`,
    cost.bpfNs > 0
      ? `Its probes took ${percent(cost.bpfNs / (cost.bpfMeasuredNs * cpus))} of the machine: ` +
        `${cost.bpfRuns.toLocaleString('en-US')} runs took ${formatDuration(cost.bpfNs)} ` +
        `in the ${formatDuration(cost.bpfMeasuredNs)} that were measured.`
      : 'What its probes took was not measured.',
    `Its ring buffer was at most ${percent(cost.ringBytes > 0 ? cost.ringHighWater / cost.ringBytes : 0)} full ` +
      `(${formatBytes(cost.ringBytes)}).`,
    size,
  ];
}

/** The head of the page. */
export function aboutOf(analysis: Analysis, analyzer: string): About {
  const { capture, edges } = analysis;
  const name = (text: string): string => shown(text, NAME_CHARS);
  return {
    file: name(capture.file),
    host: name(capture.host),
    kernel: name(capture.kernel),
    startedMs: capture.startedWallMs,
    durationS: capture.durationNs / 1e9,
    cut: capture.cut === null ? null : capture.cut.words,
    command: capture.command === null ? null : shown(capture.command, SENTENCE_CHARS),
    filter: shown(capture.filter, SENTENCE_CHARS),
    verdict: name(capture.verdict),
    events: capture.events,
    lost: capture.lost,
    coverage: capture.coverage,
    connections: analysis.connectionsTotal,
    exchanges: edges.reduce((sum, edge) => sum + edge.exchanges, 0),
    failures: edges.reduce((sum, edge) => sum + edge.failures, 0),
    cost: costSentences(capture),
    plan: capture.plan.slice(0, PLAN_ROWS).map(({ capability, hook, note }) => ({
      capability: name(capability),
      hook: name(hook),
      ...(note === undefined ? {} : { note: shown(note, SENTENCE_CHARS) }),
    })),
    // Captures carry the recorder's bare version.
    recorder: name(`${/^\d/.test(capture.recorder) ? 'dhrishti ' : ''}${capture.recorder}`),
    analyzer: name(analyzer),
    digest: analysis.digest,
  };
}
