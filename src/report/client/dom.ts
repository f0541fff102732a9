/**
 * The only way the page makes elements. Text always goes in as text: what came from a container name,
 * a command or a label can never become markup.
 */

type Value = string | number | boolean | null | undefined;
/** What an element may hold. `null` is left out. */
export type Child = Node | string | null;

/**
 * Makes an HTML element. `true` sets an empty attribute; `false`, `null` and `undefined` set none.
 * There is no `style` attribute: the page's Content-Security-Policy refuses it.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets what differs: writing an equal value would have the browser lay out anew what it stands in. */
export function set(element: Element, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** A name that came from outside: set apart so that its writing direction cannot reach its neighbours. */
export function nameOf(text: string, className = 'name'): HTMLElement {
  return h('bdi', { class: className, title: text }, text);
}

/** A section of the page with a heading, an optional line under it, and a body. */
export function section(
  id: string,
  title: string,
  hint: string | null,
  ...body: Child[]
): HTMLElement {
  return h(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    h(
      'header',
      { class: 'section-head' },
      h('h2', { id: `${id}-title` }, title),
      hint === null ? null : h('p', { class: 'hint' }, hint),
    ),
    ...body,
  );
}

/** Room on paper between the margins of print.css, in CSS pixels: A4 has 703, Letter 725. */
const PAPER_WIDTH = 700;

/**
 * Calls `draw` with the element's width in pixels, now and whenever the width changes. For paper it is drawn
 * anew: a chart made for a wide window and shrunk has letters that nobody can read.
 */
export function onWidth(element: Element, draw: (width: number) => void): void {
  let last = 0;
  window.addEventListener('beforeprint', () => {
    if (element.isConnected) draw(PAPER_WIDTH);
  });
  window.addEventListener('afterprint', () => {
    if (last > 0 && element.isConnected) draw(last);
  });
  const observer = new ResizeObserver((entries) => {
    const width = Math.floor(entries[0]?.contentRect.width ?? 0);
    if (width > 0 && width !== last) {
      last = width;
      draw(width);
    }
  });
  observer.observe(element);
}
