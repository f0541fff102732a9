/** The findings, ranked. Each is a button: it chooses the edge and the time range it speaks of. */
import type { FindingView } from '../data.js';
import { type Child, h, nameOf, section } from './dom.js';
import { count, plural } from './format.js';
import type { Page } from './page.js';

/** Findings in sight at first: more than this nobody reads from top to bottom. */
const FIRST = 8;

const SIGN = { high: '▲', medium: '◆', low: '●' } as const;

/** A strip that stands for the whole capture, with the finding's range marked on it. */
function strip(page: Page, finding: FindingView): HTMLElement {
  const { durationS } = page.data.about;
  const mark = h('span', {});
  const share = (seconds: number): number => Math.min(1, Math.max(0, seconds / durationS)) * 100;
  mark.style.left = `${share(finding.fromS)}%`;
  mark.style.width = `${Math.max(1.5, share(finding.toS) - share(finding.fromS))}%`;
  return h('span', { class: 'strip', 'aria-hidden': 'true' }, mark);
}

/** A number with its unit that stands by itself: not the 95 of p95, nor a port. */
const NUMBER = /(?<![\p{L}\d:.,-])\d[\d.,]*\d?(?:[ \u00a0](?:ns|µs|ms|s|min|h|%)(?!\p{L}))?/u;

/** `text` with its first number, the one that matters most, in bold. */
function weighted(text: string): Child[] {
  const found = NUMBER.exec(text);
  if (found === null) return [text];
  const end = found.index + found[0].length;
  return [text.slice(0, found.index), h('b', {}, found[0]), text.slice(end)];
}

/** What is wrong comes first, in bold; then how much; where the time went has a line of its own. */
function sentence(text: string): HTMLElement {
  const colon = text.indexOf(': ');
  const [head, rest] = colon < 0 ? [text, ''] : [text.slice(0, colon + 1), text.slice(colon + 1)];
  const semicolon = rest.indexOf('; ');
  const [much, why] =
    semicolon < 0 ? [rest, ''] : [rest.slice(0, semicolon + 1), rest.slice(semicolon + 1)];
  return h(
    'bdi',
    { class: 'sentence', title: text },
    h('b', {}, head),
    ...weighted(much),
    why === '' ? null : h('span', { class: 'why' }, why),
  );
}

function item(page: Page, finding: FindingView, rank: number): HTMLLIElement {
  const { stepS, steps } = page.data.series;
  const when = h('span', { class: 'range' });
  const button = h(
    'button',
    { type: 'button', class: `finding ${finding.severity}` },
    h('span', { class: 'severity' }, `${rank}. ${SIGN[finding.severity]} ${finding.severity}`),
    sentence(finding.sentence),
    h('span', { class: 'evidence' }, ...finding.figures.map((figure) => nameOf(figure, 'figure'))),
    h('span', { class: 'when' }, strip(page, finding), when),
  );
  const from = Math.min(steps - 1, Math.max(0, Math.floor(finding.fromS / stepS + 1e-6)));
  const to = Math.min(steps, Math.max(from + 1, Math.ceil(finding.toS / stepS - 1e-6)));
  let clicked = false;
  button.addEventListener('click', () => {
    clicked = true;
    page.store.set({
      from,
      to,
      playing: false,
      ...(finding.edge === null ? {} : { edge: finding.edge }),
    });
    mark();
  });
  const mark = (): void => {
    when.textContent = `${page.clock(finding.fromS, stepS)} – ${page.clock(finding.toS, stepS)}`;
    const { view } = page.store;
    const same =
      view.from === from && view.to === to && (finding.edge === null || view.edge === finding.edge);
    clicked &&= same;
    // The page opens on the whole capture: that alone is no choice of a finding that spans it.
    button.setAttribute('aria-pressed', String(same && (clicked || !page.whole())));
  };
  page.store.subscribe(mark);
  mark();
  return h('li', {}, button);
}

/** What is said where no rule found anything. Single failures are no burst, and are not hidden either. */
function nothing({ data }: Page): string {
  const failed = data.edges.flatMap(({ failures }) => (failures > 0 ? [failures] : []));
  if (failed.length === 0)
    return 'Nothing stands out: no rule found slowness, failures or losses worth a sentence.';
  const all = failed.reduce((sum, n) => sum + n, 0);
  const most = failed.reduce((greatest, n) => Math.max(greatest, n));
  const where = failed.length === 1 ? 'on one edge' : `at most ${count(most)} on one edge`;
  return `No rule found slowness, bursts of failures or losses worth a sentence; ${plural(all, 'connection')} failed, ${where}: see Failures.`;
}

export function findings(page: Page): HTMLElement {
  const list = page.data.findings;
  const items = list.map((finding, i) => item(page, finding, i + 1));
  return section(
    'findings',
    'Findings',
    list.length === 0 ? null : 'Choose one to see its edge and its time in everything below.',
    list.length === 0
      ? h('p', { class: 'empty' }, nothing(page))
      : h('ol', { class: 'findings' }, ...items.slice(0, FIRST)),
    items.length <= FIRST
      ? null
      : h(
          'details',
          { class: 'more-findings' },
          h('summary', {}, `${plural(items.length - FIRST, 'more finding')}, of lower rank`),
          h('ol', { class: 'findings', start: FIRST + 1 }, ...items.slice(FIRST)),
        ),
  );
}
