/** What a reader may write into the filter of a column: a part of the text, or for numbers `> 10 ms`, `<= 5`, `10 .. 20 ms`. */
import type { Unit, Value } from './field.js';

/** True where a cell is wanted: its value, and what the cell shows. */
export type Filter = (value: Value, shown: string) => boolean;

const SCALES: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  µs: { '': 1, us: 1, µs: 1, ms: 1e3, s: 1e6, min: 60e6 },
  s: { '': 1, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 },
  B: { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9 },
  '/s': { '': 1, '/s': 1 },
};
const PLAIN: Readonly<Record<string, number>> = { '': 1 };

const NUMBER = String.raw`(-?\d+(?:[.,]\d+)*)\s*([a-zµ/]*)`;
const COMPARISON = new RegExp(`^(<=|>=|<|>|=)\\s*${NUMBER}$`);
const RANGE = new RegExp(`^${NUMBER}\\s*(?:\\.\\.|–|-)\\s*${NUMBER}$`);

/** A number with its unit in the column's own; null where the unit does not fit. Commas separate thousands. */
function scaled(digits: string | undefined, suffix: string, unit: Unit | undefined): number | null {
  const scales = unit === undefined ? PLAIN : SCALES[unit];
  const scale = Object.hasOwn(scales, suffix) ? scales[suffix] : undefined;
  const value = Number((digits ?? '').replaceAll(',', ''));
  return scale === undefined || !Number.isFinite(value) ? null : value * scale;
}

function numberFilter(text: string, unit: Unit | undefined): Filter | null {
  const comparison = COMPARISON.exec(text);
  if (comparison !== null) {
    const limit = scaled(comparison[2], comparison[3] ?? '', unit);
    if (limit === null) return null;
    const test: Readonly<Record<string, (value: number) => boolean>> = {
      '<': (value) => value < limit,
      '<=': (value) => value <= limit,
      '>': (value) => value > limit,
      '>=': (value) => value >= limit,
      '=': (value) => value === limit,
    };
    return (value) => typeof value === 'number' && (test[comparison[1] ?? '']?.(value) ?? false);
  }
  const range = RANGE.exec(text);
  if (range === null) return null;
  // `10 .. 20 ms`: a unit at the end is that of both.
  const [first, last] = [range[2] ?? '', range[4] ?? ''];
  const from = scaled(range[1], first === '' ? last : first, unit);
  const to = scaled(range[3], last, unit);
  if (from === null || to === null) return null;
  return (value) => typeof value === 'number' && value >= from && value <= to;
}

/**
 * The filter that `text` asks for. What is no comparison, or has a unit that the column does not know, is
 * looked for in what the cells show. `!` before it turns it round.
 */
export function parseFilter(text: string, column: { numeric?: boolean; unit?: Unit }): Filter {
  const wanted = text.trim().toLowerCase().replaceAll('μ', 'µ');
  if (wanted.startsWith('!') && wanted.length > 1) {
    const positive = parseFilter(wanted.slice(1), column);
    return (value, shown) => !positive(value, shown);
  }
  const number = column.numeric === true ? numberFilter(wanted, column.unit) : null;
  return number ?? ((_, shown) => shown.toLowerCase().includes(wanted));
}
