/**
 * Makes text from outside fit to be shown: container names, commands and labels may hold anything.
 * Escaping for HTML is not done here but in html.ts, once, for everything.
 */

// Characters that act on the text around them (controls, and those that turn the writing direction),
// and halves of surrogate pairs, which a cut may leave behind.
const ACTING =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function visible(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `value` with acting characters spelt out, cut to `max` characters before that. */
export function shown(value: string, max: number): string {
  const cut = value.length > max ? `${value.slice(0, max - 1)}…` : value;
  return cut.replace(ACTING, visible);
}
