/** Makes parts of the page one after the other: what is seen first is shown before the rest is made. */

/** Calls `next` in a task of its own once what is on the page has been shown; at once where nothing is shown. */
function afterFrame(next: () => void): void {
  if (document.hidden) setTimeout(next);
  else requestAnimationFrame(() => setTimeout(next));
}

/**
 * Appends what `makers` make to `root`, in their order, one in each frame, so that the page answers in between. Paper
 * does not wait: what is printed is whole.
 */
export function appendInTurn(root: HTMLElement, makers: readonly (() => HTMLElement)[]): void {
  const left = [...makers];
  const append = (): void => {
    const make = left.shift();
    if (make !== undefined) root.append(make());
  };
  const turn = (): void => {
    append();
    if (left.length > 0) afterFrame(turn);
    else window.removeEventListener('beforeprint', rest);
  };
  const rest = (): void => {
    if (left.length === 0) return;
    while (left.length > 0) append();
    // Once more for what was just made: charts are drawn for paper.
    window.dispatchEvent(new Event('beforeprint'));
  };
  window.addEventListener('beforeprint', rest);
  afterFrame(turn);
}
