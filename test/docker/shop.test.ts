/**
 * The shop, recorded from before its first connection until after its last, against what its own code
 * knows: every connection it made is in SQLite under its services' names, and no other.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRun, missingCommand, missingDocker, missingRecorder } from '../support/parts.js';
import { recordWhile, scratchFolder } from '../support/recording.js';
import { countOpened, countRequests, Shop, type ShopMode, type Truth } from '../support/shop.js';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const PORTS = [8080, 8081, 8082, 8083, 6379, 5432];
const LOAD = { LOAD_RATE: '60', LOAD_CONNECTIONS: '6' };

/** Outside containers a service is called like its process, and Redis calls itself redis-server. */
const nameIn = (mode: ShopMode, service: string): string =>
  mode === 'netns' && service === 'redis' ? 'redis-server' : service;

const parts: Record<ShopMode, (string | null)[]> = {
  docker: [missingRecorder(), missingDocker(), missingCommand('redis-server')],
  netns: [missingRecorder(), missingCommand('ip'), missingCommand('redis-server')],
};

describe.each(['docker', 'netns'] as const)('the shop in %s', (mode) => {
  describe.skipIf(!canRun(`shop (${mode})`, parts[mode]))('recorded', () => {
    const scratch = scratchFolder();
    const shop = new Shop(mode, join(scratch.path, 'truth'));
    let truth: Truth[] = [];
    let answered = 0;
    let db: Database.Database | undefined;
    const query = (sql: string): unknown[] => db!.prepare(sql).all();

    /** Connections with at least one end in the shop. */
    const ofTheShop =
      mode === 'netns'
        ? 'select id from connection'
        : `select c.id from connection c join workload w on w.id in (c.client_workload, c.server_workload)
           where w.name like 'shop-%'`;

    beforeAll(async () => {
      const capture = join(scratch.path, 'shop.dhr');
      try {
        await shop.run('prepare');
        // Other namespaces may use these ports as well. Containers have none before they start: what
        // is not the shop's is left out by name below.
        const netns = mode === 'netns' ? shop.namespaces() : [];
        await recordWhile({ out: capture, ports: PORTS, netns }, async () => {
          await shop.run('start');
          await shop.run('job', [1]);
          answered += answeredBy(await shop.run('load', [3, 1], LOAD));
          await shop.run('slow', [100, 2]);
          await shop.run('job', [2]);
          answered += answeredBy(await shop.run('load', [2, 2], LOAD));
          // For as long as a load lasts, however long its container takes to start.
          await shop.run('refuse', [120]);
          answered += answeredBy(await shop.run('load', [1, 3], LOAD));
          await shop.run('serve');
          answered += answeredBy(await shop.run('load', [2, 4], LOAD));
          await shop.run('job', [3]);
          await shop.run('down');
        });
      } finally {
        await shop.run('down');
      }
      truth = shop.truth();
      execFileSync('node', [CLI, 'analyze', capture], { stdio: ['ignore', 'ignore', 'inherit'] });
      db = new Database(join(scratch.path, 'shop.sqlite'), { readonly: true });
    }, 180_000);

    afterAll(() => {
      db?.close();
      scratch.remove();
    });

    it('lost nothing and is whole', () => {
      expect(query('select verdict, lost from capture')).toEqual([
        { verdict: 'complete', lost: 0 },
      ]);
    });

    it('shows exactly the connections that the services made', () => {
      const seen = query(
        `select e.client, e.server, e.port, coalesce(c.errno, 'established') as result,
                count(*) as connections
         from connection c join edge e on e.id = c.edge where c.id in (${ofTheShop})
         group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
      );
      const made = countOpened(truth).map((row) => ({
        ...row,
        client: nameIn(mode, row.client),
        server: nameIn(mode, row.server),
      }));
      expect(made.map((row) => `${row.client} -> ${row.server} ${row.result}`)).toContain(
        'job -> orders established',
      );
      expect(seen).toEqual(made);
    });

    it('saw both ends of every connection that was made', () => {
      const halves = query(
        `select e.client, e.server, c.verdict from connection c join edge e on e.id = c.edge
         where c.errno is null and not c.paired and c.id in (${ofTheShop})`,
      );
      expect(halves).toEqual([]);
    });

    it('counts each request between the services once', () => {
      const requests = countRequests(truth);
      expect(requests.find((row) => row.server === 'gateway')?.requests).toBe(answered);
      const seen = query(`select client, server, sum(exchanges) as requests from edge
           where port between 8080 and 8083 group by 1, 2 order by 1, 2`);
      expect(seen).toEqual(requests);
    });

    it('calls refused what inventory refused, on that edge and in that time only', () => {
      const refused = truth
        .flatMap(({ opened }) => opened)
        .filter(({ result }) => result === 'ECONNREFUSED');
      expect(refused.length).toBeGreaterThan(0);
      const seen = query(`select e.client, e.server, count(*) as connections,
                  min(c.opened_ns) / 1e6 + k.started_ms as first,
                  max(c.opened_ns) / 1e6 + k.started_ms as last
           from connection c join edge e on e.id = c.edge,
                (select unixepoch(started_utc, 'subsec') * 1000 as started_ms from capture) k
           where c.verdict = 'refused' group by 1, 2`) as {
        client: string;
        first: number;
        last: number;
      }[];
      expect(seen).toMatchObject([
        { client: 'orders', server: 'inventory', connections: refused.length },
      ]);
      // Two clocks and a timer lie between what the service noted and what the kernel did.
      const slack = 250;
      expect(seen[0]!.first).toBeGreaterThan(Math.min(...refused.map(({ at }) => at)) - slack);
      expect(seen[0]!.last).toBeLessThan(Math.max(...refused.map(({ at }) => at)) + slack);
    });
  });
});

/** The count of answers that the load printed. */
function answeredBy(printed: string): number {
  const last = printed.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { answered: number }).answered;
}
