/** Spares the page what nobody sees: parts out of sight follow the view when it rests, or when they come in sight. */
import { whenIdle } from './idle.js';
import type { Page } from './page.js';

/** With fewer edges every part keeps up by itself. */
const MANY_EDGES = 200;
/** How long the view has to rest, ms. */
const REST_MS = 200;

/** Whether the capture is so large that the page must spare the browser work. */
export function hasManyEdges({ data }: Page): boolean {
  return data.edges.length >= MANY_EDGES;
}

/**
 * Gives what is called instead of `refresh`: it refreshes at once where `element` is in sight, else later. A part
 * that waits says so with `aria-busy`.
 */
export function whenInSight(page: Page, element: Element, refresh: () => void): () => void {
  if (!hasManyEdges(page)) return refresh;
  let inSight = true;
  /** Takes back what is to come; null while nothing waits. */
  let cancel: (() => void) | null = null;
  const now = (): void => {
    cancel?.();
    cancel = null;
    element.removeAttribute('aria-busy');
    refresh();
  };
  const later = (): void => {
    cancel?.();
    const timer = setTimeout(() => {
      cancel = whenIdle(now);
    }, REST_MS);
    cancel = () => clearTimeout(timer);
  };
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? true;
    if (inSight && cancel !== null) now();
  });
  observer.observe(element);
  return () => {
    if (inSight) {
      now();
      return;
    }
    element.setAttribute('aria-busy', 'true');
    later();
  };
}
