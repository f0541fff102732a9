/**
 * k6's end-of-test summary: `--summary-export`, or the data that a script's `handleSummary` wrote out. Totals without
 * times, and k6's own verdict on each threshold. Since k6 1.5 both have another form with
 * `--new-machine-readable-summary`, which tells nothing of thresholds.
 */
import type { K6Check, K6Run, K6Threshold } from './model.js';
import { parseThreshold } from './threshold.js';

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}

/** The run that a summary tells of; null where it is not one of k6's. */
export function readSummary(value: unknown): K6Run | null {
  const given = fieldsOf(value);
  const summary = machineReadable(given) ?? given;
  const metrics = fieldsOf(summary?.['metrics']);
  if (
    metrics === null ||
    (metrics['iterations'] ?? metrics['http_reqs'] ?? metrics['vus']) === undefined
  ) {
    return null;
  }
  /** handleSummary has the numbers in `values`, the export beside the thresholds. */
  const numbers = (metric: string): Fields => {
    const fields = fieldsOf(metrics[metric]) ?? {};
    return fieldsOf(fields['values']) ?? fields;
  };
  const number = (metric: string, key: string): number | null => {
    const found = numbers(metric)[key];
    return typeof found === 'number' && Number.isFinite(found) ? found : null;
  };
  const us = (metric: string, key: string): number | null => {
    const ms = number(metric, key);
    return ms === null ? null : ms * 1000;
  };
  const requests = number('http_reqs', 'count') ?? 0;
  const total = (metric: string): number => (us(metric, 'avg') ?? 0) * requests;
  return {
    kind: 'summary',
    startNs: null,
    endNs: null,
    clockMovedNs: 0,
    totals: {
      requests,
      outside: 0,
      // A rate counts what is true: `passes` are the requests that failed.
      failed: number('http_req_failed', 'passes') ?? 0,
      unanswered: 0,
      unopened: 0,
      opened: 0,
      dropped: number('dropped_iterations', 'count') ?? 0,
      iterations: number('iterations', 'count') ?? 0,
      durationUs: total('http_req_duration'),
      blockedUs: total('http_req_blocked'),
      connectingUs: total('http_req_connecting'),
      tlsUs: total('http_req_tls_handshaking'),
      sendingUs: total('http_req_sending'),
      waitingUs: total('http_req_waiting'),
      receivingUs: total('http_req_receiving'),
      durationP50Us: us('http_req_duration', 'med'),
      durationP95Us: us('http_req_duration', 'p(95)'),
      waitingP50Us: us('http_req_waiting', 'med'),
      waitingP95Us: us('http_req_waiting', 'p(95)'),
      maxVus: number('vus_max', 'max') ?? number('vus_max', 'value'),
    },
    steps: new Map(),
    checks: checksOf(summary?.['root_group']),
    thresholds: Object.keys(metrics).flatMap((metric) =>
      thresholdsOf(metric, fieldsOf(metrics[metric]), numbers(metric)),
    ),
    targets: [],
    errors: [],
    problems: [],
  };
}

/** The newer form in terms of the older one: lists by name, rates by what matched of how many. Null where it is not that form. */
function machineReadable(summary: Fields | null): Fields | null {
  const results = fieldsOf(summary?.['results']);
  const list = results?.['metrics'];
  if (!Array.isArray(list)) return null;
  const metrics: Record<string, unknown> = {};
  for (const one of list) {
    const { name, values } = fieldsOf(one) ?? {};
    const numbers = fieldsOf(values);
    if (typeof name !== 'string' || numbers === null) continue;
    const { matches, total } = numbers;
    const isRate = typeof matches === 'number' && typeof total === 'number';
    metrics[name] = {
      values: isRate ? { ...numbers, passes: matches, fails: total - matches } : numbers,
    };
  }
  return { metrics, root_group: { checks: fieldsOf(results?.['checks'])?.['results'] } };
}

function thresholdsOf(metric: string, fields: Fields | null, numbers: Fields): K6Threshold[] {
  return Object.entries(fieldsOf(fields?.['thresholds']) ?? {}).map(([expression, said]) => {
    const ok = fieldsOf(said)?.['ok'];
    // The export says whether it was crossed, handleSummary whether it holds.
    const holds = typeof said === 'boolean' ? !said : typeof ok === 'boolean' ? ok : null;
    return {
      metric,
      expression,
      value: valueOf(expression, numbers),
      verdict: holds === null ? null : holds ? 'pass' : 'fail',
      judge: 'k6' as const,
    };
  });
}

/** The number that the expression is about, where the summary has it. */
function valueOf(expression: string, numbers: Fields): number | null {
  if (parseThreshold(expression) === null) return null;
  const name = /^\s*([a-z]+(?:\([^)]*\))?)/.exec(expression)![1]!.replace(/\s/g, '');
  // The export calls a rate's share `value`.
  const found = numbers[name] ?? (name === 'rate' ? numbers['value'] : undefined);
  return typeof found === 'number' ? found : null;
}

/** Checks of a group and of the groups in it; a list, or in the export an object by name. */
function checksOf(group: unknown, depth = 0): K6Check[] {
  const fields = fieldsOf(group);
  if (fields === null || depth > 20) return [];
  const list = (value: unknown): unknown[] =>
    Array.isArray(value) ? value : Object.values(fieldsOf(value) ?? {});
  const own = list(fields['checks']).flatMap((one): K6Check[] => {
    const { name, passes, fails } = fieldsOf(one) ?? {};
    return typeof name === 'string' && typeof passes === 'number' && typeof fails === 'number'
      ? [{ name, passes, fails }]
      : [];
  });
  return [...own, ...list(fields['groups']).flatMap((inner) => checksOf(inner, depth + 1))];
}
