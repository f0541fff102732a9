/** Texts that must fit a width. They are measured on a canvas: to ask an element lays the whole page out. */

/** Null where the browser has none. */
const ruler = document.createElement('canvas').getContext('2d');

/** Pixels that a canvas and the page may differ by. */
const LEEWAY = 1;

/** The page's letters, as a canvas takes them: the first family is there in every browser that the page is made for. */
export const FAMILY = 'system-ui, sans-serif';

/** Width of a text, pixels; 0 where it cannot be measured. @param font as in CSS. */
export function textWidth(text: string, font: string): number {
  if (ruler === null) return 0;
  ruler.font = font;
  return ruler.measureText(text).width;
}

/**
 * Cuts texts on the page that are wider than `room` pixels: by measure, as names may be in any script.
 * @param font of all of them, as in CSS: a page that is asked computes at once the style of all that was just drawn.
 */
export function cutToFit(elements: readonly SVGTextElement[], room: number, font: string): void {
  for (const element of elements) {
    const whole = element.textContent;
    const letters = Array.from(whole);
    let text = whole;
    while (letters.length > 1 && textWidth(text, font) > room - LEEWAY) {
      letters.length = Math.max(1, Math.min(letters.length - 1, Math.floor(letters.length * 0.9)));
      text = `${letters.join('')}…`;
    }
    if (text !== whole) element.textContent = text;
  }
}
