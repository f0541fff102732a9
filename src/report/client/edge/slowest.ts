/** The slowest exchanges of one edge; a button chooses the time around one. */
import { h } from '../dom.js';
import { duration } from '../format.js';
import type { Page } from '../page.js';

export function slowest(page: Page, index: number): HTMLElement | null {
  const rows = page.data.slowest.filter(({ edge }) => edge === index);
  if (rows.length === 0) return null;
  const { stepS } = page.data.series;
  return h(
    'div',
    { class: 'slowest' },
    h('h4', {}, 'Slowest exchanges of the whole capture'),
    h(
      'ol',
      {},
      ...rows.map(({ atS, us, serverUs, connection }) => {
        const at = page.clock(atS, 0.001);
        const button = h('button', { type: 'button', class: 'link' }, at);
        button.setAttribute('aria-label', `Choose the time around ${at}`);
        button.addEventListener('click', () => {
          const step = Math.floor(atS / stepS);
          page.store.set({ from: step, to: step + 1, playing: false });
        });
        const server = serverUs === null ? '' : `, ${duration(serverUs)} of it in the server`;
        const where = h('span', { class: 'muted' }, `, connection ${connection}`);
        return h('li', {}, h('b', {}, duration(us)), ' at ', button, server, where);
      }),
    ),
  );
}
