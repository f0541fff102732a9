/**
 * The rows of a table in sight: a page of them at most is in the document, and of that only what was
 * scrolled to, so that thousands of rows cost no more than a screenful.
 */
import { h } from '../dom.js';
import { count } from '../format.js';
import { type RowMaker, showRows } from './row.js';

/** Rows made at once, at first and when the end comes near; and how near, pixels. */
const FIRST_ROWS = 20;
const MORE_ROWS = 80;
const AHEAD = 800;
/** Rows of one page. */
const PAGE_ROWS = 200;

export interface TableBody<Row> {
  element: HTMLTableSectionElement;
  /** Goes through the pages; hidden where there is one. */
  pager: HTMLElement;
  /** Says on paper, where nothing scrolls, which rows are there. */
  paper: HTMLElement;
  /** Shows rows; `rewind` goes back to the first page. `none` is said where there is no row. */
  show(rows: readonly Row[], rewind: boolean, none: string): void;
  /** Makes more rows where the end of those made comes near. */
  reach(scroll: HTMLElement): void;
}

export function tableBody<Row>(
  label: string,
  columns: number,
  make: RowMaker<Row>,
): TableBody<Row> {
  const element = h('tbody');
  const where = h('span', { class: 'muted', 'aria-live': 'polite' });
  const previous = h(
    'button',
    { type: 'button', 'aria-label': `Previous rows: ${label}` },
    '‹ Previous',
  );
  const next = h('button', { type: 'button', 'aria-label': `Next rows: ${label}` }, 'Next ›');
  const pager = h('span', { class: 'pager' }, previous, where, next);
  const paper = h('p', { class: 'on-paper' });
  let rows: readonly Row[] = [];
  let start = 0;
  let made = 0;
  /** Whether the rows were scrolled: to ask the browser would have it lay out the table at once. */
  let scrolled = false;

  const tell = (): void => {
    paper.textContent =
      made - start < rows.length
        ? `Rows ${count(start + 1)}–${count(made)} of ${count(rows.length)}; the page on a screen has all of them.`
        : '';
  };
  const draw = (): void => {
    const end = Math.min(rows.length, start + PAGE_ROWS);
    made = Math.min(end, start + FIRST_ROWS);
    showRows(element, rows.slice(start, made), make);
    pager.hidden = rows.length <= PAGE_ROWS;
    where.textContent = `${count(start + 1)}–${count(end)} of ${count(rows.length)}`;
    previous.disabled = start === 0;
    next.disabled = end === rows.length;
    tell();
    if (!scrolled) return;
    scrolled = false;
    element.closest('.scroll')?.scrollTo(0, 0);
  };
  const turn = (by: number): void => {
    start += by * PAGE_ROWS;
    draw();
  };
  previous.addEventListener('click', () => turn(-1));
  next.addEventListener('click', () => turn(1));
  return {
    element,
    pager,
    paper,
    show(wanted, rewind, none) {
      rows = wanted;
      const last = Math.max(0, Math.ceil(rows.length / PAGE_ROWS) - 1) * PAGE_ROWS;
      start = rewind ? 0 : Math.min(start, last);
      draw();
      if (rows.length > 0) return;
      element.append(h('tr', {}, h('td', { colspan: columns, class: 'empty' }, none)));
    },
    reach(scroll) {
      scrolled = true;
      const end = Math.min(rows.length, start + PAGE_ROWS);
      if (made >= end || scroll.scrollTop + scroll.clientHeight < scroll.scrollHeight - AHEAD)
        return;
      const more = rows.slice(made, Math.min(end, made + MORE_ROWS));
      made += more.length;
      element.append(...more.map((row) => make(row, undefined)));
      tell();
    },
  };
}
