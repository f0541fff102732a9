/** What every section of the page gets: the data, the store, and the numbers of the chosen range. */
import type { EdgeView, ReportData, ServiceView } from '../data.js';
import { type TimeTicks, timeText, timeTicks } from './clock.js';
import { type EdgeStats, edgeStats } from './edge-stats.js';
import { type SpeedScale, speedScale } from './scales.js';
import type { Store } from './state.js';
import type { Tooltip } from './tooltip.js';

export interface Page {
  readonly data: ReportData;
  readonly store: Store;
  readonly tooltip: Tooltip;
  /** Colours of response times: one scale for the whole page. */
  readonly speed: SpeedScale;
  edge(index: number): EdgeView;
  service(index: number): ServiceView;
  /** The verdicts that count as failures in this capture. */
  readonly failing: ReadonlySet<string>;
  /** `gateway → auth:8080`, for people. */
  edgeName(index: number): string;
  /** Numbers of one edge in the chosen range. */
  stats(index: number): EdgeStats;
  /** Numbers of every edge in the chosen range, in the order of `data.edges`. */
  allStats(): readonly EdgeStats[];
  /** A time in seconds since the capture's start, as the reader wants times shown; `step`: how fine it needs to be. */
  clock(seconds: number, step?: number): string;
  /** The same for an axis between two times, with room for about `most` ticks. */
  timeTicks(domain: readonly [number, number], most: number): TimeTicks;
  /** `20–30 s`, the chosen range in words. */
  rangeText(): string;
  /** True when the whole capture is chosen. */
  whole(): boolean;
}

/** Ties data and store together. Numbers are computed once for each range. */
export function createPage(data: ReportData, store: Store, tooltip: Tooltip): Page {
  let key = '';
  let cache: EdgeStats[] = [];
  const names: string[] = [];
  const item = <T>(list: readonly T[], index: number): T => {
    const found = list[index];
    if (found === undefined) throw new RangeError(`nothing at ${index}`);
    return found;
  };

  const page: Page = {
    data,
    store,
    tooltip,
    speed: speedScale(data),
    failing: new Set(data.edges.flatMap((edge) => Object.keys(edge.failuresByVerdict))),
    edge: (index) => item(data.edges, index),
    service: (index) => item(data.services, index),
    edgeName(index) {
      let name = names[index];
      if (name === undefined) {
        const { client, server, port } = page.edge(index);
        const to = page.service(server).name;
        name = `${page.service(client).name} → ${port === 0 ? to : `${to}:${port}`}`;
        names[index] = name;
      }
      return name;
    },
    stats: (index) => item(page.allStats(), index),
    allStats() {
      const { from, to } = store.view;
      if (key !== `${from} ${to}`) {
        key = `${from} ${to}`;
        cache = data.edges.map((_, index) => edgeStats(data, index, from, to));
      }
      return cache;
    },
    clock: (seconds, step = 1) => timeText(data.about.startedMs, store.view.zone, seconds, step),
    timeTicks: (domain, most) => timeTicks(data.about.startedMs, store.view.zone, domain, most),
    rangeText() {
      const { stepS } = data.series;
      const { from, to } = store.view;
      const end = Math.min(to * stepS, data.about.durationS);
      return `${page.clock(from * stepS, stepS)} – ${page.clock(end, stepS)}`;
    },
    whole: () => store.view.from === 0 && store.view.to === store.steps,
  };
  return page;
}
