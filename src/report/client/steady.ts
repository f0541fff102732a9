/** Keeps a part of the page from shrinking while what it shows changes: what stands below would move, and be painted anew. */

/** Gives what lets it shrink again; a new width does so too. */
export function keepHeight(element: HTMLElement): () => void {
  let width = 0;
  const release = (): void => {
    element.style.minHeight = '';
  };
  new ResizeObserver((entries) => {
    const { width: now, height } = entries.at(-1)!.contentRect;
    // Held, it tells no height of its own: what it needs at the new width comes with the next call.
    if (now !== width && element.style.minHeight !== '') release();
    else if (height > 0) element.style.minHeight = `${height}px`;
    width = now;
  }).observe(element);
  return release;
}
