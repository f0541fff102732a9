/**
 * Known traffic between two network namespaces, recorded and analyzed by the built project:
 *
 *   node scenario.mjs FOLDER
 *
 * Runs in a guest and on the host alike, and needs nothing but Node, Python and `ip`. Leaves in FOLDER what
 * doctor said, the truth of the traffic generator, the capture, what record said of it, and its database.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const cli = join(root, 'dist', 'cli.js');
const traffic = join(root, 'test', 'support', 'traffic.py');
const [folder] = process.argv.slice(2);

/** Begins before the recording and goes on when it is told to. */
const BEFORE = 'closed_during';
const DURING = [
  'keep_alive',
  'server_closes',
  'refused',
  'server_resets',
  'client_resets',
  'timeout',
  'cancelled',
  'never_accepted',
  'half_close',
  'sendfile',
  'splice_proxy',
  'greeting',
];

const CLIENT = `dhr-client-${String(process.pid)}`;
const SERVER = `dhr-server-${String(process.pid)}`;
const environment = {
  ...process.env,
  TRAFFIC_HOST: '10.99.7.2',
  TRAFFIC_NOBODY: '10.99.7.9',
  TRAFFIC_SERVER_NETNS: `/run/netns/${SERVER}`,
};

const ip = (command, ...more) => {
  execFileSync('ip', [...command.split(' '), ...more], { stdio: ['ignore', 'inherit', 'inherit'] });
};
const inode = (namespace) => statSync(`/run/netns/${namespace}`).ino;
const log = (text) => {
  console.log(`${(performance.now() / 1000).toFixed(1)} s: ${text}`);
};

function up() {
  for (const namespace of [CLIENT, SERVER]) {
    ip(`netns add ${namespace}`);
    ip(`-n ${namespace} link set lo up`);
  }
  ip(`-n ${CLIENT} link add eth0 type veth peer name eth0 netns ${SERVER}`);
  for (const [namespace, address] of [
    [CLIENT, '10.99.7.1/24'],
    [SERVER, '10.99.7.2/24'],
  ]) {
    ip(`-n ${namespace} address add ${address} dev eth0`);
    ip(`-n ${namespace} link set eth0 up`);
  }
  // Nobody has this hardware address: a SYN to it vanishes, without a rule of a firewall.
  ip(`-n ${CLIENT} neighbour add ${environment.TRAFFIC_NOBODY} lladdr 02:00:00:00:00:09 dev eth0`);
  ip(`netns exec ${CLIENT}`, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/tcp_syn_retries');
}

function down() {
  for (const namespace of [CLIENT, SERVER]) ip(`netns delete ${namespace}`);
}

/** Starts cases of traffic, whose truth goes into `truth`. */
function start(truth, ...cases) {
  const python = process.env.PYTHON ?? 'python3';
  const child = spawn('ip', ['netns', 'exec', CLIENT, python, traffic, ...cases], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdout.pipe(truth, { end: false });
  return child;
}

async function ended(child) {
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`the traffic ended with ${String(status)}`);
}

async function main() {
  const { record } = await import(join(root, 'dist', 'record', 'recorder.js'));
  const doctor = execFileSync(process.execPath, [cli, 'doctor', '--json']);
  writeFileSync(join(folder, 'doctor.json'), doctor);
  log('doctor');

  const truth = createWriteStream(join(folder, 'truth.jsonl'));
  const before = start(truth, BEFORE);
  await once(before.stdout, 'data');

  const out = join(folder, 'traffic.dhr');
  const end = new AbortController();
  const summary = await new Promise((resolve, reject) => {
    const play = async () => {
      log('recording');
      before.stdin.end('\n');
      await ended(before);
      await ended(start(truth, ...DURING));
      end.abort();
    };
    record({
      out,
      ringBytes: 64 * 1024 * 1024,
      containers: [],
      services: [],
      ports: [],
      excludePorts: [],
      netns: [inode(CLIENT), inode(SERVER)],
      command: [],
      onStart: () => {
        play().catch(reject);
      },
      signal: end.signal,
    }).then(resolve, reject);
  });
  truth.end();
  await finished(truth);
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
  log('recorded');

  execFileSync(process.execPath, [cli, 'analyze', '--exchanges', out], { stdio: 'inherit' });
  log('analyzed');
}

try {
  up();
  await main();
} finally {
  down();
}
