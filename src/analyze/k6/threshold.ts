/** k6's thresholds: reading an expression, and judging it where k6 itself did not. */
import type { K6Threshold } from './model.js';
import type { Sample } from './sample.js';

const EXPRESSION =
  /^\s*(avg|min|max|med|count|rate|value|p\(\s*(\d+(?:\.\d+)?)\s*\))\s*(<=|>=|===|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/;

/** Percentiles come from buckets: this close to the limit, as a share of it, they cannot tell. */
const TOO_CLOSE = 0.01;

export interface Limit {
  /** `p` for a percentile, with its rank from 0 to 1. */
  statistic: string;
  rank: number;
  operator: string;
  limit: number;
}

/** Null where it is no expression that k6 knows. */
export function parseThreshold(expression: string): Limit | null {
  const parts = EXPRESSION.exec(expression);
  if (parts === null) return null;
  const isRank = parts[2] !== undefined;
  return {
    statistic: isRank || parts[1] === 'med' ? 'p' : parts[1]!,
    rank: isRank ? Number(parts[2]) / 100 : 0.5,
    operator: parts[3]!,
    limit: Number(parts[4]),
  };
}

/** Judges `expression` over all samples of its metric; `seconds` is how long k6 ran. */
export function judge(
  metric: string,
  expression: string,
  sample: Sample | undefined,
  seconds: number,
): K6Threshold {
  const limit = parseThreshold(expression);
  const value = limit === null || sample === undefined ? null : sample.statistic(limit, seconds);
  const verdict =
    limit === null || value === null || isTooClose(limit, value)
      ? null
      : holds(value, limit)
        ? 'pass'
        : 'fail';
  return { metric, expression, value, verdict, judge: 'analyzer' };
}

function isTooClose({ statistic, limit }: Limit, value: number): boolean {
  return statistic === 'p' && Math.abs(value - limit) <= TOO_CLOSE * Math.abs(limit);
}

function holds(value: number, { operator, limit }: Limit): boolean {
  if (operator === '<') return value < limit;
  if (operator === '<=') return value <= limit;
  if (operator === '>') return value > limit;
  if (operator === '>=') return value >= limit;
  return operator === '!=' ? value !== limit : value === limit;
}
