/** What the analyzer says in words about the shop of report-data.ts. */
import type { Finding, QualityRow } from '../../src/analyze/model.js';

/** The findings, best first; `refused` connections failed. */
export function shopFindings(refused: number): Finding[] {
  return [
    {
      rank: 1,
      severity: 'high',
      kind: 'refused',
      edge: 3,
      startNs: 40 * 1e9,
      endNs: 44 * 1e9,
      sentence: `inventory:7003 refused all ${refused} connections of orders from 40.0 s to 44.0 s.`,
      evidence: 'ECONNREFUSED on every connect; no other edge failed',
    },
    {
      rank: 2,
      severity: 'high',
      kind: 'slow',
      edge: 1,
      startNs: 20 * 1e9,
      endNs: 30 * 1e9,
      sentence:
        'auth:7001 answered gateway 95 times slower from 20.0 s to 30.0 s: p95 2.9 ms before, 290 ms then.',
      evidence:
        'the time was spent in auth, not on the network; its own calls to redis stayed fast',
    },
    {
      rank: 3,
      severity: 'medium',
      kind: 'slow',
      edge: 0,
      startNs: 20 * 1e9,
      endNs: 30 * 1e9,
      sentence:
        'gateway:8080 answered load 17 times slower from 20.0 s to 30.0 s, because auth did.',
      evidence: 'same time range as auth; orders stayed fast',
    },
    {
      rank: 4,
      severity: 'low',
      kind: 'no_pool',
      edge: 3,
      startNs: 0,
      endNs: 60 * 1e9,
      sentence: 'orders opens a connection to inventory:7003 for each exchange: 120 a second.',
      evidence: '1.0 exchanges a connection; median life 2.4 ms',
    },
  ];
}

export const SHOP_QUALITY: QualityRow[] = [
  {
    name: 'lost events',
    severity: 'ok',
    source: 'recorder',
    value: 0,
    sentence: 'No event was lost: every number here counts everything that happened.',
  },
  {
    name: 'ledger',
    severity: 'ok',
    source: 'analyzer',
    value: 0,
    sentence:
      'Connections at the start plus opened minus closed equals connections at the end, on all 6 listeners.',
  },
  {
    name: 'unpaired ends',
    severity: 'info',
    source: 'analyzer',
    value: 2,
    sentence:
      '2 connections were seen at one end only, because they were open before the recording.',
  },
];
