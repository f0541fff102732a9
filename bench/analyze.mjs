/**
 * What `analyze` costs, database and page included, pinned to one core: captures of 1, 10 and 50 million events, and beside
 * tshark the same load, recorded by tcpdump and by dhrishti at the same time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { join } from 'node:path';
import { analyze, onOneCore, synthetic } from './analysis.mjs';
import { Load } from './load.mjs';
import { start } from './record.mjs';
import { RECORDERS } from './recorders.mjs';
import { count, withSpread } from './statistics.mjs';

const MILLIONS = [1, 10, 50];

/** CPU seconds of tshark's table of conversations. */
function tshark(pcap) {
  const script = 'tshark -r "$0" -q -z conv,tcp >/dev/null 2>&1 && times >&3';
  const { told } = onOneCore(['sh', '-c', script, pcap]);
  const [user, system] = [...told.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2);
  return [user, system].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
}

function sizes(folder) {
  const results = MILLIONS.map((millions) => {
    const { wallS, cpuS, maxMiB } = analyze(synthetic(millions), folder);
    return { millions, wallS, cpuS, maxMiB };
  });
  const rows = results.map(
    ({ millions, wallS, cpuS, maxMiB }) =>
      `| ${millions} M | ${count(wallS, 1)} | ${count(cpuS, 1)} | ${count(millions / wallS, 2)} M | ${count(maxMiB)} |`,
  );
  const ratio = results[2].wallS / results[1].wallS;
  return `| events | wall s | CPU s | events/s | most MiB resident |
|---|---:|---:|---:|---:|
${rows.join('\n')}

Hold: 3 M events/s and 500 MiB at 10 M events. 50 M events take ${count(ratio, 2)} times as long as 10 M; hold 5 within 15 %.
`;
}

/** One load recorded twice at once; what each analyzer then takes for a request, CPU µs. */
async function beside(load, folder, shape) {
  const files = { dhrishti: join(folder, 'load.dhr'), 'tcpdump -w': join(folder, 'load.pcap') };
  const recorders = [];
  for (const { name, command, ready } of RECORDERS) {
    if (!(name in files)) continue;
    const child = await start(command(load, files[name]), ready, files[name]);
    recorders.push({ name, child, ended: once(child, 'exit') });
  }
  const { requests } = load.run(shape);
  for (const { name, child, ended } of recorders) {
    child.stdin.end();
    if (name !== 'dhrishti') child.kill('SIGINT');
    await ended;
  }
  const ours = (analyze(files.dhrishti, folder).cpuS * 1e6) / requests;
  const theirs = (tshark(files['tcpdump -w']) * 1e6) / requests;
  for (const file of Object.values(files)) rmSync(file);
  return { requests, ours, theirs, ratio: theirs / ours };
}

export const title = 'Cost of an analysis';

/** @returns the section's text. */
export async function run({ trials = 3, seconds = 4, connections = 16 }) {
  const folder = mkdtempSync(join(tmpdir(), 'dhrishti-analyze-'));
  const load = new Load();
  try {
    const large = sizes(folder);
    const pairs = [];
    for (let n = 0; n < trials; n++)
      pairs.push(await beside(load, folder, { seconds, connections }));
    const cell = (pick, digits) => withSpread(pairs.map(pick), digits);
    return `The whole command on one core, from a seeded capture of 200 services and 2,000 edges to the database and the page; one run each.

${large}
The same load, ${seconds} s of wrk over ${connections} keep-alive connections, recorded by dhrishti and by tcpdump at once; ${trials} trials, median
(least … greatest). A capture so short is mostly the start of Node and the page.

| what | dhrishti analyze | tshark -q -z conv,tcp | tshark : dhrishti |
|---|---:|---:|---:|
| CPU µs a request | ${cell((p) => p.ours, 1)} | ${cell((p) => p.theirs, 1)} | ${cell((p) => p.ratio, 1)} |
| requests | ${cell((p) => p.requests, 0)} |  |  |
`;
  } finally {
    load.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
