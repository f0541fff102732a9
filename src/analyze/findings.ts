/**
 * Stage 7, findings: the rules, in one table, and the order in which a reader should see what they found. A quiet,
 * healthy capture has no findings.
 */
import { failureBursts, silentServers } from './findings/failures.js';
import type { Draft, Facts } from './findings/facts.js';
import { lostEvents, unknownOwners } from './findings/gaps.js';
import { latencyShifts } from './findings/latency.js';
import { leaks } from './findings/leaks.js';
import { fullQueues } from './findings/queues.js';
import type { Finding } from './model.js';

/** Each rule looks at all the facts by itself. */
const RULES: readonly ((facts: Facts) => Draft[])[] = [
  failureBursts,
  fullQueues,
  silentServers,
  latencyShifts,
  leaks,
  lostEvents,
  unknownOwners,
];

const SEVERITIES = ['high', 'medium', 'low'] as const;

/** More findings than this would not be read. */
export const MAX_FINDINGS = 50;

/** All findings, the most telling first. */
export function findings(facts: Facts): Finding[] {
  // Drafts of one rule can be compared with each other; between rules, the table's order decides.
  return RULES.flatMap((rule) => rule(facts).sort((a, b) => b.weight - a.weight))
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .slice(0, MAX_FINDINGS)
    .map(ranked);
}

function ranked(draft: Draft, index: number): Finding {
  const { severity, kind, edge, startNs, endNs, sentence, evidence } = draft;
  return { rank: index + 1, severity, kind, edge, startNs, endNs, sentence, evidence };
}
