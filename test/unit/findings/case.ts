/** What a rule's test is: a capture in which it fires, and one just across the line in which it must not. */
import type { PipelineOptions } from '../../../src/analyze/pipeline.js';
import type { Actor } from '../../support/capture-builder.js';
import { CaptureBuilder } from '../../support/capture-builder.js';
import type { K6Lines } from '../../support/k6-lines.js';

export interface Case {
  kind: string;
  /** What `near` has less of. */
  line: string;
  fires: () => CaptureBuilder;
  /** The finding's sentences, all of this kind. */
  says: string[];
  near: () => CaptureBuilder;
  options?: Partial<PipelineOptions>;
  /** What k6 wrote meanwhile, where the rule looks at it. */
  k6?: { fires: () => K6Lines; near: () => K6Lines };
}

export interface Pair {
  capture: CaptureBuilder;
  orders: Actor;
  inventory: Actor;
}

/** orders calls inventory, which listens on 8083. */
export function pair(durationMs = 10_000): Pair {
  const capture = new CaptureBuilder();
  capture.durationMs = durationMs;
  const orders = capture.container('orders', '10.0.0.2');
  const inventory = capture.container('inventory', '10.0.0.3');
  capture.listen(inventory, 8083);
  return { capture, orders, inventory };
}

/** `n` times, `everyMs` apart from `fromMs` on. */
export function every(
  fromMs: number,
  everyMs: number,
  n: number,
  what: (atMs: number) => void,
): void {
  for (let i = 0; i < n; i++) what(fromMs + i * everyMs);
}

/** A connection with one exchange. */
export function call({ capture, orders, inventory }: Pair, atMs: number, tookMs = 1): void {
  capture
    .connect(orders, inventory, 8083, atMs)
    .exchange(atMs + 0.1, tookMs)
    .close(atMs + tookMs + 5);
}
