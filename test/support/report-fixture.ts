/** The page of fixtures/shop.dhr and the analysis it was made from. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../../src/analyze/analyze.js';
import type { Analysis } from '../../src/analyze/model.js';
import { packageRoot } from '../../src/base/paths.js';
import { type Report, buildReport } from '../../src/report/build.js';
import { scratchFolder } from './recording.js';

/** Analyzes the recorded shop as `dhrishti analyze` does without options. */
export async function shopFixture(): Promise<{ analysis: Analysis; report: Report }> {
  const folder = scratchFolder();
  try {
    const capture = join(folder.path, 'shop.dhr');
    copyFileSync(join(packageRoot, 'fixtures', 'shop.dhr'), capture);
    const analysis = await analyze({
      capture,
      db: join(folder.path, 'shop.sqlite'),
      windowNs: 10e9,
      stepNs: 1e9,
      staleAfterNs: 30e9,
      exchanges: false,
    });
    return { analysis, report: buildReport(analysis, { analyzer: 'dhrishti test' }) };
  } finally {
    folder.remove();
  }
}
