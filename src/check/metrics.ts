/** What an assertion can be about: each metric, its unit and what it means. docs/check.md is written from this table. */
import { RULES } from '../analyze/findings.js';

/** What a metric is measured in, and so which units a threshold may have. */
export type Dimension = 'time' | 'count' | 'rate' | 'share' | 'bytes';

/** How several edges are taken: each for itself, or all together. */
export type Taking = 'each' | 'together' | 'capture';

export const METRIC_NAMES = [
  'p50',
  'p95',
  'p99',
  'max',
  'avg',
  'connect p95',
  'server p95',
  'rate',
  'exchanges',
  'connections',
  'open',
  'failures',
  'failure share',
  'retransmits',
  'bytes sent',
  'bytes received',
  'edges',
  'findings',
  'lost',
  'coverage',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

export interface Metric {
  name: MetricName;
  dimension: Dimension;
  taking: Taking;
  means: string;
}

/** Units of each dimension, and by what a number of them is multiplied: µs, counts, exchanges a second, 0..1, bytes. */
export const UNITS: Readonly<Record<Dimension, Readonly<Record<string, number>>>> = {
  time: { us: 1, µs: 1, ms: 1e3, s: 1e6, min: 60e6 },
  count: { '': 1 },
  rate: { '/s': 1, '/min': 1 / 60 },
  share: { '%': 0.01 },
  bytes: { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
};

const metric = (
  name: MetricName,
  dimension: Dimension,
  taking: Taking,
  means: string,
): readonly [string, Metric] => [name, { name, dimension, taking, means }];

/** All metrics by name, in the order of the documentation. */
export const METRICS: ReadonlyMap<string, Metric> = new Map([
  metric('p50', 'time', 'each', "median of the client's time to the first response byte"),
  metric('p95', 'time', 'each', '… its 95th percentile'),
  metric('p99', 'time', 'each', '… its 99th percentile'),
  metric('max', 'time', 'each', '… its largest value'),
  metric('avg', 'time', 'each', '… its mean'),
  metric('connect p95', 'time', 'each', '95th percentile of the time that a connect took'),
  metric('server p95', 'time', 'each', "95th percentile of the server's own time"),
  metric('rate', 'rate', 'together', "exchanges a second, over the capture's whole length"),
  metric('exchanges', 'count', 'together', 'exchanges'),
  metric('connections', 'count', 'together', 'connections, attempts that failed among them'),
  metric('open', 'count', 'together', 'connections still open at the end'),
  metric('failures', 'count', 'together', 'connections that failed'),
  metric('failure share', 'share', 'together', 'share of the connections that failed'),
  metric('retransmits', 'count', 'together', 'segments sent again'),
  metric('bytes sent', 'bytes', 'together', 'bytes that clients sent'),
  metric('bytes received', 'bytes', 'together', 'bytes that clients received'),
  metric(
    'edges',
    'count',
    'together',
    'edges in the scope; the only metric whose scope may be empty',
  ),
  metric(
    'findings',
    'count',
    'together',
    'findings about the edges of the scope; without a scope all',
  ),
  metric(
    'lost',
    'count',
    'capture',
    'events that were lost: as the recorder counted, or more where the kernel’s totals show more',
  ),
  metric('coverage', 'share', 'capture', 'share of the events that were recorded'),
]);

/** No k6 run is read here: that none of these was found would say nothing. */
const NEEDS_K6 = /^(k6_|generator_)/;

/** Words that may stand before `findings`: severities, and the kinds of docs/findings.md. */
export const FINDING_SORTS: readonly string[] = [
  'high',
  'medium',
  'low',
  ...RULES.flatMap(({ kinds }) => kinds).filter((kind) => !NEEDS_K6.test(kind)),
];
