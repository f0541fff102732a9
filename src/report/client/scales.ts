/**
 * The page's scale of response times: seven classes on a logarithmic scale, from fast to slow. Classes
 * and not a gradient, so that a reader can name the class of an edge from the legend, also in print.
 */
import type { ReportData } from '../data.js';
import { duration } from './format.js';

export interface SpeedScale {
  /** CSS class of a response time in µs: `speed-0` (fast) … `speed-6`, or `speed-none`. */
  className(us: number | null): string;
  /** For the legend, from fast to slow. */
  classes: { className: string; label: string }[];
}

const CLASSES = 7;

/** 1, 3, 10, 30 … : half decades that people can read. */
function rounded(halfDecades: number): number {
  const decade = 10 ** Math.floor(halfDecades / 2);
  return halfDecades % 2 === 0 ? decade : 3 * decade;
}

/** Chooses the limits so that the p95s of this capture fall within them. */
export function speedScale(data: ReportData): SpeedScale {
  const known = data.edges.flatMap(({ p50, p99 }) => [p50, p99]).filter((us) => us !== null);
  const low = Math.max(1, Math.min(1e6, ...known));
  const high = Math.max(low * 10, ...known);
  const [first, last] = [Math.floor(2 * Math.log10(low)) + 1, Math.ceil(2 * Math.log10(high)) - 1];
  // Six limits make seven classes: one each half decade where that reaches, else each decade or more.
  const stride = Math.max(1, Math.ceil((last - first) / (CLASSES - 2)));
  const limits = Array.from({ length: CLASSES - 1 }, (_, i) => rounded(first + i * stride));
  const label = (i: number): string => {
    const [from, to] = [limits[i - 1], limits[i]];
    if (from === undefined) return `< ${duration(to ?? 0)}`;
    return to === undefined ? `≥ ${duration(from)}` : `${duration(from)} –`;
  };
  return {
    className(us) {
      if (us === null) return 'speed-none';
      const at = limits.findIndex((limit) => us < limit);
      return `speed-${at < 0 ? CLASSES - 1 : at}`;
    },
    classes: Array.from({ length: CLASSES }, (_, i) => ({
      className: `speed-${i}`,
      label: label(i),
    })),
  };
}
