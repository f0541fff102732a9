/** One tooltip for the whole page, for pointer and keyboard focus alike. */
import { type Child, h } from './dom.js';

export interface Tooltip {
  readonly element: HTMLElement;
  /** Shows `content` near a point of the window (CSS pixels), always wholly inside it. */
  show(content: Child[], x: number, y: number): void;
  hide(): void;
}

const MARGIN = 8;
const DISTANCE = 14;

/** Makes the tooltip. Escape hides it, as WCAG asks of content that appears on hover or focus. */
export function createTooltip(): Tooltip {
  const element = h('div', { id: 'tooltip', role: 'tooltip', hidden: true });
  const hide = (): void => {
    element.hidden = true;
  };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
  return {
    element,
    hide,
    show(content, x, y) {
      element.replaceChildren(...content.filter((child) => child !== null));
      element.hidden = false;
      const { width, height } = element.getBoundingClientRect();
      const { clientWidth, clientHeight } = document.documentElement;
      const right = x + DISTANCE + width + MARGIN <= clientWidth;
      const below = y + DISTANCE + height + MARGIN <= clientHeight;
      const left = right ? x + DISTANCE : x - DISTANCE - width;
      const top = below ? y + DISTANCE : y - DISTANCE - height;
      element.style.left = `${Math.max(MARGIN, Math.min(left, clientWidth - width - MARGIN))}px`;
      element.style.top = `${Math.max(MARGIN, top)}px`;
    },
  };
}

/** Rows of name and value, for tooltips and summaries. Values that are `null` are left out. */
export function facts(rows: readonly (readonly [string, Child])[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    ...rows
      .filter(([, value]) => value !== null)
      .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}
