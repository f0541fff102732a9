/** Any bytes at all: no crash, no number that is none, and a verdict that says what is damaged. See test/fuzz. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { examine } from '../fuzz/examine.js';
import { mutantOf } from '../fuzz/mutate.js';
import { scratchFolder } from '../support/recording.js';

const FUZZ = join(import.meta.dirname, '../fuzz');
const SEEDS = { from: 1, to: 250 };

function capturesIn(folder: string): { name: string; bytes: Buffer }[] {
  return readdirSync(join(FUZZ, folder))
    .filter((name) => name.endsWith('.dhr'))
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(FUZZ, folder, name)) }));
}

describe('hostile captures', () => {
  const folder = scratchFolder();
  const corpus = capturesIn('corpus');
  afterAll(() => folder.remove());

  it.each(corpus)('corpus: $name is good', async ({ bytes }) => {
    const mutant = { bytes, steps: [], damaged: false };
    expect(await examine(mutant, folder.path)).toBe('complete');
  });

  it.each(capturesIn('finds'))('find: $name does no harm any more', async ({ bytes }) => {
    await examine({ bytes, steps: [], damaged: false }, folder.path);
  });

  it(`mutants with seeds ${SEEDS.from} to ${SEEDS.to}`, async () => {
    const bytes = corpus.map((capture) => capture.bytes);
    const outcomes = new Set<string>();
    for (let seed = SEEDS.from; seed <= SEEDS.to; seed++) {
      const mutant = mutantOf(bytes, seed);
      try {
        outcomes.add(await examine(mutant, folder.path));
      } catch (cause) {
        throw new Error(`seed ${seed}: ${mutant.steps.join(', ')}`, { cause });
      }
    }
    // What the mutants are must be worth the while.
    expect([...outcomes]).toEqual(
      expect.arrayContaining(['complete', 'NOT_A_CAPTURE', 'unclosed', 'torn at byte N']),
    );
    // Twelve seconds on a quiet machine, more on a busy one; test/fuzz/run.mjs is what watches for hangs.
  }, 180_000);
});
