/** Takes a chart away as a picture. */
import { h } from './dom.js';
import { standalone } from './map/standalone.js';
import { save } from './save.js';

/** A button that saves the SVG that `holder` shows then, as it looks then. */
export function svgButton(words: string, file: string, holder: HTMLElement): HTMLButtonElement {
  const button = h('button', { type: 'button' }, words);
  button.addEventListener('click', () => {
    const svg = holder.querySelector('svg');
    if (svg !== null) save(file, 'image/svg+xml', standalone(svg));
  });
  return button;
}
