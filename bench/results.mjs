/** RESULTS.md: one section a benchmark, each written by its own run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type as system } from 'node:os';

const FILE = new URL('RESULTS.md', import.meta.url);

/** The machine in words. */
export function machine() {
  const kernel = /^[\d.]+/.exec(release())[0];
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${system()} ${kernel}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory} GiB, Node ${process.version}`;
}

/** Puts a section in the place of the one with the same title, or at the end. */
export function writeSection(title, text) {
  const [head, ...sections] = readFileSync(FILE, 'utf8').split(/^(?=## )/m);
  const others = sections.map((section) => section.trimEnd());
  const at = others.findIndex((section) => section.startsWith(`## ${title}\n`));
  others.splice(at < 0 ? others.length : at, at < 0 ? 0 : 1, text.trimEnd());
  writeFileSync(FILE, `${[head.trimEnd(), ...others].join('\n\n')}\n`);
}
