/** The service map. A layout is made for a width and for what is opened; a new range only changes how it looks. */
import { h, onWidth, section } from '../dom.js';
import { whenInSight } from '../in-sight.js';
import type { Page } from '../page.js';
import { rehearse } from '../rehearse.js';
import { save } from '../save.js';
import { type View, rangeChanged } from '../state.js';
import { type Drawing, drawMap } from './draw.js';
import { createDrawings } from './drawings.js';
import { finder } from './find.js';
import type { Group } from './groups.js';
import { mapLegend, widthScale } from './legend.js';
import { MOST_LINKS, type MapLink } from './model.js';
import { standalone } from './standalone.js';
import { foldedWords, mapTrail } from './trail.js';

/** Of so many groups, the first ones, it is drawn ahead how the map looks when they are open. */
const MOST_AHEAD = 6;

/** The room for a map with groups, of the height that it first has: with a group open it is that much higher. */
const ROOM = 1.15;

/** True when the curves look different for the new view. */
function showsOther(view: View, before: View): boolean {
  return rangeChanged(view, before) || view.edge !== before.edge || view.hover !== before.hover;
}

function withGroup(opened: readonly number[], { key }: Group): number[] {
  return [...new Set([...opened, key])].sort((a, b) => a - b);
}

export function serviceMap(page: Page): HTMLElement {
  const { store } = page;
  const holder = h('div', { class: 'map-holder scroll' });
  const { width: widthOf, samples } = widthScale(page);
  const total = page.data.edges.length;
  let everything = false;
  let width = 0;
  let drawing: Drawing | null = null;
  /** Pixels; 0 before a map with groups was drawn for this width, with so many curves. */
  let room = 0;

  const open = (group: Group): void => {
    store.set({ opened: withGroup(store.view.opened, group) });
    drawing?.focusOn(group);
  };
  const openEnds = (link: MapLink): void => {
    const ends = [link.client, link.server].map((i) => drawing?.model.boxes[i]?.group ?? null);
    for (const group of ends) if (group !== null) open(group);
  };
  const folded = h('p', { class: 'hint' });
  const trail = mapTrail(page);
  const more = h('button', { type: 'button' });
  const drawings = createDrawings();
  const drawn = (opened: readonly number[]): Drawing => {
    const { focus } = store.view;
    const made = drawings.of([width, everything, focus, opened], () =>
      drawMap(page, { focus, opened, width, everything, widthOf, open, openEnds }),
    );
    made.repaint();
    return made;
  };
  /** What the map will look like when one of its groups is opened: readers do that next. */
  const drawAhead = (now: Drawing): void => {
    const groups = now.model.boxes.flatMap(({ group }) => group ?? []).slice(0, MOST_AHEAD);
    rehearse(page, groups.length, (i) => {
      if (drawing === now) drawn(withGroup(store.view.opened, groups[i]!));
    });
  };
  const draw = (): void => {
    if (width === 0) return;
    drawing = drawn(store.view.opened);
    drawAhead(drawing);
    holder.replaceChildren(drawing.svg.node() ?? '');
    const { model } = drawing;
    const grouped = model.boxes.some(({ group }) => group !== null);
    if (grouped && room === 0) room = Math.ceil(ROOM * Number(drawing.svg.attr('height')));
    holder.classList.toggle('grouped', grouped);
    holder.style.height = grouped ? `${room}px` : '';
    folded.textContent = foldedWords(
      model,
      store.view.focus === null ? null : page.service(store.view.focus).name,
    );
    trail.show(model);
    more.hidden = model.allLinks <= MOST_LINKS;
    more.textContent = everything
      ? `Draw the ${MOST_LINKS} most important curves`
      : `Draw all ${model.allLinks} curves`;
  };
  onWidth(holder, (now) => {
    width = now;
    room = 0;
    draw();
  });
  /** Curves differ as well, not boxes alone. */
  let curvesToo = false;
  const follow = whenInSight(page, holder, () => {
    if (curvesToo) drawing?.repaint();
    else drawing?.mark();
    curvesToo = false;
  });
  store.subscribe((view, before) => {
    if (view.opened !== before.opened || view.focus !== before.focus) draw();
    else if (showsOther(view, before)) {
      curvesToo = true;
      follow();
    } else if (view.service !== before.service || view.find !== before.find) follow();
  });
  more.addEventListener('click', () => {
    everything = !everything;
    room = 0;
    draw();
  });
  const picture = h('button', { type: 'button' }, 'Save map as SVG');
  picture.addEventListener('click', () => {
    const svg = holder.querySelector('svg');
    if (svg !== null) save('service-map.svg', 'image/svg+xml', standalone(svg));
  });
  const find = finder(page, (service) => {
    const drawn = drawing?.model.boxes.some((box) => box.service === service) ?? false;
    store.set({ service, ...(drawn ? {} : { focus: service }) });
  });
  const empty = total === 0;
  return section(
    'map',
    'Service map',
    'Who calls whom, in the chosen range. Choose a curve or a box for its details.',
    empty ? null : h('div', { class: 'map-tools' }, find, trail.element),
    empty ? h('p', { class: 'empty' }, 'No connection was seen.') : holder,
    folded,
    empty ? null : mapLegend(page, widthOf, samples),
    empty ? null : h('div', { class: 'buttons' }, more, picture),
  );
}
