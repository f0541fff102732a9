/**
 * What becomes of the engine's news: containers that the filter names are recorded from now on, those that it leaves
 * out stay out of the capture, and those of which a filter of ports takes a socket are told then.
 */
import type { CaptureFilter, ContainerBody, WorkloadsBody } from '../capture/blocks.js';
import type { EngineListener } from './engine.js';
import { isNamed, isOpen } from './filter.js';
import type { Kernel } from './kernel.js';

interface Surroundings {
  filter: CaptureFilter;
  kernel: Kernel;
  /** Whether the capture may say that this container exists. */
  mayTell: (container: ContainerBody) => boolean;
  write: (body: WorkloadsBody) => void;
  note: (sentence: string) => void;
}

export class ContainerNews implements EngineListener {
  readonly #with: Surroundings;
  readonly #told = new Set<string>();
  #gone = 0;

  constructor(surroundings: Surroundings) {
    this.#with = surroundings;
  }

  /** Containers that were told so far. */
  get count(): number {
    return this.#told.size + this.#gone;
  }

  onCreate(id: string, name: string, labels: Record<string, string>): void {
    const { filter, kernel } = this.#with;
    if (isNamed(filter, name, labels)) kernel.expectContainer(id);
  }

  onNews(body: WorkloadsBody): void {
    for (const container of body.containers) this.#follow(container, body.action);
    const containers = body.containers.filter((c) => this.#with.mayTell(c));
    for (const { id } of containers) this.#told.add(id);
    if (body.reason !== undefined) this.#with.note(`Containers: ${body.reason}.`);
    if (body.what !== 'change' || containers.length > 0) this.#with.write({ ...body, containers });
    if (body.action !== 'destroy') return;
    for (const { id } of containers) if (this.#told.delete(id)) this.#gone++;
  }

  /** Tells containers of which a socket was recorded since they were news. */
  tellMet(containers: readonly ContainerBody[]): void {
    if (isOpen(this.#with.filter)) return;
    const met = containers.filter((c) => !this.#told.has(c.id) && this.#with.mayTell(c));
    if (met.length === 0) return;
    for (const { id } of met) this.#told.add(id);
    const at = String(process.hrtime.bigint());
    this.#with.write({ at, what: 'change', action: 'met', containers: met });
  }

  /** A container that the filter names is in scope while it lives, and not a moment longer. */
  #follow(container: ContainerBody, action: string | undefined): void {
    const { filter, kernel } = this.#with;
    const { id, name, labels, hostNetwork, cgroup } = container;
    if (!isNamed(filter, name, labels)) return;
    const netns = hostNetwork || filter.netns.includes(container.netns) ? 0 : container.netns;
    const over = action === 'die' || action === 'destroy';
    const lives = container.state === 'running' || container.state === 'paused';
    if (over) kernel.removeScope(netns, cgroup);
    else if (lives) kernel.addScope(netns, cgroup);
    if (action === 'destroy') kernel.forgetContainer(id);
  }
}
