/** The analysis of a capture in which nothing happened. */
import type { Analysis } from '../../src/analyze/model.js';
import { shopAnalysis } from './report-data.js';

export function emptyAnalysis(): Analysis {
  const shop = shopAnalysis();
  return {
    ...shop,
    edges: [],
    visitCells: () => undefined,
    coverage: [],
    connections: [],
    slowest: [],
    findings: [],
    failures: [],
    failuresTotal: 0,
    connectionsTotal: 0,
    workloads: [],
    steps: 0,
    capture: { ...shop.capture, events: 0, durationNs: 0, cost: null, command: null },
  };
}
