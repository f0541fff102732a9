/** The view in the page's address, so that a link shows what its sender saw: `#from=20&to=30&edge=2` (seconds). */
import type { Zone } from './clock.js';
import type { View } from './state.js';

const ZONES: readonly Zone[] = ['start', 'local', 'utc'];
/** No edge, where the page would open with one. */
const NO_EDGE = 'none';

/** What a fragment holds of the view. */
export type Addressed = Omit<View, 'hover' | 'playing'>;

/** The view as a fragment: what is not in it is as the page opens, `first`. */
export function toFragment(view: View, first: View, stepS: number): string {
  const parts = new URLSearchParams();
  if (view.from !== first.from || view.to !== first.to) {
    parts.set('from', String(Number((view.from * stepS).toFixed(3))));
    parts.set('to', String(Number((view.to * stepS).toFixed(3))));
  }
  for (const key of ['edge', 'service', 'focus'] as const) {
    const index = view[key];
    if (index !== null) parts.set(key, String(index));
  }
  if (view.edge === null && first.edge !== null) parts.set('edge', NO_EDGE);
  if (view.zone !== first.zone) parts.set('zone', view.zone);
  if (view.alone) parts.set('alone', '1');
  if (view.find !== '') parts.set('find', view.find);
  if (view.opened.length > 0) parts.set('open', view.opened.join('.'));
  for (const [key, value] of view.tables) parts.set(key, value);
  return parts.toString();
}

/** Reads a fragment that `toFragment` wrote; what it lacks, or what cannot be read, is as the page opens. */
export function fromFragment(fragment: string, first: View, stepS: number): Addressed {
  const parts = new URLSearchParams(fragment.replace(/^#/, ''));
  const number = (key: string): number | null => {
    const text = parts.get(key);
    return text === null || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
  };
  const [from, to] = [number('from'), number('to')];
  const range = from === null || to === null ? first : { from: from / stepS, to: to / stepS };
  const opened = parts.get('open');
  return {
    from: range.from,
    to: range.to,
    edge: parts.get('edge') === NO_EDGE ? null : (number('edge') ?? first.edge),
    service: number('service'),
    focus: number('focus'),
    zone: ZONES.find((name) => name === parts.get('zone')) ?? first.zone,
    alone: parts.get('alone') === '1',
    find: parts.get('find') ?? '',
    opened: opened === null || !/^[\d.]+$/.test(opened) ? [] : opened.split('.').map(Number),
    tables: new Map([...parts].filter(([key]) => key.includes('.'))),
  };
}
