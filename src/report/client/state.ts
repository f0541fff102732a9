/**
 * What the reader is looking at: one range of steps, one edge, and what the pointer is on. Every
 * section reads it from here and nobody keeps a second copy.
 */

import type { Zone } from './clock.js';

const ZONES: readonly Zone[] = ['start', 'local', 'utc'];

/** The reader's view. Steps count from 0; `to` is exclusive. */
export interface View {
  from: number;
  to: number;
  /** Index of the chosen edge. */
  edge: number | null;
  /** Index of the edge under the pointer or the keyboard focus. */
  hover: number | null;
  playing: boolean;
  /** How times are shown. */
  zone: Zone;
  /** The charts over time show the chosen edge alone. */
  alone: boolean;
  /** What the reader asked of the tables: `connections.sort` → `-Opened`. Only ever replaced whole. */
  tables: ReadonlyMap<string, string>;
  /** Index of the chosen service. */
  service: number | null;
  /** Index of the service that the map shows with its neighbours alone. */
  focus: number | null;
  /** What is searched on the map. */
  find: string;
  /** Keys of the map's groups that are open, ascending. */
  opened: readonly number[];
}

/** Letters of a search. */
const MOST_LETTERS = 100;

type Listener = (view: View, before: View) => void;

/** Holds the view; changes go through `set`, which keeps every value within the capture. */
export interface Store {
  readonly view: View;
  readonly steps: number;
  readonly edges: number;
  readonly services: number;
  set(change: Partial<View>): void;
  subscribe(listener: Listener): void;
}

/** Makes the store for a capture of so many steps, edges and services; the range is the whole capture. */
export function createStore(steps: number, edges: number, services: number): Store {
  let view: View = {
    from: 0,
    to: steps,
    edge: null,
    hover: null,
    playing: false,
    zone: 'start',
    alone: false,
    tables: new Map(),
    service: null,
    focus: null,
    find: '',
    opened: [],
  };
  const listeners: Listener[] = [];
  const within = (index: number | null, count: number): number | null =>
    index !== null && Number.isInteger(index) && index >= 0 && index < count ? index : null;

  return {
    steps,
    edges,
    services,
    get view() {
      return view;
    },
    set(change) {
      const wanted = { ...view, ...change };
      const from = Math.min(steps - 1, Math.max(0, Math.round(wanted.from) || 0));
      const to = Math.min(steps, Math.max(from + 1, Math.round(wanted.to) || 0));
      const next: View = {
        ...wanted,
        from,
        to,
        edge: within(wanted.edge, edges),
        hover: within(wanted.hover, edges),
        service: within(wanted.service, services),
        focus: within(wanted.focus, services),
        find: wanted.find.slice(0, MOST_LETTERS),
      };
      const before = view;
      const same = (Object.keys(next) as (keyof View)[]).every((key) => next[key] === before[key]);
      if (same) return;
      view = next;
      for (const listener of listeners) listener(view, before);
    },
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}

/** True when the range or the chosen edge is another one: what most sections redraw for. */
export function rangeChanged(view: View, before: View): boolean {
  return view.from !== before.from || view.to !== before.to;
}

/** The view as a URL fragment, so that a link can point at it: `from=20&to=30&edge=2` (seconds). */
export function toFragment(view: View, stepS: number, steps: number): string {
  const parts = new URLSearchParams();
  if (view.from !== 0 || view.to !== steps) {
    parts.set('from', String(Number((view.from * stepS).toFixed(3))));
    parts.set('to', String(Number((view.to * stepS).toFixed(3))));
  }
  for (const key of ['edge', 'service', 'focus'] as const) {
    const index = view[key];
    if (index !== null) parts.set(key, String(index));
  }
  if (view.zone !== 'start') parts.set('zone', view.zone);
  if (view.alone) parts.set('alone', '1');
  if (view.find !== '') parts.set('find', view.find);
  if (view.opened.length > 0) parts.set('open', view.opened.join('.'));
  for (const [key, value] of view.tables) parts.set(key, value);
  return parts.toString();
}

/** Reads a fragment that `toFragment` wrote; what it cannot read it leaves out. */
export function fromFragment(fragment: string, stepS: number): Partial<View> {
  const parts = new URLSearchParams(fragment.replace(/^#/, ''));
  const number = (key: string): number | null => {
    const text = parts.get(key);
    return text === null || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
  };
  const [from, to] = [number('from'), number('to')];
  const indexes = (['edge', 'service', 'focus'] as const).flatMap((key) => {
    const index = number(key);
    return index === null ? [] : [[key, index] as const];
  });
  const zone = ZONES.find((name) => name === parts.get('zone'));
  const [find, open] = [parts.get('find'), parts.get('open')];
  const tables = new Map([...parts].filter(([key]) => key.includes('.')));
  return {
    ...(from === null || to === null ? {} : { from: from / stepS, to: to / stepS }),
    ...Object.fromEntries(indexes),
    ...(zone === undefined ? {} : { zone }),
    ...(parts.has('alone') ? { alone: parts.get('alone') === '1' } : {}),
    ...(find === null ? {} : { find }),
    ...(open === null || !/^[\d.]+$/.test(open) ? {} : { opened: open.split('.').map(Number) }),
    ...(tables.size === 0 ? {} : { tables }),
  };
}
