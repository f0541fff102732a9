/** One process of the fuzzer: examines the mutants that it is told to, and tells what came of each. */
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examine } from './examine.js';
import { mutantOf } from './mutate.js';

export interface Order {
  seed: number;
}

/** `error` is null where all promises were kept. */
export interface Told {
  seed: number;
  outcome: string;
  error: string | null;
  steps: string[];
  maxRssKb: number;
}

const [corpusFolder, findsFolder] = process.argv.slice(2) as [string, string];
const corpus = readdirSync(corpusFolder)
  .filter((name) => name.endsWith('.dhr'))
  .sort()
  .map((name) => readFileSync(join(corpusFolder, name)));
const folder = mkdtempSync(join(tmpdir(), 'dhr-fuzz-'));

process.on('message', ({ seed }: Order) => void work(seed));
process.send!({ ready: folder });

async function work(seed: number): Promise<void> {
  const mutant = mutantOf(corpus, seed);
  const told: Told = { seed, outcome: 'crash', error: null, steps: mutant.steps, maxRssKb: 0 };
  try {
    told.outcome = await examine(mutant, folder);
  } catch (error) {
    told.error = error instanceof Error ? (error.stack ?? error.message) : String(error);
    writeFileSync(join(findsFolder, `${seed}.dhr`), mutant.bytes);
  }
  told.maxRssKb = process.resourceUsage().maxRSS;
  process.send!(told);
}
