/** Runs examples/shop, and turns what its services wrote down into what dhrishti ought to have seen. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type ShopMode = 'docker' | 'netns';

const SHOP = join(import.meta.dirname, '../../examples/shop/shop.sh');

/** One connection that a service opened, or tried to. */
export interface Opened {
  peer: string;
  port: number;
  localPort: number;
  /** Milliseconds since 1970. */
  at: number;
  /** `established`, `cancelled`, or an errno's name. */
  result: string;
}

/** One connection that a service accepted. */
export interface Accepted {
  peer: string;
  port: number;
  remotePort: number;
  at: number;
  requests: number;
}

/** What one process of the shop knows about its connections. */
export interface Truth {
  service: string;
  instance: string;
  opened: Opened[];
  accepted: Accepted[];
}

/** The commands of shop.sh, each run to its end. */
export class Shop {
  readonly mode: ShopMode;
  readonly truthFolder: string;

  constructor(mode: ShopMode, truthFolder: string) {
    this.mode = mode;
    this.truthFolder = truthFolder;
  }

  /**
   * Runs one command of shop.sh to its end and gives what it printed; rejects where it fails. The
   * recorder of the test runs in this process, so nothing here may block.
   */
  async run(
    command: string,
    args: (string | number)[] = [],
    env: Record<string, string> = {},
  ): Promise<string> {
    const { stdout } = await promisify(execFile)('sh', [SHOP, command, ...args.map(String)], {
      encoding: 'utf8',
      env: { ...process.env, ...env, MODE: this.mode, TRUTH_DIR: this.truthFolder },
    });
    return stdout;
  }

  /** Inodes of the network namespaces that `prepare` made. */
  namespaces(): number[] {
    return readdirSync('/run/netns')
      .filter((name) => name.startsWith('shop-'))
      .map((name) => statSync(join('/run/netns', name)).ino);
  }

  /** What the processes that have ended wrote down. */
  truth(): Truth[] {
    return readdirSync(this.truthFolder)
      .sort()
      .map((name) => JSON.parse(readFileSync(join(this.truthFolder, name), 'utf8')) as Truth);
  }
}

/** One row a client, server, port and result: how many connections there were. */
export interface EdgeCount {
  client: string;
  server: string;
  port: number;
  result: string;
  connections: number;
}

/** The connections that were opened, counted; sorted like the rows of `order by 1, 2, 3, 4`. */
export function countOpened(truth: Truth[]): EdgeCount[] {
  const counts = new Map<string, EdgeCount>();
  for (const { service, opened } of truth) {
    for (const { peer, port, result } of opened) {
      const key = [service, peer, port, result].join(' ');
      const row = counts.get(key) ?? {
        client: service,
        server: peer,
        port,
        result,
        connections: 0,
      };
      row.connections += 1;
      counts.set(key, row);
    }
  }
  return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** HTTP requests by who sent them and who served them; sorted. */
export function countRequests(
  truth: Truth[],
): { client: string; server: string; requests: number }[] {
  const counts = new Map<string, { client: string; server: string; requests: number }>();
  for (const { service, accepted } of truth) {
    for (const { peer, requests } of accepted) {
      const key = `${peer} ${service}`;
      const row = counts.get(key) ?? { client: peer, server: service, requests: 0 };
      row.requests += requests;
      counts.set(key, row);
    }
  }
  return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
