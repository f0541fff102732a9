/**
 * `npm run bench`: prints what a recording costs on this machine; with `--write` also into RESULTS.md.
 * Needs root, BTF, wrk and iproute2. `--trials N` and `--seconds N` change the length.
 */
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type as system } from 'node:os';
import { benchRecord, describeRecord } from './record.mjs';
import { count } from './statistics.mjs';

function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

function table(rows) {
  const cell = (row) => {
    const range = Array.isArray(row.spread)
      ? row.spread.map((v) => count(v, row.digits)).join(' … ')
      : '';
    return `| ${row.name} | ${count(row.median, row.digits)} | ${range} | ${row.hold} |`;
  };
  return [
    '| what | median | least … greatest | hold |',
    '|---|---:|---|---|',
    ...rows.map(cell),
  ].join('\n');
}

const trials = option('trials', 5);
const seconds = option('seconds', 4);
const rows = describeRecord(benchRecord({ trials, seconds }));
const machine = `${system()} ${/^[\d.]+/.exec(release())[0]}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
const text = `# Results

Made by \`npm run bench -- --write\`; the column "hold" is what the design promises. Load, server and recorder
share the machine's cores, so ratios say more than rates.

## Cost of a recording

wrk, one thread, 16 keep-alive connections, against a small Node HTTP server in a network namespace, ${trials} alternating
trials of ${seconds} s each, on ${machine}. Run statistics of BPF programs are on.

${table(rows)}
`;
console.log(text);
if (process.argv.includes('--write')) writeFileSync(new URL('RESULTS.md', import.meta.url), text);
