/** The page of two captures compared: the report's style, no script at all, nothing loaded. */
import { formatDuration } from '../base/time.js';
import type { CaptureInfo } from '../analyze/model.js';
import type { Comparison, Difference, EdgeRow, Side } from '../diff/model.js';
import { escapedText } from './escape.js';
import { bundledStyle, pageHead } from './html.js';
import { NAME_CHARS, SENTENCE_CHARS } from './limits.js';
import { shown } from './text.js';

/** More rows would not be read; what was left out is said. */
const EDGES = 500;
const COMPARISONS = 200;

const name = (text: string): string => `<bdi>${escapedText(shown(text, NAME_CHARS))}</bdi>`;
const words = (text: string): string => escapedText(shown(text, SENTENCE_CHARS));

/** Where the two values lie on a logarithmic scale of a factor of 100 around their middle. */
function dumbbell({ before, after, kind }: Comparison): string {
  const at = (value: number): number => {
    const off =
      Math.log10(Math.max(value, 1e-3)) - Math.log10(Math.max(Math.sqrt(before * after), 1e-3));
    return Number((60 + 55 * Math.max(-1, Math.min(1, off))).toFixed(1));
  };
  if (!(before > 0 && after > 0)) return '';
  const colour = kind === 'slowed' ? 'var(--bad)' : 'var(--ok)';
  return (
    '<svg width="120" height="14" viewBox="0 0 120 14" aria-hidden="true">' +
    `<line x1="${at(before)}" x2="${at(after)}" y1="7" y2="7" stroke="${colour}" stroke-width="3"/>` +
    `<circle cx="${at(before)}" cy="7" r="4" fill="var(--surface)" stroke="var(--muted)" stroke-width="2"/>` +
    `<circle cx="${at(after)}" cy="7" r="5" fill="${colour}"/></svg>`
  );
}

function comparisonTable(rows: readonly Comparison[]): string {
  const body = rows.slice(0, COMPARISONS).map((one) => {
    const p = one.p < 0.0001 ? '&lt; 0.0001' : one.p.toPrecision(2);
    const chart = one.measure === 'p50' || one.measure === 'p95' ? dumbbell(one) : '';
    return `<tr><td>${one.kind}</td><td>${name(one.edge)}</td><td>${words(one.size)}</td><td>${chart}</td><td class="number">${p}</td></tr>`;
  });
  const more =
    rows.length > COMPARISONS
      ? `<p class="hint">${rows.length - COMPARISONS} more were left out.</p>`
      : '';
  return (
    '<div class="scroll" role="region" aria-label="Comparisons" tabindex="0"><table><thead><tr><th scope="col">what</th><th scope="col">edge</th><th scope="col">size</th>' +
    '<th scope="col">before ○ after ●</th><th scope="col">chance p</th></tr></thead>' +
    `<tbody>${body.join('')}</tbody></table></div>${more}`
  );
}

function cells(side: Side | null): string {
  if (side === null) return '<td class="muted" colspan="5">not there</td>';
  const time = (us: number | null): string => (us === null ? '–' : formatDuration(us * 1e3));
  return [side.rate, side.connections, side.failures, time(side.p50Us), time(side.p95Us)]
    .map((value) => `<td class="number">${value}</td>`)
    .join('');
}

function edgeTable(rows: readonly EdgeRow[]): string {
  const columns = ['req/s', 'connections', 'failures', 'p50', 'p95'];
  const heads = [...columns, ...columns].map((column) => `<th scope="col">${column}</th>`).join('');
  const body = rows
    .slice(0, EDGES)
    .map(
      ({ edge, before, after }) => `<tr><td>${name(edge)}</td>${cells(before)}${cells(after)}</tr>`,
    );
  const more =
    rows.length > EDGES
      ? `<p class="hint">${rows.length - EDGES} more edges were left out.</p>`
      : '';
  return (
    '<div class="scroll" role="region" aria-label="All edges" tabindex="0"><table><thead><tr><th scope="col" rowspan="2">edge</th><th scope="colgroup" colspan="5">before</th>' +
    `<th scope="colgroup" colspan="5">after</th></tr><tr>${heads}</tr></thead><tbody>${body.join('')}</tbody></table></div>${more}`
  );
}

function about(
  which: string,
  { file, host, startedWallMs, durationNs, events, lost, verdict }: CaptureInfo,
): string {
  const started = new Date(startedWallMs).toISOString().slice(0, 19).replace('T', ' ');
  return (
    `<p>${which}: <b>${name(file)}</b> on ${name(host)}, ${started} UTC, ${formatDuration(durationNs)}, ` +
    `${events} events, ${lost} lost, ${words(verdict)}</p>`
  );
}

const section = (title: string, inner: string): string =>
  `<section><div class="section-head"><h2>${title}</h2></div>${inner}</section>`;

/**
 * The page, as the text of one HTML file.
 * @param about.method how it was decided, in words.
 * @throws DhrishtiError FAILED where the page's style was not built.
 */
export function renderDifference(
  difference: Difference,
  { method, analyzer }: { method: string; analyzer: string },
): string {
  const { before, after, comparisons, edges, notes, untimed } = difference;
  const beyond = comparisons.filter(({ beyondNoise }) => beyondNoise);
  const large = comparisons.filter((one) => one.large && !one.beyondNoise);
  const verdict =
    beyond.length === 0
      ? 'No difference beyond noise'
      : `${beyond.length} difference${beyond.length === 1 ? '' : 's'} beyond noise`;
  const several = difference.noise === 'between';
  const few =
    untimed.length === 0
      ? ''
      : `; too few exchanges to compare the times of ${untimed.length} edge${untimed.length === 1 ? '' : 's'}`;
  const style = bundledStyle();
  return `${pageHead({ title: `${shown(before[0]!.file, NAME_CHARS)} and ${shown(after[0]!.file, NAME_CHARS)} · dhrishti`, style, script: null })}
<body>
<main id="page">
<header id="summary"><div class="title"><p class="brand">dhrishti</p><h1>${verdict}</h1></div>
${before.map((one) => about('Before', one)).join('')}${after.map((one) => about('After', one)).join('')}
${notes.map((note) => `<p class="bad">${words(note)}</p>`).join('')}</header>
${beyond.length === 0 ? '' : section('Beyond noise', comparisonTable(beyond))}
${large.length === 0 ? '' : section('Large, but not beyond noise', comparisonTable(large))}
${section('All edges', `${several ? '<p class="hint">Of several recordings, the median of each number.</p>' : ''}${edgeTable(edges)}`)}
${section('How this was decided', `<p>${escapedText(method)}</p><p class="hint">${comparisons.length} comparisons${few}.</p>`)}
<footer>${words(analyzer)}</footer>
</main>
</body>
</html>
`;
}
