/**
 * What the memory of `analyze` grows with: one load of 200 services and 2,000 edges, recorded for longer and longer. First cut
 * into as many steps each time, so that only the events are more; then in steps of a second.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { analyze, synthetic } from './analysis.mjs';
import { count } from './statistics.mjs';

const MILLIONS = [1, 5, 20];
const STEPS = 20;

/** What a database says of its capture. */
function facts(file) {
  const database = new Database(file, { readonly: true });
  const one = (sql) => database.prepare(sql).pluck().get();
  const told = {
    seconds: one('SELECT duration_s FROM capture'),
    edges: one('SELECT count(*) FROM edge'),
    connections: one('SELECT count(*) FROM connection'),
    open: one("SELECT count(*) FROM connection WHERE verdict = 'open'"),
    windows: one('SELECT count(*) FROM edge_window'),
  };
  database.close();
  return told;
}

function measured(millions, folder, step) {
  const { maxMiB } = analyze(synthetic(millions), folder, step);
  return { maxMiB, ...facts(join(folder, 'a.sqlite')) };
}

export const title = 'Memory of an analysis';

/** @returns the section's text. */
export function run() {
  const folder = mkdtempSync(join(tmpdir(), 'dhrishti-memory-'));
  try {
    const rows = MILLIONS.map((millions) => {
      const bySecond = measured(millions, folder, []);
      const step = Math.ceil((bySecond.seconds / STEPS) * 1000);
      const alike = measured(millions, folder, [
        '--step',
        `${step}ms`,
        '--window',
        `${10 * step}ms`,
      ]);
      const columns = [
        [millions, 0, ' M'],
        [bySecond.seconds, 0],
        [bySecond.edges, 0],
        [bySecond.open, 0],
        [bySecond.connections, 0],
        [alike.maxMiB, 0],
        [bySecond.maxMiB, 0],
        [bySecond.windows, 0],
      ].map(([value, digits, unit = '']) => count(value, digits) + unit);
      return `| ${columns.join(' | ')} |`;
    });
    return `One load for longer and longer, the whole command; most resident, MiB. In ${STEPS} steps only the events are more from row to row; in steps of
a second there are more windows, too.

| events | s | edges | open at the end | connections | in ${STEPS} steps | in steps of 1 s | windows of 1 s steps |
|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}
`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
