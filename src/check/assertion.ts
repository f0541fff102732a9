/** What an assertion says, once its text is understood. */
import type { Metric } from './metrics.js';

export const OPERATORS = ['<', '<=', '>', '>=', '==', '!='] as const;
export type Operator = (typeof OPERATORS)[number];

/** Which edges: patterns in which `*` stands for anything; a null port is every port. */
export interface Scope {
  client: string;
  server: string;
  port: number | null;
  /** As it was written. */
  text: string;
}

export interface Assertion {
  /** As it was written, without space around. */
  text: string;
  metric: Metric;
  /** A severity or kind, where the metric is `findings` of one sort only. */
  sort: string | null;
  /** Null: the whole capture. */
  scope: Scope | null;
  operator: Operator;
  /** In µs, counts, exchanges a second, 0..1 or bytes, after the metric's dimension. */
  threshold: number;
}
