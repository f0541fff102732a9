/** Which containers a recording is about: names with `*` for any run of characters. */
import type { ContainerBody } from '../capture/blocks.js';

/** True when the filter names no container, or one of its patterns is this container's name. */
export function matchesContainer(patterns: readonly string[], container: ContainerBody): boolean {
  return patterns.length === 0 || patterns.some((p) => matchesName(p, container.name));
}

/** `shop-*` against `shop-auth-1`. Everything but `*` stands for itself. */
export function matchesName(pattern: string, name: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(name);
}
