/** Which containers a recording is about: by name, by service, by namespace, or by the sockets that are recorded. */
import type { CaptureFilter, ContainerBody } from '../capture/blocks.js';
import { serviceOf } from '../capture/service.js';

/** `shop-*` against `shop-auth-1`. Everything but `*` stands for itself. */
export function matchesName(pattern: string, name: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(name);
}

/** True when the filter names this container, or its service. */
export function isNamed(
  { containers, services }: CaptureFilter,
  name: string,
  labels: Record<string, string>,
): boolean {
  if (containers.some((pattern) => matchesName(pattern, name))) return true;
  const service = serviceOf(name, labels);
  return services.some((pattern) => matchesName(pattern, service));
}

/** True when nothing is left out. */
export function isOpen(filter: CaptureFilter): boolean {
  return Object.values(filter).every((values: unknown[]) => values.length === 0);
}

/**
 * True when the capture may say that this container exists. What a filter leaves out is nowhere in the file.
 * @param isMet whether a socket of this container was recorded.
 */
export function mayTell(
  filter: CaptureFilter,
  container: ContainerBody,
  isMet: () => boolean,
): boolean {
  const { name, labels, netns } = container;
  if (isOpen(filter) || isNamed(filter, name, labels)) return true;
  const byPort = filter.ports.length + filter.excludePorts.length > 0;
  if (byPort) return isMet();
  return filter.netns.includes(netns);
}
