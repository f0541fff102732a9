/** An analysis whose every text tries to leave its place: markup, scripts, direction marks, sheer length. */
import type { Analysis } from '../../src/analyze/model.js';
import { shopAnalysis } from './report-data.js';
import { hostileK6 } from './report-k6.js';

/** Set on `window` by any of the texts below that is run. */
export const CANARY = 'dhrishtiCanary';

/** Texts that have broken other reports. */
export const HOSTILE: readonly string[] = [
  `</script><script>window.${CANARY}=1</script>`,
  `"><img src=x onerror="window.${CANARY}=2">`,
  `<!--<script>`,
  `]]><svg onload=window.${CANARY}=3>`,
  `javascript:window.${CANARY}=4`,
  '\u202egpj.exe\u202c \u2066hidden\u2069',
  'line\u2028separator\u2029paragraph',
  'bell\u0007 escape\u001b[31m null\u0000',
  '__proto__',
  'constructor',
  `\${${CANARY}} {{${CANARY}}} %s`,
  '\ud800 lone surrogate',
  'x'.repeat(10_000),
  '',
];

/** The shop with every text that comes from outside replaced; service names stay distinct. */
export function hostileAnalysis(): Analysis {
  const shop = shopAnalysis();
  const text = (i: number): string => HOSTILE[i % HOSTILE.length] ?? '';
  const services = [...new Set(shop.edges.flatMap(({ client, server }) => [client, server]))];
  const nameOf = (service: string): string => text(services.indexOf(service));
  const long = HOSTILE.join(' ');
  return {
    ...shop,
    capture: {
      ...shop.capture,
      file: text(0),
      host: text(1),
      kernel: text(5),
      verdict: text(2),
      command: long,
      filter: text(3),
      recorder: text(7),
      plan: HOSTILE.map((hostile) => ({ capability: hostile, hook: hostile, note: hostile })),
    },
    workloads: shop.workloads.map((workload, i) => ({
      ...workload,
      name: text(i + 5),
      image: text(i + 6),
      service: nameOf(workload.service),
    })),
    edges: shop.edges.map((edge, i) => ({
      ...edge,
      client: nameOf(edge.client),
      server: nameOf(edge.server),
      via: text(i),
    })),
    findings: HOSTILE.map((hostile, i) => ({
      rank: i + 1,
      severity: 'low',
      kind: hostile,
      edge: i % shop.edges.length,
      startNs: 0,
      endNs: 10e9,
      sentence: `${hostile} ${long}`,
      evidence: long,
    })),
    k6: hostileK6(HOSTILE),
    quality: HOSTILE.map((hostile) => ({
      name: hostile,
      severity: 'warning',
      source: 'analyzer',
      value: 0,
      sentence: long,
    })),
    failures: shop.failures.map((failure, i) => ({
      ...failure,
      errno: text(i),
      connState: text(i + 1),
      clientAddr: text(i + 2),
      evidence: text(i + 3),
    })),
  };
}
