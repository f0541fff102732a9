/**
 * What the reader is looking at: one range of steps, one edge, and what the pointer is on. Every
 * section reads it from here and nobody keeps a second copy.
 */

import type { Zone } from './clock.js';

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
  /**
   * What the reader asked of the tables and lists: `connections.sort` → `-Opened`. Each key has a dot. Only ever
   * replaced whole.
   */
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
  /** The view that the page opens with. */
  readonly first: View;
  readonly steps: number;
  readonly edges: number;
  readonly services: number;
  set(change: Partial<View>): void;
  subscribe(listener: Listener): void;
}

/**
 * Makes the store for a capture of so many steps, edges and services; the range is the whole capture, and `edge` is
 * chosen.
 */
export function createStore(
  steps: number,
  edges: number,
  services: number,
  edge: number | null = null,
): Store {
  const first: View = {
    from: 0,
    to: steps,
    edge,
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
  let view = first;
  const listeners: Listener[] = [];
  const within = (index: number | null, count: number): number | null =>
    index !== null && Number.isInteger(index) && index >= 0 && index < count ? index : null;

  return {
    first,
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
