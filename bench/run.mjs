/**
 * `npm run bench -- [SECTION…] [--write] [--trials N] [--seconds N] …`: measures and prints; with
 * `--write` also into the sections' places in RESULTS.md. All sections without a name. Needs root, BTF and `scripts/setup.sh bench`.
 */
import { parseArgs } from 'node:util';
import { machine, writeSection } from './results.mjs';

/** A module of each gives `title` and `run(options)`, the section's text. */
const SECTIONS = ['record', 'stall', 'analyze', 'memory', 'page'];

const NUMBERS = ['trials', 'seconds', 'connections'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean' },
    ...Object.fromEntries(NUMBERS.map((name) => [name, { type: 'string' }])),
  },
});
const options = Object.fromEntries(
  NUMBERS.filter((name) => name in values).map((name) => [name, Number(values[name])]),
);
const unknown = positionals.find((name) => !SECTIONS.includes(name));
if (unknown !== undefined) {
  console.error(`bench: there is no section "${unknown}"; there are: ${SECTIONS.join(', ')}`);
  process.exit(2);
}
for (const name of positionals.length > 0 ? positionals : SECTIONS) {
  const section = await import(`./${name}.mjs`);
  const text = `## ${section.title}\n\nMeasured on ${machine()}.\n\n${await section.run(options)}`;
  console.log(text);
  if (values.write) writeSection(section.title, text);
}
