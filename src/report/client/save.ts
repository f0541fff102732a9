/** Hands a text to the reader as a file; nothing leaves the page. */
import { h } from './dom.js';

export function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  h('a', { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
