/** A chart of the chosen edge: made once for an edge, then kept to the chosen range. */
export interface EdgeChart {
  element: HTMLElement;
  /** Shows the range that is chosen now. */
  follow(): void;
}
