/**
 * Shapes of JSON that a stranger wrote: each takes any value and gives what the type promises, or UNFIT. Texts,
 * lists and numbers are bounded here, so that nobody behind this page has to ask how large they are.
 */

/** The value has not the shape. */
export const UNFIT: unique symbol = Symbol('unfit');

export type Shape<T> = (value: unknown) => T | typeof UNFIT;

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text, cut to `max` UTF-16 units. */
export function text(max: number): Shape<string> {
  return (value) => (typeof value === 'string' ? value.slice(0, max) : UNFIT);
}

/** A number in [min, max] without a fraction. */
export function whole(min = 0, max = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : UNFIT;
}

export const flag: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : UNFIT);

/** An unsigned 64-bit number as a decimal string. */
export const wide: Shape<string> = (value) =>
  typeof value === 'string' && /^\d{1,20}$/.test(value) && BigInt(value) < 1n << 64n
    ? value
    : UNFIT;

export function oneOf<T extends string>(...words: readonly T[]): Shape<T> {
  return (value) => words.find((word) => word === value) ?? UNFIT;
}

/** Null where there is nothing, or nothing that fits. */
export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return orElse<T | null>(shape, null);
}

/** `otherwise` where there is nothing, or nothing that fits. */
export function orElse<T>(shape: Shape<T>, otherwise: T): Shape<T> {
  return (value) => {
    const fit = shape(value);
    return fit === UNFIT ? otherwise : fit;
  };
}

/** At most `max` items; all of them must fit. */
export function list<T>(shape: Shape<T>, max: number): Shape<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return UNFIT;
    const items = value.slice(0, max).map((item) => shape(item));
    return items.includes(UNFIT) ? UNFIT : (items as T[]);
  };
}

/** At most `max` members of any name; all of them must fit. */
export function record<T>(shape: Shape<T>, max: number): Shape<Record<string, T>> {
  return (value) => {
    if (!isObject(value)) return UNFIT;
    const entries = Object.entries(value)
      .slice(0, max)
      .map(([name, member]) => [name, shape(member)] as const);
    return entries.some(([, member]) => member === UNFIT)
      ? UNFIT
      : (Object.fromEntries(entries) as Record<string, T>);
  };
}

/** An object with these members; others are left out. `may` names those that need not be there. */
export function object<T extends object, M extends keyof T = never>(
  must: { readonly [K in Exclude<keyof T, M>]: Shape<T[K]> },
  may = {} as { readonly [K in M]: Shape<Exclude<T[K], undefined>> },
): Shape<T> {
  return (value) => {
    if (!isObject(value)) return UNFIT;
    const made: Record<string, unknown> = {};
    for (const [name, shape] of Object.entries<Shape<unknown>>(must)) {
      const fit = shape(Object.hasOwn(value, name) ? value[name] : undefined);
      if (fit === UNFIT) return UNFIT;
      made[name] = fit;
    }
    for (const [name, shape] of Object.entries<Shape<unknown>>(may)) {
      const fit = Object.hasOwn(value, name) ? shape(value[name]) : UNFIT;
      if (fit !== UNFIT) made[name] = fit;
    }
    return made as T;
  };
}
