/** Rule: an edge that was much slower for a while than it is otherwise, and where the time went. */
import { formatDuration } from '../../base/time.js';
import type { Cell } from '../metrics/cells.js';
import { count, percent, seconds, edgeName } from '../words.js';
import type { Draft, Facts } from './facts.js';
import { total } from './facts.js';
import { exhaustions } from './pool.js';
import type { Rule } from './rule.js';
import type { Slow } from './slow.js';
import { FACTOR, LEAST_SLOW, LEAST_US, SINGLE_STEP, SLOW_SHARE, slowSpans } from './slow.js';
import type { Cause } from './waits.js';
import { Waits } from './waits.js';

/** So much of the added time in one place is where the time went. */
const MOST = 0.5;
/** What cost clients less than this share of what the worst shift cost them is not what the reader needs first. */
const SMALL = 0.1;
/** From so many segments sent again for each exchange on, the network is to blame for what neither end took. */
const LOSSY = 0.01;

export const latencyShifts: Rule = {
  kinds: ['latency_shift', 'slow_dependency'],
  tells:
    'an edge that became much slower for a while, where the time went, and who was waiting for whom',
  when:
    `the edge's p95 rises to ${FACTOR} times its usual p95 or more, and by ${LEAST_US / 1000} ms or more: ` +
    `consecutive steps in which ${SLOW_SHARE * 100} % of the exchanges are that slow, with ${LEAST_SLOW} slow exchanges in all ` +
    `(${LEAST_SLOW * SINGLE_STEP} where it is one step only). The usual p95 is the one that a third of the time stays below. ` +
    'Where exchanges are known at both ends, the time is divided: into the server, before the connection was accepted, before the request ' +
    `was read, after the answer; ${MOST * 100} % of what was added names the place. \`slow_dependency\`: the server's time was added ` +
    'while it waited for a call of its own that was slow as well, or for a free connection to it; that call has a finding that stands first. ' +
    `High: the time went into the server or the way to it, and the shift cost at least ${SMALL * 100} % of what the worst one cost ` +
    '(exchanges times the rise of the p95).',
  advice:
    'Look into the service that the time went into. Before accepting or reading: its process was busy or blocked (one ' +
    'thread, a long computation). On the way: see retransmits, and the load of the client.',
  find: (facts) => {
    const slow = facts.edges.flatMap((edge) => slowSpans(edge, facts.steps));
    const waits = new Waits(facts, slow, exhaustions(facts));
    const drafts = slow.map((one) => draft(one, waits, facts));
    const worst = drafts.reduce((most, { weight }) => Math.max(most, weight), 0);
    return drafts.map((one) =>
      one.severity === 'high' && one.weight < SMALL * worst ? { ...one, severity: 'medium' } : one,
    );
  },
};

function draft(slow: Slow, waits: Waits, { capture, steps }: Facts): Draft {
  const { edge, startNs, duringUs, beforeUs, exchanges } = slow;
  const endNs = Math.min(slow.endNs, Math.max(capture.durationNs, steps.stepNs));
  const place = whereItWent(slow, waits);
  const p95 = (us: number): string => formatDuration(us * 1e3);
  return {
    severity: place.severity,
    kind: place.depth > 0 ? 'slow_dependency' : 'latency_shift',
    edge: edge.id,
    startNs,
    endNs,
    sentence:
      `${edgeName(edge)} was slow from ${seconds(startNs)} to ${seconds(endNs)}: p95 ${p95(duringUs)}, ` +
      `${p95(beforeUs)} ${slow.hasBefore ? 'before' : 'otherwise'}; ${place.words}.`,
    evidence:
      `${count(exchanges, 'exchange')}; p95 ${(duringUs / beforeUs).toFixed(1)} times the usual` +
      place.evidence,
    depth: place.depth,
    weight: exchanges * (duringUs - beforeUs),
  };
}

interface Place {
  words: string;
  evidence: string;
  severity: Draft['severity'];
  depth: number;
}

/** Microseconds an exchange, by where they were spent. */
interface Division {
  totalUs: number;
  serverUs: number;
  /** Before the server read the request; of that, on new connections. */
  pickupUs: number;
  acceptUs: number;
  resent: number;
}

function whereItWent(slow: Slow, waits: Waits): Place {
  const { client, server } = slow.edge;
  const during = divide(slow, (step) => step >= slow.span.from && step < slow.span.to);
  const usual = divide(slow, slow.isUsual);
  if (during === null || usual === null) {
    const words = "the server's end was not seen, so where the time went is not known";
    return { words, evidence: '', severity: 'high', depth: 0 };
  }
  const added = (of: (division: Division) => number): number =>
    (of(during) - of(usual)) / (during.totalUs - usual.totalUs);
  const inServer = added((d) => d.serverUs);
  const evidence = evidenceOf(during, usual);
  const say = (words: string, share: number, severity: Place['severity'] = 'high'): Place => ({
    words: `${words} (${percent(Math.min(1, share))} of what was added)`,
    evidence,
    severity,
    depth: 0,
  });
  if (inServer >= MOST) {
    const causes = waits.causesOf(slow);
    if (causes.length === 0) return say(`the time went into ${server}`, inServer);
    const words = `${server} itself waited for ${causes.map(causeWords).join(' and ')}`;
    return { words, evidence, severity: 'medium', depth: waits.depthOf(slow) };
  }
  const accepting = added((d) => d.acceptUs);
  if (accepting >= MOST) {
    return say(`the time passed before ${server} accepted the connections`, accepting);
  }
  if (during.resent >= LOSSY && during.resent > usual.resent) {
    return say(
      'the time was lost on the network, where segments had to be sent again',
      1 - inServer,
    );
  }
  const reading = added((d) => d.pickupUs);
  if (reading >= MOST) {
    return say(`the time passed before ${server} read the requests, or on the network`, reading);
  }
  const words = `${server} itself was not slower: the time went into ${client} or the network`;
  return { words, evidence, severity: 'medium', depth: 0 };
}

function causeWords({ call, share, usualShare }: Cause): string {
  const before = percent(usualShare);
  return `${call.edge.server}:${call.edge.port}, for ${percent(share)} of its time (${before} usually)`;
}

/** Null where no exchange is known at both ends. */
function divide({ edge }: Slow, wanted: (step: number) => boolean): Division | null {
  const cells = edge.cells.filter(([step]) => wanted(step)).map(([, cell]) => cell);
  const n = total(cells, (cell) => cell.paired);
  if (n === 0) return null;
  const mean = (of: (cell: Cell) => number): number => total(cells, of) / n;
  return {
    totalUs: mean((cell) => cell.pairedUs),
    serverUs: mean((cell) => cell.servedUs),
    pickupUs: mean((cell) => cell.pickupUs),
    acceptUs: mean((cell) => cell.acceptUs),
    resent: mean((cell) => cell.retransmits - cell.synRetransmits),
  };
}

function evidenceOf(during: Division, usual: Division): string {
  const mean = (of: (d: Division) => number): string =>
    `${formatDuration(of(during) * 1e3)} (${formatDuration(of(usual) * 1e3)} usually)`;
  return (
    `; mean ${mean((d) => d.totalUs)}; in the server ${mean((d) => d.serverUs)}; ` +
    `before it read the request ${mean((d) => d.pickupUs)}`
  );
}
