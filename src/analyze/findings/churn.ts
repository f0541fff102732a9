/** Rule: a new connection for each request, on an edge or to a server where connections are kept otherwise. */
import type { Cell } from '../metrics/cells.js';
import type { EdgeMetrics } from '../metrics/edges.js';
import { count, edgeName } from '../words.js';
import type { Draft, Facts, Span } from './facts.js';
import { between, cellsIn, spansOf, timesOf, total } from './facts.js';
import type { Rule } from './rule.js';

/** Connections opened in a step; fewer cost nothing worth telling. */
const STEP_CONNECTIONS = 5;
/** … and in all. */
const LEAST = 30;
/** More exchanges than this on each connection is keeping it. */
const FEW_EXCHANGES = 2;
/** Keep-alive is expected where connections carry so many exchanges, at other times or of other clients. */
const KEPT_EXCHANGES = 10;
/** A pool that fills up opens connections as well, but does not close them; nor does it go on for long. */
const LEAST_STEPS = 2;
const CLOSED_SHARE = 0.5;
const GAP_STEPS = 1;

export const churn: Rule = {
  kinds: ['churn'],
  tells: 'connections opened anew for each request, where keep-alive was expected',
  when:
    `${LEAST} or more connections in ${LEAST_STEPS} or more consecutive steps, ${STEP_CONNECTIONS} or more in each, with no ` +
    `more than ${FEW_EXCHANGES} exchanges a connection and at least half of them closed again; and the same edge at ` +
    `other times, or another client of the same server and port, has ${KEPT_EXCHANGES} exchanges or more a connection. ` +
    'Where nobody keeps connections, nobody expects it.',
  advice:
    'The client has no pool, or its keep-alive is off or shorter than the pause between two requests; or the server closes after ' +
    'each answer (see who closed in the table of connections). Each connect costs a round trip, a port in TIME_WAIT and CPU.',
  find: (facts) => facts.edges.flatMap((edge) => churnOf(edge, facts)),
};

function churnOf(edge: EdgeMetrics, facts: Facts): Draft[] {
  const churning = edge.cells.filter(([, cell]) => churns(cell)).map(([step]) => step);
  return spansOf(churning, GAP_STEPS).flatMap((span) => {
    const cells = cellsIn(edge, span);
    const opened = total(cells, made);
    const exchanges = total(cells, (cell) => cell.exchanges);
    const staying = total(cells, (cell) => cell.openDelta);
    const steps = churning.filter((step) => step >= span.from && step < span.to).length;
    if (opened < LEAST || steps < LEAST_STEPS || exchanges > FEW_EXCHANGES * opened) return [];
    if (staying > (1 - CLOSED_SHARE) * opened) return [];
    const expected = expectation(edge, span, facts);
    if (expected === null) return [];
    const times = timesOf(span, facts);
    return [
      {
        severity: 'medium',
        kind: 'churn',
        edge: edge.id,
        ...times,
        sentence:
          `${edgeName(edge)}: ${count(opened, 'connection')} for ${count(exchanges, 'exchange')} ${between(times)}, ` +
          `though ${expected}: keep-alive does not work.`,
        evidence: `${(exchanges / opened).toFixed(1)} exchanges a connection in that time`,
        depth: 0,
        weight: opened,
      },
    ];
  });
}

/** Connections that came about; attempts that failed are another finding. */
function made(cell: Cell): number {
  return Math.max(0, cell.connections - cell.failures);
}

function churns(cell: Cell): boolean {
  return made(cell) >= STEP_CONNECTIONS && cell.exchanges <= FEW_EXCHANGES * made(cell);
}

/** Why connections should be kept here, in words; null where nothing says so. */
function expectation(edge: EdgeMetrics, span: Span, facts: Facts): string | null {
  const others = edge.cells
    .filter(([step]) => step < span.from || step >= span.to)
    .map(([, cell]) => cell);
  const kept = keptBy(others);
  if (kept !== null) return `it has ${kept} exchanges a connection at other times`;
  for (const other of facts.edges) {
    if (other === edge || other.server !== edge.server || other.port !== edge.port) continue;
    const theirs = keptBy(other.cells.map(([, cell]) => cell));
    if (theirs !== null) return `${other.client} has ${theirs} exchanges a connection there`;
  }
  return null;
}

function keptBy(cells: readonly Cell[]): string | null {
  const exchanges = total(cells, (cell) => cell.exchanges);
  const ratio = exchanges / Math.max(1, total(cells, made));
  return ratio >= KEPT_EXCHANGES ? String(Math.round(ratio)) : null;
}
