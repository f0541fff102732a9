/**
 * The bar that stays in sight: the chosen range in words and numbers, play, and the chosen edge. Its
 * number fields reach everything that the brush reaches, without a mouse.
 */
import type { Zone } from './clock.js';
import { h } from './dom.js';
import { clock } from './format.js';
import type { Page } from './page.js';
import { createPlayer } from './player.js';

/** Letters of the shortest field. */
const LEAST_LETTERS = 4;

function numberField(label: string, stepS: number, max: number, letters: number): HTMLInputElement {
  const field = h('input', {
    type: 'number',
    'aria-label': label,
    min: 0,
    max,
    step: stepS,
    inputmode: 'decimal',
  });
  field.style.setProperty('--letters', String(Math.max(LEAST_LETTERS, letters)));
  return field;
}

const ZONES: readonly (readonly [Zone, string])[] = [
  ['start', 'since start'],
  ['local', 'local time'],
  ['utc', 'UTC'],
];

export function rangeBar(page: Page): HTMLElement {
  const { store, data } = page;
  const { stepS, steps } = data.series;
  const written = (seconds: number): string => String(Number(seconds.toFixed(3)));
  const end = Number(written(steps * stepS));
  const letters = written(data.about.durationS).length;
  const from = numberField('Range from, seconds', stepS, end, letters);
  const to = numberField('Range to, seconds', stepS, end, letters);
  const text = h('output', { class: 'range-text', 'aria-live': 'polite' });
  const play = h('button', { type: 'button', class: 'play' });
  const speed = h(
    'select',
    { 'aria-label': 'Speed of play' },
    ...[1, 5, 20, 100].map((times) =>
      h('option', { value: times, selected: times === 5 }, `${times}×`),
    ),
  );
  const zone = h(
    'select',
    { 'aria-label': 'Show times as' },
    ...ZONES.map(([value, words]) => h('option', { value }, words)),
  );
  const whole = h('button', { type: 'button' }, 'Whole capture');
  const edge = h('button', { type: 'button', class: 'chip', title: 'Choose no edge' });
  // What is shorter than a step would read as nothing.
  const all = clock(data.about.durationS, Math.min(stepS, data.about.durationS || stepS));
  const player = createPlayer(page, () => Number(speed.value));

  const read = (): void => {
    // Steps that the typed range touches; the store keeps the two ends at least a step apart.
    const at = (field: HTMLInputElement): number => (field.valueAsNumber || 0) / stepS;
    const change = { from: Math.floor(at(from) + 1e-6), to: Math.ceil(at(to) - 1e-6) };
    store.set({ ...change, playing: false });
    draw();
  };
  from.addEventListener('change', read);
  to.addEventListener('change', read);
  zone.addEventListener('change', () => {
    store.set({ zone: ZONES.find(([value]) => value === zone.value)?.[0] ?? 'start' });
  });
  play.addEventListener('click', () => player.toggle());
  whole.addEventListener('click', () => store.set({ from: 0, to: steps, playing: false }));
  edge.addEventListener('click', () => store.set({ edge: null }));

  // Called for every change of the view: an equal text written anew would have the bar laid out again.
  const say = (element: HTMLElement, words: string): void => {
    if (element.textContent !== words) element.textContent = words;
  };
  const draw = (): void => {
    const { view } = store;
    from.value = written(view.from * stepS);
    to.value = written(Math.min(view.to * stepS, data.about.durationS));
    say(text, page.whole() ? `Whole capture, ${all}` : `${page.rangeText()} of ${all}`);
    say(play, view.playing ? '❚❚ Pause' : '▶ Play');
    play.setAttribute('aria-pressed', String(view.playing));
    zone.value = view.zone;
    whole.disabled = page.whole();
    edge.hidden = view.edge === null;
    say(edge, view.edge === null ? '' : `${page.edgeName(view.edge)}  ✕`);
  };
  store.subscribe(draw);
  draw();
  return h(
    'div',
    { id: 'range', role: 'group', 'aria-label': 'Chosen time range' },
    text,
    h('span', { class: 'fields' }, from, ' to ', to, ' s'),
    h('span', { class: 'controls' }, play, speed, whole, zone),
    edge,
  );
}
