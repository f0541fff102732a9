/** Above the map: what it is focused on and which groups are open, each with a button that takes it back. */
import { h } from '../dom.js';
import { plural } from '../format.js';
import type { Page } from '../page.js';
import { groupsByKey } from './groups.js';
import type { MapModel } from './model.js';

/** What the map folds and leaves out, in a sentence; empty where it shows everything. */
export function foldedWords(model: MapModel, focus: string | null): string {
  const groups = model.boxes.filter(({ group }) => group !== null);
  const inside = groups.reduce((sum, { services }) => sum + services.length, 0);
  const left = model.allLinks - model.links.length;
  return [
    focus === null ? '' : `Only ${focus} and its neighbours.`,
    inside === 0 ? '' : `${plural(inside, 'service')} stand in ${plural(groups.length, 'group')}.`,
    left === 0
      ? ''
      : `${model.links.length} of ${model.allLinks} curves are drawn: those with findings, failures or most traffic.`,
    model.hiddenBoxes === 0
      ? ''
      : `${plural(model.hiddenBoxes, 'box', 'boxes')} without one of these are left out.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

export interface Trail {
  element: HTMLElement;
  show(model: MapModel): void;
}

export function mapTrail(page: Page): Trail {
  const { store } = page;
  const element = h('div', { class: 'trail' });
  const chip = (text: string, label: string, act: () => void): HTMLElement => {
    const button = h(
      'button',
      { type: 'button', class: 'chip', 'aria-label': label },
      `${text}  ✕`,
    );
    button.addEventListener('click', act);
    return button;
  };
  return {
    element,
    show({ root }) {
      const { focus, opened } = store.view;
      const groups = groupsByKey(root);
      element.replaceChildren(
        ...(focus === null
          ? []
          : [
              chip(`Focus: ${page.service(focus).name}`, 'Show the whole map', () =>
                store.set({ focus: null }),
              ),
            ]),
        ...opened.flatMap((key) => {
          const group = groups.get(key);
          if (group === undefined) return [];
          return [
            chip(group.label, `Close the group ${group.label}`, () =>
              store.set({ opened: store.view.opened.filter((other) => other !== key) }),
            ),
          ];
        }),
      );
    },
  };
}
