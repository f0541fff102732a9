/** What stands behind the charts over time: stretches in which events were lost, and the times of findings. */
import type { Page } from '../page.js';
import type { Part } from './axes.js';
import { CHART_BOTTOM, CHART_TOP, type Frame } from './frame.js';

/** Greys the steps in which events were lost. */
export function markLosses(part: Part, page: Page, frame: Frame): void {
  const defs = part.append('defs').append('pattern');
  defs
    .attr('id', 'hatch')
    .attr('width', 6)
    .attr('height', 6)
    .attr('patternUnits', 'userSpaceOnUse')
    .attr('patternTransform', 'rotate(45)');
  defs.append('rect').attr('class', 'hatch-ground').attr('width', 6).attr('height', 6);
  defs.append('rect').attr('class', 'hatch-line').attr('width', 2).attr('height', 6);
  for (const [step, coverage] of page.data.series.coverage.entries()) {
    if (coverage >= 1) continue;
    const left = frame.x(step * frame.stepS);
    part
      .append('rect')
      .attr('class', 'lossy')
      .attr('fill', 'url(#hatch)')
      .attr('x', left)
      .attr('y', CHART_TOP)
      .attr('width', frame.x((step + 1) * frame.stepS) - left)
      .attr('height', CHART_BOTTOM - CHART_TOP);
  }
}

/** A strip above the charts for each of the first findings, in its colour and with its number. */
export function markFindings(part: Part, page: Page, frame: Frame): void {
  for (const [i, finding] of page.data.findings.slice(0, 9).entries()) {
    if (finding.toS - finding.fromS >= 0.9 * page.data.about.durationS) continue;
    const left = frame.x(finding.fromS);
    const width = Math.max(3, frame.x(finding.toS) - left);
    const mark = part.append('g').attr('class', `finding-mark ${finding.severity}`);
    mark
      .append('rect')
      .attr('x', left)
      .attr('width', width)
      .attr('y', CHART_TOP)
      .attr('height', CHART_BOTTOM - CHART_TOP);
    mark
      .append('text')
      .attr('x', left + 3 + 11 * (i % 3))
      .attr('y', CHART_TOP + 10)
      .text(String(i + 1));
  }
}
