/** Cuts a text that is wider than `room` pixels: by measure, as names may be in any script. */
export function cutToFit(element: SVGTextElement, room: number): void {
  const letters = Array.from(element.textContent);
  while (letters.length > 1 && element.getComputedTextLength() > room) {
    letters.length = Math.max(1, Math.min(letters.length - 1, Math.floor(letters.length * 0.9)));
    element.textContent = `${letters.join('')}…`;
  }
}
