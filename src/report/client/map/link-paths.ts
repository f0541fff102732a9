/** The paths of one link on the map. Those that few links need are made when they are needed: each costs the browser time. */
import type { EdgePath } from './paths.js';

/** From the lowest to the highest. */
type PartName = 'hit' | 'halo' | 'line' | 'fail' | 'arrow';

/** Drawn into the group of the link; a part that is made later stands where it belongs among the others. */
export class LinkPaths {
  readonly #group: SVGGElement;
  readonly #path: EdgePath;
  /** In the colour of its response time, as wide as its rate. */
  readonly line: SVGPathElement;
  readonly #arrow: SVGPathElement;
  #halo: SVGPathElement | null = null;
  #fail: SVGPathElement | null = null;

  constructor(group: SVGGElement, path: EdgePath) {
    this.#group = group;
    this.#path = path;
    this.#make('hit', path.line, null);
    this.line = this.#make('line', path.line, null);
    this.#arrow = this.#make('arrow', path.arrow, null);
  }

  /** Stands out around the line where it is chosen, pointed at or has the keyboard focus. */
  get halo(): SVGPathElement {
    return (this.#halo ??= this.#make('halo', this.#path.line, this.line));
  }

  get hasHalo(): boolean {
    return this.#halo !== null;
  }

  get hasFail(): boolean {
    return this.#fail !== null;
  }

  /** The red part of the line. */
  get fail(): SVGPathElement {
    if (this.#fail === null) {
      this.#fail = this.#make('fail', this.#path.line, this.#arrow);
      this.#fail.setAttribute('pathLength', '100');
    }
    return this.#fail;
  }

  #make(name: PartName, d: string, before: Element | null): SVGPathElement {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('class', name);
    path.setAttribute('d', d);
    this.#group.insertBefore(path, before);
    return path;
  }
}
