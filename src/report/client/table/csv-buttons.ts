/** Takes a table away: as a CSV file, or to the clipboard. */
import { toCsv } from './csv.js';
import { h } from '../dom.js';
import { save } from '../save.js';

/** Buttons that copy and save the rows that `rows` gives, titles first. */
export function csvButtons(
  label: string,
  rows: () => (string | number | null)[][],
): HTMLButtonElement[] {
  const copy = h('button', { type: 'button', 'aria-label': `Copy CSV: ${label}` }, 'Copy CSV');
  copy.addEventListener('click', () => {
    void navigator.clipboard.writeText(toCsv(rows())).then(
      () => (copy.textContent = 'Copied'),
      () => (copy.textContent = 'The browser did not allow it'),
    );
  });
  const file = h('button', { type: 'button', 'aria-label': `Save CSV: ${label}` }, 'Save CSV');
  file.addEventListener('click', () => {
    save(`${label.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60)}.csv`, 'text/csv', toCsv(rows()));
  });
  return [copy, file];
}
