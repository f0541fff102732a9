/**
 * Stage 7, findings: the rules, in one table, and the order in which a reader should see what they found: what is
 * worst first, causes before what they caused, what came first before what came later, and what the recording cannot
 * vouch for behind what it can. A quiet, healthy capture has no findings.
 */
import { churn } from './findings/churn.js';
import { failureBursts } from './findings/failures.js';
import type { Draft, Facts } from './findings/facts.js';
import { lostEvents, unknownOwners } from './findings/gaps.js';
import { k6Checks } from './findings/k6-checks.js';
import { k6Counts } from './findings/k6-counts.js';
import { k6Generator } from './findings/k6-generator.js';
import { k6Stage } from './findings/k6-stage.js';
import { latencyShifts } from './findings/latency.js';
import { leaks } from './findings/leaks.js';
import { noAnswer } from './findings/no-answer.js';
import { exhaustedPools } from './findings/pool.js';
import { fullQueues } from './findings/queues.js';
import { retransmitBursts } from './findings/retransmits.js';
import type { Rule } from './findings/rule.js';
import { synLoss } from './findings/syn-loss.js';
import type { Finding } from './model.js';

/** docs/findings.md is written from this table. */
export const RULES: readonly Rule[] = [
  failureBursts,
  latencyShifts,
  fullQueues,
  noAnswer,
  synLoss,
  exhaustedPools,
  retransmitBursts,
  churn,
  leaks,
  k6Generator,
  k6Stage,
  k6Checks,
  k6Counts,
  lostEvents,
  unknownOwners,
];

const SEVERITIES = ['high', 'medium', 'low'] as const;

/** More findings than this would not be read. */
export const MAX_FINDINGS = 50;

/** All findings, what the reader needs first before all else. */
export function findings(facts: Facts): Finding[] {
  return behindCauses(RULES.flatMap((rule) => rule.find(facts)))
    .sort(byNeed)
    .slice(0, MAX_FINDINGS)
    .map(ranked);
}

/** A pool is exhausted because what it leads to is slow, where that is so. */
function behindCauses(drafts: readonly Draft[]): Draft[] {
  return drafts.map((draft) => {
    if (draft.kind !== 'pool_exhausted') return draft;
    const cause = drafts.find(
      (other) =>
        (other.kind === 'latency_shift' || other.kind === 'slow_dependency') &&
        other.edge === draft.edge &&
        other.startNs < draft.endNs &&
        draft.startNs < other.endNs,
    );
    return cause === undefined ? draft : { ...draft, severity: 'medium', depth: cause.depth + 1 };
  });
}

function byNeed(a: Draft, b: Draft): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    Number(a.edge === null) - Number(b.edge === null) ||
    a.depth - b.depth ||
    a.startNs - b.startNs ||
    b.weight - a.weight
  );
}

function ranked(draft: Draft, index: number): Finding {
  const { severity, kind, edge, startNs, endNs, sentence, evidence } = draft;
  return { rank: index + 1, severity, kind, edge, startNs, endNs, sentence, evidence };
}
