/** Texts that must fit a width. They are measured on a canvas: to ask an element lays the whole page out. */

/** Null where the browser has none. */
const ruler = document.createElement('canvas').getContext('2d');

/** Pixels that a canvas and the page may differ by. */
const LEEWAY = 1;

/** Width of a text, pixels; 0 where it cannot be measured. @param font as in CSS. */
export function textWidth(text: string, font: string): number {
  if (ruler === null) return 0;
  ruler.font = font;
  return ruler.measureText(text).width;
}

/** In which font an element is written. Its `font` is empty where its digits are of one width, as on this page. */
function fontOf(element: Element): string {
  const { fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(element);
  return `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
}

/**
 * Cuts texts on the page that are wider than `room` pixels: by measure, as names may be in any script.
 * @param elements all written alike.
 * @param written in which font, as in CSS; without it the page is asked, which has it compute its style at once.
 */
export function cutToFit(
  elements: readonly SVGTextElement[],
  room: number,
  written?: string,
): void {
  const [first] = elements;
  if (first === undefined) return;
  const font = written ?? fontOf(first);
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
