/** What the page leaves out or folds, in sentences: a reader must never take a part for the whole. */
import type { Analysis } from '../analyze/model.js';
import type { Series } from './data.js';
import type { EdgeChoice } from './fold.js';
import { FINDINGS, QUALITY_ROWS } from './limits.js';
import type { ServiceTable } from './services.js';

/** What was taken into the page. */
export interface Taken {
  choice: EdgeChoice;
  services: ServiceTable;
  picked: number;
  connections: number;
  /** Steps that share their times, on all but the fine edges. */
  every: number;
  series: Series;
}

/** One sentence for each thing that is folded, cut or not shown. */
export function leftOut(
  analysis: Analysis,
  { choice, services, picked, connections, series, every }: Taken,
): string[] {
  const stepS = analysis.stepNs / 1e9;
  const error = Math.ceil((Math.sqrt(series.bucketBase) - 1) * 100);
  const sentences = [
    `Percentiles of a chosen range are read from histograms and may be ${error} % off; those of the whole capture are the analyzer's own.`,
  ];
  if (series.stepS > stepS) {
    sentences.push(
      `Time is shown in steps of ${series.stepS} s; the analyzer counted in steps of ${stepS} s.`,
    );
  }
  if (series.edges.some(({ times }) => times.every > 1)) {
    sentences.push(
      `Response times of the ${choice.fine.size} edges with findings, failures or most traffic are kept in every step; those of the others in steps of ${series.stepS * every} s.`,
    );
  }
  if (connections < analysis.connectionsTotal) {
    sentences.push(
      `${connections} of ${analysis.connectionsTotal} connections are listed one by one, some of every edge; the counts hold all of them.`,
    );
  }
  if (choice.folded.length > 0) {
    sentences.push(
      `${choice.folded.length} of ${analysis.edges.length} edges, the quietest without findings, are folded into one row named "other".`,
    );
  }
  if (picked < analysis.failuresTotal) {
    sentences.push(
      `${picked} of ${analysis.failuresTotal} failed connections have a row of their own, some of every edge and verdict; the counts hold all of them.`,
    );
  }
  const findings = analysis.findings.length - FINDINGS;
  if (findings > 0) sentences.push(`${findings} findings of lower rank are not shown.`);
  if (services.idleLeftOut > 0) {
    sentences.push(`${services.idleLeftOut} services without a connection are not listed.`);
  }
  if (analysis.quality.length > QUALITY_ROWS) {
    sentences.push(`${analysis.quality.length - QUALITY_ROWS} rows about quality are not shown.`);
  }
  return sentences;
}
