/** What a service can be found by: name, project, workload, image, address, container and process. */
import type { ServiceView } from '../data.js';

/** Made once for each service. */
const texts = new WeakMap<ServiceView, string>();

/** All of it in lower case. */
export function serviceText(service: ServiceView): string {
  let text = texts.get(service);
  if (text === undefined) {
    const { name, project, images, addresses, workloads } = service;
    const inside = workloads.flatMap(({ name: own, container, comm }) => [own, container, comm]);
    text = [name, project, ...images, ...addresses, ...inside]
      .filter((part) => part !== null)
      .join('\n')
      .toLowerCase();
    texts.set(service, text);
  }
  return text;
}
