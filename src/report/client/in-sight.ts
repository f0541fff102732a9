/** Spares the page what nobody sees: parts out of sight follow the view when it rests, or when they come in sight. */
import type { Page } from './page.js';

/** With fewer edges every part keeps up by itself. */
const MANY_EDGES = 200;
/** How long the view has to rest, ms. */
const REST_MS = 200;

/**
 * Gives what is called instead of `refresh`: it refreshes at once where `element` is in sight, else later. A part
 * that waits says so with `aria-busy`.
 */
export function whenInSight(page: Page, element: Element, refresh: () => void): () => void {
  if (page.data.edges.length < MANY_EDGES) return refresh;
  let inSight = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    element.removeAttribute('aria-busy');
    refresh();
  };
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? true;
    if (inSight && timer !== undefined) now();
  });
  observer.observe(element);
  return () => {
    if (inSight) {
      now();
      return;
    }
    element.setAttribute('aria-busy', 'true');
    clearTimeout(timer);
    timer = setTimeout(now, REST_MS);
  };
}
