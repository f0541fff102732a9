/** The field that finds services: arrow keys go through what matches, Enter chooses, Escape clears. */
import { h, nameOf } from '../dom.js';
import { count, plural } from '../format.js';
import type { Page } from '../page.js';
import { matches } from './match.js';

/** So many are listed; more letters find the others. */
const LISTED = 12;

/** @param choose called with the index of the chosen service. */
export function finder(page: Page, choose: (service: number) => void): HTMLElement {
  const { store } = page;
  const list = h('ul', {
    id: 'found',
    role: 'listbox',
    'aria-label': 'Services found',
    hidden: true,
  });
  const field = h('input', {
    type: 'search',
    placeholder: 'Find: name, image, address',
    role: 'combobox',
    'aria-label': 'Find a service by name, image or address',
    'aria-controls': 'found',
    'aria-expanded': 'false',
    'aria-autocomplete': 'list',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const told = h('span', { class: 'muted', 'aria-live': 'polite' });
  let found: number[] = [];
  let at = 0;

  const show = (visible: boolean): void => {
    list.hidden = !visible;
    field.setAttribute('aria-expanded', String(visible));
    if (!visible) field.removeAttribute('aria-activedescendant');
  };
  const mark = (): void => {
    for (const [i, item] of [...list.children].entries()) {
      item.setAttribute('aria-selected', String(i === at));
      if (i === at) item.scrollIntoView({ block: 'nearest' });
    }
    if (!list.hidden && found.length > 0)
      field.setAttribute('aria-activedescendant', `found-${at}`);
  };
  const take = (index: number | undefined): void => {
    if (index === undefined) return;
    show(false);
    choose(index);
  };
  const fill = (): void => {
    found = matches(page);
    at = 0;
    list.replaceChildren(
      ...found.slice(0, LISTED).map((index, i) => {
        const { name, images, addresses } = page.service(index);
        const detail = [images[0], addresses[0]].filter((text) => text !== undefined).join(', ');
        const item = h(
          'li',
          { id: `found-${i}`, role: 'option' },
          nameOf(name),
          detail === '' ? null : h('span', { class: 'muted' }, nameOf(detail)),
        );
        // Before the field loses the focus, which closes the list.
        item.addEventListener('pointerdown', (event) => {
          event.preventDefault();
          take(index);
        });
        return item;
      }),
    );
    const more = found.length - LISTED;
    told.textContent =
      store.view.find.trim() === ''
        ? ''
        : `${plural(found.length, 'service')} found${more > 0 ? `, ${count(LISTED)} listed` : ''}`;
  };
  field.addEventListener('input', () => {
    store.set({ find: field.value });
    show(found.length > 0);
    mark();
  });
  field.addEventListener('keydown', (event) => {
    const last = Math.min(found.length, LISTED) - 1;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      at = list.hidden ? 0 : at + (event.key === 'ArrowDown' ? 1 : -1);
      at = Math.max(0, Math.min(last, at));
      show(found.length > 0);
      mark();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(found[at]);
    } else if (event.key === 'Escape') {
      store.set({ find: '' });
      show(false);
    }
  });
  field.addEventListener('blur', () => show(false));
  const follow = (): void => {
    if (field.value !== store.view.find) field.value = store.view.find;
    fill();
  };
  store.subscribe((view, before) => {
    if (view.find !== before.find) follow();
  });
  follow();
  return h('div', { class: 'finder' }, field, told, list);
}
